import Credence

/// Predictions of a head for blocks of rows, with the uncertainty of each.
struct Classifier {
    /// Rows at a time: a multiple of the transductive batch, small enough that memory stays far below its bound.
    static let blockRows = 2048

    let head: any Head
    /// Classes told for each row.
    let topK: Int
    private let way: PredictiveProbabilities
    private let sets: PredictionSets?

    init(head: any Head, topK: Int, calibration: Calibration? = nil, sets: PredictionSets? = nil) {
        self.head = head
        self.topK = min(topK, head.classNames.count)
        self.sets = sets
        way = PredictiveProbabilities(method: head.predictive, calibration: calibration)
    }

    func predictions(for block: FeatureBlock) throws -> PredictionBlock {
        let posterior = try head.posterior(for: block.features)
        var (probabilities, uncertainty) = posterior.prediction(head.predictive)
        if way.calibration != nil { probabilities = way(posterior, probabilities).exp() }
        let figures = posterior.rowUncertainty(probabilities, uncertainty)
        var (classes, values) = (figures.winner, zip(figures.winner, 0...).map { probabilities[$1, $0] })
        if topK > 1 {
            let columns = probabilities.columns
            probabilities.withUnsafeElements { elements in
                let best = (0..<block.count).map {
                    Self.best(topK, of: UnsafeBufferPointer(rebasing: elements[$0 * columns..<($0 + 1) * columns]))
                }
                values = best.enumerated().flatMap { row, places in places.map { elements[row * columns + $0] } }
                classes = best.flatMap { $0 }
            }
        }
        let rows = 0..<block.count
        return PredictionBlock(
            firstRow: block.firstRow, count: block.count, classes: classes, probability: values,
            entropy: uncertainty.total, aleatoric: uncertainty.aleatoric, epistemic: uncertainty.epistemic,
            energy: figures.energy, margin: figures.margin, variance: figures.winnerVariance,
            sets: sets.map { sets in rows.map { sets.set(probabilities.row($0)) } },
            abstains: sets.flatMap { sets in
                sets.largest == nil ? nil : rows.map { sets.abstains(probabilities.row($0)) ?? false }
            },
            probabilities: probabilities)
    }

    /// The positions of the `count` largest values, largest first; of equal values the first comes first. O(values ·
    /// count), which for few is less than sorting.
    static func best(_ count: Int, of values: UnsafeBufferPointer<Float>) -> [Int] {
        var best: [Int] = []
        best.reserveCapacity(count + 1)
        var least = -Float.infinity
        for index in values.indices {
            if best.count == count, values[index] <= least { continue }
            let place = best.firstIndex { values[index] > values[$0] } ?? best.endIndex
            best.insert(index, at: place)
            if best.count > count { best.removeLast() }
            if best.count == count, let last = best.last { least = values[last] }
        }
        return best
    }
}
