import Foundation
import Matrices

/// Metrics of predicted probabilities over a whole set of rows, taken block by block.
///
/// ```swift
/// var metrics = ClassificationMetrics()
/// for block in blocks { try metrics.add(probabilities: block.probabilities, labels: block.labels) }
/// print(metrics.accuracy, metrics.ece, metrics.nll, metrics.brier)
/// ```
/// Sums are in Double, in the order of rows: however rows are cut into blocks, the result has the same bits. Every
/// figure is `nil` while there are no rows.
public struct ClassificationMetrics: Sendable, Hashable {
    /// Rows so far.
    public private(set) var count = 0
    /// By confidence, the largest probability of each row.
    public private(set) var calibration: CalibrationBins
    private var correct = 0
    private var negativeLogLikelihood = 0.0
    private var squares = 0.0
    /// How often the label was at rank 1, 2, …
    private var ranks: [Int] = []

    public init(bins: Int = 15, rule: CalibrationBins.Rule = .lowerEdge) {
        calibration = CalibrationBins(bins: bins, rule: rule)
    }

    /// Counts rows in.
    ///
    /// - Parameters:
    ///   - probabilities: `[rows, classes]`, each row at least 0 and summing to 1.
    ///   - logProbabilities: the same in logarithms where they are known better than by log(probabilities), `[rows,
    ///     classes]`.
    ///   - labels: the right class of each row, an index of a column.
    /// - Throws: `MetricsError`; nothing of the block is then counted.
    public mutating func add(
        probabilities: Matrix<Float>, logProbabilities: Matrix<Float>? = nil, labels: [Int]
    ) throws(MetricsError) {
        guard labels.count == probabilities.rows else {
            throw .rowCount(rows: probabilities.rows, labels: labels.count)
        }
        precondition(
            logProbabilities.map { $0.rows == probabilities.rows && $0.columns == probabilities.columns } ?? true,
            "probabilities and their logarithms have different shapes")
        let classes = probabilities.columns
        let p = probabilities.pointer
        for (row, label) in labels.enumerated() {
            guard label >= 0 && label < classes else {
                throw .labelOutOfRange(row: count + row, label: label, classes: classes)
            }
            for k in 0..<classes where !(p[row * classes + k] >= 0 && p[row * classes + k] <= 1.0001) {
                throw .notAProbability(row: count + row, column: k, value: p[row * classes + k])
            }
        }
        if ranks.count < classes { ranks += Array(repeating: 0, count: classes - ranks.count) }
        for (row, label) in labels.enumerated() {
            let values = p + row * classes
            let own = values[label]
            var (best, above, square) = (0, 0, 0.0)
            for k in 0..<classes {
                if values[k] > values[best] { best = k }
                if values[k] > own || (values[k] == own && k < label) { above += 1 }
                let difference = Double(values[k]) - (k == label ? 1 : 0)
                square += difference * difference
            }
            ranks[above] += 1
            if best == label { correct += 1 }
            squares += square
            negativeLogLikelihood -=
                logProbabilities.map { Double($0.pointer[row * classes + label]) } ?? log(Double(own))
            calibration.add(confidence: values[best], isCorrect: best == label)
        }
        withExtendedLifetime((probabilities, logProbabilities)) {}
        count += labels.count
    }

    private func mean(_ sum: Double) -> Double? { count == 0 ? nil : sum / Double(count) }

    /// The share of rows whose most probable class is the label; on a tie the first class is predicted. 0…1.
    public var accuracy: Double? { mean(Double(correct)) }

    /// The share of rows whose label is among the `k` most probable classes; on a tie the first classes come first.
    public func topAccuracy(_ k: Int) -> Double? {
        precondition(k > 0, "top \(k)")
        return mean(Double(ranks.prefix(k).reduce(0, +)))
    }

    /// Mean negative log-likelihood of the labels, nats a row; infinite where a label had probability 0.
    public var nll: Double? { mean(negativeLogLikelihood) }

    /// Brier score: squared distance to the label's unit vector, summed over classes, mean over rows. 0…2.
    public var brier: Double? { mean(squares) }

    /// Expected calibration error over all rows, 0…1; see `calibration` for the others.
    public var ece: Double? { calibration.expectedError }
}

/// What metrics refuse. Rows are numbered over all blocks.
public enum MetricsError: Error, Hashable, Sendable, CustomStringConvertible {
    case rowCount(rows: Int, labels: Int)
    case labelOutOfRange(row: Int, label: Int, classes: Int)
    case notAProbability(row: Int, column: Int, value: Float)

    public var description: String {
        switch self {
        case .rowCount(let rows, let labels): "\(rows) rows of probabilities and \(labels) labels"
        case .labelOutOfRange(let row, let label, let classes):
            "row \(row) has the label \(label), expected 0 to \(classes - 1)"
        case .notAProbability(let row, let column, let value):
            "row \(row), class \(column): \(value) is not a probability"
        }
    }
}
