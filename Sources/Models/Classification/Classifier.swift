import FeatureData
import Matrices
import Prediction

/// Predictions of a head for blocks of rows, with the uncertainty of each.
///
/// A row's prediction is the same to the bit whatever rows are asked for with it (`RowTiles`), unless the head itself looks
/// at the other rows.
public struct Classifier: Sendable {
    /// Rows worth reading at a time: a multiple of a tile and of the transductive batch, small enough that memory stays far
    /// below its bound.
    public static let blockRows = 2048

    public let head: any Head
    /// Classes told for each row.
    public let topK: Int
    private let way: PredictiveProbabilities
    private let sets: PredictionSets?

    public init(head: any Head, topK: Int, calibration: Calibration? = nil, sets: PredictionSets? = nil) {
        self.head = head
        self.topK = min(topK, head.classNames.count)
        self.sets = sets
        way = PredictiveProbabilities(method: head.predictive, calibration: calibration)
    }

    /// - Throws: what the head throws.
    public func predictions(for block: FeatureBlock) throws -> PredictionBlock {
        try predictions(for: block.features, firstRow: block.firstRow)
    }

    /// - Parameter features: rows of unit length `[rows, D]`.
    /// - Throws: what the head throws.
    public func predictions(for features: Matrix<Float>, firstRow: Int = 0) throws -> PredictionBlock {
        guard head.answersRowByRow else {
            return try predictions(of: features, count: features.rows, firstRow: firstRow)
        }
        let tiles = try RowTiles.map(features) { tile, count in try predictions(of: tile, count: count, firstRow: 0) }
        return PredictionBlock(joining: tiles, firstRow: firstRow, classes: head.classNames.count)
    }

    /// Of the first `count` rows.
    private func predictions(of features: Matrix<Float>, count: Int, firstRow: Int) throws -> PredictionBlock {
        let posterior = try head.posterior(for: features)
        var (probabilities, uncertainty) = posterior.prediction(head.predictive)
        if way.calibration != nil { probabilities = way(posterior, probabilities).exp() }
        let figures = posterior.rowUncertainty(probabilities, uncertainty)
        if count < features.rows { probabilities = probabilities.rows(0..<count) }
        var (classes, values) = (Array(figures.winner.prefix(count)), [Float]())
        if topK > 1 {
            let columns = probabilities.columns
            probabilities.withUnsafeElements { elements in
                let best = (0..<count).map {
                    Self.best(topK, of: UnsafeBufferPointer(rebasing: elements[$0 * columns..<($0 + 1) * columns]))
                }
                values = best.enumerated().flatMap { row, places in places.map { elements[row * columns + $0] } }
                classes = best.flatMap { $0 }
            }
        } else {
            values = classes.enumerated().map { probabilities[$0, $1] }
        }
        func first(_ values: [Float]) -> [Float] { count == values.count ? values : Array(values.prefix(count)) }
        let rows = 0..<count
        return PredictionBlock(
            firstRow: firstRow, count: count, classes: classes, probability: values,
            entropy: first(uncertainty.total), aleatoric: first(uncertainty.aleatoric),
            epistemic: first(uncertainty.epistemic), energy: first(figures.energy), margin: first(figures.margin),
            variance: first(figures.winnerVariance),
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
