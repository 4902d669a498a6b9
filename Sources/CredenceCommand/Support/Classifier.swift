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

    func predictions(for block: FeatureBlock) throws -> [RowPrediction] {
        let posterior = try head.posterior(for: block.features)
        var (probabilities, uncertainty) = posterior.prediction(head.predictive)
        if way.calibration != nil { probabilities = way(posterior, probabilities).exp() }
        let energy = try Energy().scores(for: posterior)
        return (0..<block.count).map { row in
            let values = probabilities.row(row)
            return RowPrediction(
                row: block.firstRow + row,
                top: Self.best(topK, of: values).map { (head.classNames[$0], values[$0]) },
                entropy: uncertainty.total[row], aleatoric: uncertainty.aleatoric[row],
                epistemic: uncertainty.epistemic[row], energy: energy[row],
                set: sets.map { sets in sets.set(values).map { head.classNames[$0] } },
                abstains: sets?.abstains(values))
        }
    }

    /// The positions of the `count` largest values, largest first; of equal values the first comes first. O(values ·
    /// count), which for few is less than sorting.
    static func best(_ count: Int, of values: [Float]) -> [Int] {
        var best: [Int] = []
        for index in values.indices {
            if best.count == count, let last = best.last, values[index] <= values[last] { continue }
            let place = best.firstIndex { values[index] > values[$0] } ?? best.endIndex
            best.insert(index, at: place)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
