import Foundation
import Matrices
import Prediction
import Probability

/// Collects `BenchmarkResults.Diagnostics` from predictions that come block by block.
///
/// Memory: 9 bytes for each of at most 100,000 sampled rows, a sample of log-probabilities of at most 16 MB, a bit and a
/// class for each of at most `RowOutcomes.mostRows` rows, and a number a confused pair of classes.
struct DiagnosticsTally {
    private var metrics = ClassificationMetrics(rule: .upperEdge)
    private var orderSample: Reservoir
    private var confidences: [Double] = []
    private var correct: [Bool] = []
    private var fitSample: Reservoir
    private var fitRows: [[Float]] = []
    private var fitLabels: [Int] = []
    private var confusions: [Pair: Int] = [:]
    private var rowsPerClass: [Int]
    private var rightPerClass: [Int]
    /// By place in the file; `nil` where there are too many rows.
    private var outcomes: [(place: Int, isRight: Bool, label: Int)]? = []

    private struct Pair: Hashable {
        let label: Int
        let predicted: Int
    }

    init(classes: Int, seed: UInt64) {
        orderSample = Reservoir(capacity: 100_000, seed: seed)
        fitSample = Reservoir(capacity: max(2, min(10_000, 4_000_000 / max(classes, 1))), seed: seed)
        rowsPerClass = Array(repeating: 0, count: classes)
        rightPerClass = rowsPerClass
    }

    /// Counts rows in.
    ///
    /// - Parameters:
    ///   - probabilities: `[rows, classes]`.
    ///   - logProbabilities: the same as logarithms where they are known better than by log(probabilities).
    ///   - places: where each row stands among all rows examined.
    mutating func add(
        probabilities: Matrix<Float>, logProbabilities: Matrix<Float>?, labels: [Int], places: [Int]
    ) throws {
        try metrics.add(probabilities: probabilities, logProbabilities: logProbabilities, labels: labels)
        let predicted = probabilities.rowArgmaxima()
        for (row, label) in labels.enumerated() {
            let isRight = predicted[row] == label
            rowsPerClass[label] += 1
            if isRight { rightPerClass[label] += 1 } else { confusions[Pair(label: label, predicted: predicted[row]), default: 0] += 1 }
            if let place = orderSample.offer() {
                Self.keep(Double(probabilities[row, predicted[row]]), at: place, in: &confidences)
                Self.keep(isRight, at: place, in: &correct)
            }
            if let place = fitSample.offer() {
                let logs = logProbabilities?.row(row)
                    ?? probabilities.row(row).map { Float(Foundation.log(Double(max($0, .leastNormalMagnitude)))) }
                Self.keep(logs, at: place, in: &fitRows)
                Self.keep(label, at: place, in: &fitLabels)
            }
            outcomes?.append((places[row], isRight, label))
        }
        if let count = outcomes?.count, count > RowOutcomes.mostRows { outcomes = nil }
    }

    private static func keep<Value>(_ value: Value, at place: Int, in values: inout [Value]) {
        if place == values.count { values.append(value) } else { values[place] = value }
    }

    /// - Parameter classNames: of the columns of the probabilities.
    func summary(classNames: [String]) -> BenchmarkResults.Diagnostics {
        BenchmarkResults.Diagnostics(
            reliability: metrics.calibration.points, calibrated: calibrated, riskCoverage: riskCoverage,
            confusion: confusion(classNames),
            outcomes: outcomes.map { outcomes in
                let sorted = outcomes.sorted { $0.place < $1.place }
                return RowOutcomes(
                    isRight: sorted.map(\.isRight), classNames: sorted.map { classNames[$0.label] })
            })
    }

    private var riskCoverage: [BenchmarkResults.RiskPoint] {
        let risks = SelectivePrediction(confidences: confidences, correct: correct).risks
        var points: [BenchmarkResults.RiskPoint] = []
        var last = 0
        for step in 1...100 {
            let rows = (risks.count * step + 99) / 100
            guard rows > last else { continue }
            last = rows
            points.append(
                .init(coverage: (Double(rows) / Double(risks.count)).rounded4, risk: risks[rows - 1].rounded4))
        }
        return points
    }

    /// Each half of the sample corrected by the temperature of the other.
    private var calibrated: BenchmarkResults.Calibrated? {
        guard fitRows.count >= 100 else { return nil }
        let halves = [0, 1].map { half in fitRows.indices.filter { $0 % 2 == half } }
        func logs(_ half: Int) -> Matrix<Double> {
            Matrix(halves[half].map { fitRows[$0].map { Double(max($0, -1e4)) } })
        }
        func labels(_ half: Int) -> [Int] { halves[half].map { fitLabels[$0] } }
        var (after, before) = (CalibrationBins(rule: .upperEdge), CalibrationBins(rule: .upperEdge))
        var temperatures: [Double] = []
        for half in [0, 1] {
            guard
                let fit = try? Calibration.fit(.temperature, logProbabilities: logs(1 - half), labels: labels(1 - half)),
                case .scaling(.temperature(let values, _)) = fit.map
            else { return nil }
            temperatures += values.map(\.rounded4)
            let plain = logs(half)
            let corrected = fit.logProbabilities(plain)
            for (row, label) in labels(half).enumerated() {
                for (values, isAfter) in [(plain.row(row), false), (corrected.row(row), true)] {
                    var best = 0
                    for (k, value) in values.enumerated() where value > values[best] { best = k }
                    let confidence = Float(Foundation.exp(values[best]))
                    if isAfter {
                        after.add(confidence: confidence, isCorrect: best == label)
                    } else {
                        before.add(confidence: confidence, isCorrect: best == label)
                    }
                }
            }
        }
        return .init(
            rows: fitRows.count, reliability: after.points, ece: after.expectedError, eceBefore: before.expectedError,
            temperatures: temperatures)
    }

    /// The twelve classes at most that are in the largest confusions, both directions together, in the order of columns.
    private func confusion(_ names: [String]) -> BenchmarkResults.Confusion? {
        var both: [Pair: Int] = [:]
        for (pair, count) in confusions {
            both[Pair(label: min(pair.label, pair.predicted), predicted: max(pair.label, pair.predicted)), default: 0] += count
        }
        var chosen: Set<Int> = []
        for (pair, _) in both.sorted(by: { (-$0.value, $0.key.label, $0.key.predicted) < (-$1.value, $1.key.label, $1.key.predicted) }) {
            guard chosen.union([pair.label, pair.predicted]).count <= 12 else { break }
            chosen.formUnion([pair.label, pair.predicted])
        }
        guard !chosen.isEmpty else { return nil }
        let order = chosen.sorted()
        return .init(
            classes: order.map { names[$0] },
            counts: order.map { label in
                order.map { label == $0 ? rightPerClass[label] : confusions[Pair(label: label, predicted: $0)] ?? 0 }
            },
            rows: order.map { rowsPerClass[$0] })
    }
}

extension CalibrationBins {
    /// The bins that hold rows.
    fileprivate var points: [BenchmarkResults.ReliabilityBin] {
        counts.indices.filter { counts[$0] > 0 }.map { bin in
            let rows = Double(counts[bin])
            return .init(
                rows: counts[bin], confidence: (confidenceSums[bin] / rows).rounded4,
                accuracy: (Double(correct[bin]) / rows).rounded4)
        }
    }
}

extension Double {
    /// Four digits after the point: enough for a chart.
    var rounded4: Double { (self * 1e4).rounded() / 1e4 }
}
