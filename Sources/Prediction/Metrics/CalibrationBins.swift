/// Equal-width bins of confidence, filled row by row: the basis of the calibration errors (Guo et al. 2017,
/// arXiv:1706.04599).
public struct CalibrationBins: Sendable, Hashable {
    /// Which bin a confidence c belongs to; the two differ on the edges alone.
    public enum Rule: Sendable, Hashable {
        /// Bin b holds b/n ≤ c < (b + 1)/n with the edges in Float; c = 1 has a bin of its own. As torchmetrics counts.
        case lowerEdge
        /// Bin b holds b/n < c ≤ (b + 1)/n, the first also c = 0: the definition in the literature.
        case upperEdge
    }

    public let bins: Int
    public let rule: Rule
    /// Rows of each bin; with `lowerEdge` one more bin than `bins`, for c = 1.
    public private(set) var counts: [Int]
    /// The sum of confidences of each bin.
    public private(set) var confidenceSums: [Double]
    /// Right predictions of each bin.
    public private(set) var correct: [Int]
    private let edges: [Float]

    public init(bins: Int = 15, rule: Rule = .lowerEdge) {
        precondition(bins > 0, "\(bins) bins")
        self.bins = bins
        self.rule = rule
        let places = rule == .lowerEdge ? bins + 1 : bins
        counts = Array(repeating: 0, count: places)
        confidenceSums = Array(repeating: 0, count: places)
        correct = counts
        // Equal steps from both ends towards the middle, each product rounded once: what torch's linspace gives.
        let step = Float(1) / Float(bins)
        edges = (0...bins).map { 2 * $0 < bins + 1 ? step * Float($0) : 1 - step * Float(bins - $0) }
    }

    /// Counts one prediction. `confidence` is a probability, rounding above 1 is taken as 1.
    public mutating func add(confidence: Float, isCorrect: Bool) {
        let confidence = min(1, max(0, confidence))
        var bin = min(bins, Int(confidence * Float(bins)))
        switch rule {
        case .lowerEdge:
            while bin > 0, confidence < edges[bin] { bin -= 1 }
            while bin < bins, confidence >= edges[bin + 1] { bin += 1 }
        case .upperEdge:
            while bin > 0, confidence <= edges[bin] { bin -= 1 }
            while bin < bins - 1, confidence > edges[bin + 1] { bin += 1 }
        }
        counts[bin] += 1
        confidenceSums[bin] += Double(confidence)
        if isCorrect { correct[bin] += 1 }
    }

    /// Adds the counts of another, with the same bins and rule.
    public mutating func merge(_ other: CalibrationBins) {
        precondition(bins == other.bins && rule == other.rule, "bins of different kinds")
        for bin in counts.indices {
            counts[bin] += other.counts[bin]
            confidenceSums[bin] += other.confidenceSums[bin]
            correct[bin] += other.correct[bin]
        }
    }

    private var total: Int { counts.reduce(0, +) }

    /// |mean confidence − accuracy| of each bin with rows, and its share of the rows.
    private var gaps: [(gap: Double, share: Double)] {
        let total = Double(total)
        return counts.indices.filter { counts[$0] > 0 }.map { bin in
            let count = Double(counts[bin])
            return (abs(confidenceSums[bin] - Double(correct[bin])) / count, count / total)
        }
    }

    /// Expected calibration error: the mean gap, weighted by rows; `nil` without rows. 0…1.
    public var expectedError: Double? { total == 0 ? nil : gaps.reduce(0) { $0 + $1.gap * $1.share } }
    /// The root of the weighted mean squared gap.
    public var rootMeanSquareError: Double? {
        total == 0 ? nil : gaps.reduce(0) { $0 + $1.gap * $1.gap * $1.share }.squareRoot()
    }
    /// The largest gap.
    public var maximumError: Double? { gaps.map(\.gap).max() }
}
