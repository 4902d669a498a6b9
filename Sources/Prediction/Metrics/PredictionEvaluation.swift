import Foundation
import Matrices
import Probability

/// All figures of predicted probabilities against labels over a whole set, taken block by block.
///
/// Measures that need the rows in order (equally full bins, ECE-sweep, risk against coverage, Murphy's parts) and the
/// intervals come from a random sample of at most `sampleRows` rows, 25 bytes each; with no more rows than that they are
/// exact. Everything else counts every row. So memory has a bound whatever the number of rows.
public struct PredictionEvaluation: Sendable {
    private var metrics: ClassificationMetrics
    private var confidenceSums = (values: 0.0, squares: 0.0)
    /// Which rows the lists hold.
    private var reservoir: Reservoir
    private var confidences: [Double] = []
    private var correct: [Bool] = []
    private var losses: [Double] = []
    private var squares: [Double] = []
    private var classBins: [CalibrationBins] = []
    private let bins: Int

    /// - Parameters:
    ///   - bins: of the calibration errors.
    ///   - sampleRows: the most rows to keep, at least 1.
    ///   - seed: of the choice of rows to keep.
    public init(bins: Int = 15, sampleRows: Int = 100_000, seed: UInt64 = 1) {
        precondition(bins > 0 && sampleRows > 0, "\(bins) bins, a sample of \(sampleRows) rows")
        self.bins = bins
        reservoir = Reservoir(capacity: sampleRows, seed: seed)
        metrics = ClassificationMetrics(bins: bins, rule: .upperEdge)
    }

    public var rows: Int { metrics.count }
    /// All rows by confidence, in equally wide bins.
    public var reliability: CalibrationBins { metrics.calibration }
    /// Risk against coverage of the rows kept. O(rows kept · log).
    public var selectivePrediction: SelectivePrediction {
        SelectivePrediction(confidences: confidences, correct: correct)
    }

    /// Counts rows in.
    ///
    /// - Parameter logProbabilities: `[rows, classes]`, nats.
    /// - Throws: `MetricsError`; nothing of the block is then counted.
    public mutating func add(logProbabilities: Matrix<Float>, labels: [Int]) throws(MetricsError) {
        let probabilities = logProbabilities.exp()
        try metrics.add(probabilities: probabilities, logProbabilities: logProbabilities, labels: labels)
        let classes = probabilities.columns
        while classBins.count < classes { classBins.append(CalibrationBins(bins: bins, rule: .upperEdge)) }
        let best = probabilities.rowArgmaxima()
        for (row, label) in labels.enumerated() {
            let values = probabilities.row(row)
            let confidence = min(1, Double(values[best[row]]))
            var square = 0.0
            for (k, value) in values.enumerated() {
                let difference = Double(value) - (k == label ? 1 : 0)
                square += difference * difference
                classBins[k].add(confidence: value, isCorrect: k == label)
            }
            confidenceSums.values += confidence
            confidenceSums.squares += confidence * confidence
            keep(confidence, best[row] == label, -Double(logProbabilities[row, label]), square)
        }
    }

    private mutating func keep(_ confidence: Double, _ isCorrect: Bool, _ loss: Double, _ square: Double) {
        guard let place = reservoir.offer() else { return }
        if place == correct.count {
            confidences.append(confidence)
            correct.append(isCorrect)
            losses.append(loss)
            squares.append(square)
        } else {
            (confidences[place], correct[place], losses[place], squares[place]) = (confidence, isCorrect, loss, square)
        }
    }

