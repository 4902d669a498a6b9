import Matrices

/// The rows whose class probabilities vary least between samples of the parameters, summed over classes (Jha et al. 2024,
/// arXiv:2403.19137: what the model is sure of). O(samples · rows · classes).
public struct VarianceExemplars: ScoredSelector {
    public init() {}

    public var name: String { "variance" }
    public var needsPosterior: Bool { true }

    public func scores(of candidates: ExemplarCandidates) throws -> [Double] {
        let samples = try candidates.logitSamples(for: self).map { $0.softmax() }
        guard samples.count > 1, let classes = samples.first?.columns, candidates.count > 0 else {
            return Array(repeating: 0, count: candidates.count)
        }
        // From the mean first, since sums of squares would lose the small variances of sure rows.
        var mean = Matrix<Double>(rows: candidates.count, columns: classes)
        for sample in samples { mean.add(sample) { value, _ in value } }
        mean = (1 / Double(samples.count)) * mean
        var squares = Matrix<Double>(rows: candidates.count, columns: classes)
        mean.withUnsafeElements { mean in
            for sample in samples { squares.add(sample) { value, place in (value - mean[place]) * (value - mean[place]) } }
        }
        return squares.rowSums().map { -$0 / Double(samples.count - 1) }
    }
}

extension Matrix<Double> {
    /// self += term(other's element, its place).
    @inline(__always)
    fileprivate mutating func add(_ other: Matrix<Float>, _ term: (Double, Int) -> Double) {
        withUnsafeMutableElements { sums in
            other.withUnsafeElements { values in
                for place in values.indices { sums[place] += term(Double(values[place]), place) }
            }
        }
    }
}

extension [Double] {
    /// Unbiased; 0 of fewer than two values.
    var variance: Double {
        guard count > 1 else { return 0 }
        let mean = reduce(0, +) / Double(count)
        return reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    }
}