    /// The figures; `nil` without rows.
    ///
    /// - Parameters:
    ///   - draws: resamples for the intervals; 0 for none. O(draws · rows kept · log).
    ///   - seed: of the resamples.
    public func summary(draws: Int = 0, seed: UInt64 = 1) -> PredictionSummary? {
        guard let accuracy = metrics.accuracy, let top5 = metrics.topAccuracy(5), let nll = metrics.nll,
            let brier = metrics.brier
        else { return nil }
        let width = ReliabilityBins(confidences: confidences, correct: correct, bins: bins)
        let mass = ReliabilityBins(confidences: confidences, correct: correct, bins: bins, binning: .equalMass)
        let selective = SelectivePrediction(confidences: confidences, correct: correct)
        let mean = confidenceSums.values / Double(rows)
        let classwise = classBins.compactMap(\.expectedError)
        guard let murphy = width.murphy else { return nil }
        return PredictionSummary(
            rows: rows, sampleRows: correct.count, classes: classBins.count, accuracy: accuracy, top5Accuracy: top5, nll: nll.isFinite ? nll : nil,
            brier: brier,
            confidence: mean, sharpness: max(0, confidenceSums.squares / Double(rows) - mean * mean),
            ece: metrics.ece, eceEqualMass: mass.expectedError, eceDebiased: mass.debiasedExpectedError,
            rmsceDebiased: mass.debiasedRootMeanSquare,
            eceSweep: ReliabilityBins.sweepError(confidences: confidences, correct: correct), mce: metrics.calibration.maximumError,
            classwiseEce: classwise.reduce(0, +) / Double(max(classwise.count, 1)),
            reliability: murphy.reliability, resolution: murphy.resolution, uncertainty: murphy.uncertainty,
            aurc: selective.area, eAurc: selective.excessArea,
            selectiveAccuracy: Dictionary(
                uniqueKeysWithValues: [0.5, 0.8, 0.9].map {
                    ("\($0)", selective.accuracy(atCoverage: $0) ?? .nan)
                }),
            intervals: draws > 0 ? intervals(draws: draws, seed: seed) : [:])
    }

    private func intervals(draws: Int, seed: UInt64) -> [String: BootstrapInterval] {
        var values: [String: [Double]] = [:]
        for rows in BootstrapInterval.draws(rows: correct.count, draws: draws, seed: seed) {
            let (c, a) = (rows.map { confidences[$0] }, rows.map { correct[$0] })
            let count = Double(rows.count)
            let mass = ReliabilityBins(confidences: c, correct: a, bins: bins, binning: .equalMass)
            let drawn: [(String, Double?)] = [
                ("accuracy", a.reduce(0) { $0 + ($1 ? 1 : 0) } / count),
                ("nll", rows.reduce(0) { $0 + losses[$1] } / count),
                ("brier", rows.reduce(0) { $0 + squares[$1] } / count),
                ("ece", ReliabilityBins(confidences: c, correct: a, bins: bins).expectedError),
                ("ece_debiased", mass.debiasedExpectedError),
                ("aurc", SelectivePrediction(confidences: c, correct: a).area),
            ]
            for (name, value) in drawn { if let value { values[name, default: []].append(value) } }
        }
        return values.compactMapValues { BootstrapInterval(values: $0) }
    }
}

/// The figures of one set of predictions. Entropies and likelihoods in nats, everything else a share.
public struct PredictionSummary: Sendable, Hashable, Codable {
    public var rows: Int
    /// The rows that measures of the rows' order and the intervals come from.
    public var sampleRows: Int
    public var classes: Int
    public var accuracy: Double
    public var top5Accuracy: Double
    /// `nil` where a label had probability 0: it is infinite.
    public var nll: Double?
    /// Summed over classes, 0…2.
    public var brier: Double
    /// The mean largest probability, and the variance of the largest probabilities over rows.
    public var confidence: Double
    public var sharpness: Double
    /// Expected calibration errors: equally wide bins, equally full ones ("adaptive"), and the latter less its bias; the
    /// debiased root mean square; as many bins as keep their order; the largest gap; the mean over classes.
    public var ece: Double?
    public var eceEqualMass: Double?
    public var eceDebiased: Double?
    public var rmsceDebiased: Double?
    public var eceSweep: Double?
    public var mce: Double?
    public var classwiseEce: Double
    /// Murphy's parts of the squared error of confidence against correctness.
    public var reliability: Double
    public var resolution: Double
    public var uncertainty: Double
    /// Area under the risk–coverage curve, and what it is above the best possible.
    public var aurc: Double?
    public var eAurc: Double?
    /// Accuracy on the most confident share of rows, by share.
    public var selectiveAccuracy: [String: Double]
    /// Percentile intervals, 95 %, of accuracy, nll, brier, ece, ece_debiased and aurc. Resampled rows have a larger ECE
    /// than the rows themselves, so that the interval of a small one may lie above it. Of a sample they are too wide.
    public var intervals: [String: BootstrapInterval]
}
