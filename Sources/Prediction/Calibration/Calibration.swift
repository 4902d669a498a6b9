import Foundation
import Matrices

/// A correction of a head's probabilities, fitted on held-out rows and kept with the model.
///
/// It works on the logarithms of the predictive probabilities, whatever head and `PredictiveMethod` they come from: the
/// uncertainty of the logits is then already in them.
///
/// ```swift
/// let logs = posterior.logProbabilities(head.predictive)
/// let calibration = try Calibration.fit(.temperature, logProbabilities: logs, labels: labels)
/// let calibrated = calibration.logProbabilities(logs)
/// ```
public struct Calibration: Sendable, Equatable {
    /// The map itself.
    public enum Map: Sendable, Equatable {
        /// All classes together, by a linear map of the log-probabilities.
        case scaling(LogitScaling)
        /// Each class against the rest, then divided by the row's sum.
        case oneVersusRest([BinaryMap])
    }

    /// What a calibration was fitted on.
    public struct Source: Sendable, Hashable, Codable {
        public var rows: Int
        /// Of the rows and labels, to tell whether a set is the one it was fitted on.
        public var fingerprint: String
        /// Mean negative log-likelihood of those rows, nats, without and with the calibration.
        public var nllBefore: Double
        public var nllAfter: Double

        public init(rows: Int, fingerprint: String, nllBefore: Double, nllAfter: Double) {
            self.rows = rows
            self.fingerprint = fingerprint
            self.nllBefore = nllBefore
            self.nllAfter = nllAfter
        }
    }

    public let method: CalibrationMethod
    public let map: Map
    public var source: Source

    public init(method: CalibrationMethod, map: Map, source: Source) {
        self.method = method
        self.map = map
        self.source = source
    }

    public var classes: Int {
        switch map {
        case .scaling(let scaling): scaling.classes
        case .oneVersusRest(let maps): maps.count
        }
    }

    /// Calibrated log-probabilities `[rows, classes]`; each row's probabilities sum to 1. A row depends on itself alone.
    ///
    /// A row to which every class's own map gives 0 keeps its probabilities.
    public func logProbabilities(_ logProbabilities: Matrix<Double>) -> Matrix<Double> {
        precondition(
            logProbabilities.columns == classes,
            "\(logProbabilities.columns) classes, the calibration is for \(classes)")
        switch map {
        case .scaling(let scaling): return scaling(logProbabilities).logSoftmax()
        case .oneVersusRest(let maps):
            var result = logProbabilities
            for row in 0..<result.rows {
                let values = zip(maps, Self.logOdds(logProbabilities.row(row))).map { $0(logOdds: $1) }
                let total = values.reduce(0, +)
                guard total > 0 else { continue }
                for (k, value) in values.enumerated() { result[row, k] = log(value / total) }
            }
            return result
        }
    }

    /// As above, from and to Float.
    public func logProbabilities(_ logProbabilities: Matrix<Float>) -> Matrix<Float> {
        let values: Matrix<Double> = logProbabilities.converted()
        return self.logProbabilities(values).converted()
    }

    /// log p_k − log Σ of the others, finite: the others' sum is not formed as 1 − p.
    static func logOdds(_ logProbabilities: [Double]) -> [Double] {
        let count = logProbabilities.count
        // Sums of all before and of all after a class, so that a row costs O(classes).
        var after = [Double](repeating: -.infinity, count: count + 1)
        for k in stride(from: count - 1, through: 0, by: -1) { after[k] = logSumOf(after[k + 1], logProbabilities[k]) }
        var before = -Double.infinity
        return logProbabilities.indices.map { k in
            let others = logSumOf(before, after[k + 1])
            before = logSumOf(before, logProbabilities[k])
            return min(max(logProbabilities[k] - others, -700), 700)
        }
    }

    private static func logSumOf(_ a: Double, _ b: Double) -> Double {
        let (high, low) = (max(a, b), min(a, b))
        return low == -.infinity ? high : high + log1p(exp(low - high))
    }
}

/// How probabilities are corrected.
public enum CalibrationMethod: String, Sendable, Hashable, Codable, CaseIterable {
    /// One divisor of all log-probabilities: does not change which class is most probable.
    case temperature
    /// One divisor for the classes of each task.
    case taskTemperature = "task-temperature"
    /// A factor and an offset a class, held near 1 and 0.
    case vector
    /// A whole matrix, held near the identity.
    case matrix
    /// A whole matrix with only off-diagonal elements and offsets held near 0.
    case matrixODIR = "matrix-odir"
    /// Each class against the rest by a logistic curve.
    case platt
    /// Each class against the rest by a curve that can also be an inverse one.
    case beta
    /// Each class against the rest by a rising step function; needs many rows a class.
    case isotonic
    /// Each class against the rest by the shares in equal bins; needs many rows a class.
    case histogram
}

extension Calibration {
    /// The settings that some methods have.
    public struct Options: Sendable {
        /// λ of vector and matrix scaling, nats a row; where `nil` 0.001 for `vector`, 0.1 for `matrix` and
        /// classes · (classes − 1) for `matrixODIR`, which is 1 an element. Matrices want many rows a class.
        public var penalty: Double?
        /// Of `histogram`.
        public var bins: Int
        /// The task of each class, for `taskTemperature`; all classes are one task where empty.
        public var tasks: [Int]

        public init(penalty: Double? = nil, bins: Int = 15, tasks: [Int] = []) {
            self.penalty = penalty
            self.bins = bins
            self.tasks = tasks
        }
    }

    /// Fits a calibration to held-out rows.
    ///
    /// - Parameters:
    ///   - logProbabilities: of rows that the model did not learn from, `[rows, classes]`, finite.
    ///   - fingerprint: of the rows, for `source`.
    /// - Throws: `CalibrationError`.
    public static func fit(
        _ method: CalibrationMethod, logProbabilities: Matrix<Double>, labels: [Int], options: Options = Options(),
        fingerprint: String = ""
    ) throws(CalibrationError) -> Calibration {
        let (rows, classes) = (logProbabilities.rows, logProbabilities.columns)
        try CalibrationError.check(logProbabilities.elements, rows: rows, classes: classes, labels: labels)
        let map: Map
        switch method {
        case .temperature:
            map = .scaling(try LogitScaling.fitTemperature(logits: logProbabilities, labels: labels))
        case .taskTemperature:
            map = .scaling(
                try LogitScaling.fitTemperature(
                    logits: logProbabilities, labels: labels, groups: options.tasks.isEmpty ? nil : options.tasks))
        case .vector:
            map = .scaling(
                try LogitScaling.fitVector(logits: logProbabilities, labels: labels, penalty: options.penalty ?? 0.001))
        case .matrix:
            map = .scaling(
                try LogitScaling.fitMatrix(
                    logits: logProbabilities, labels: labels, penalty: .l2(options.penalty ?? 0.1)))
        case .matrixODIR:
            map = .scaling(
                try LogitScaling.fitMatrix(
                    logits: logProbabilities, labels: labels,
                    penalty: .offDiagonal(options.penalty ?? Double(classes * max(classes - 1, 1)))))
        case .platt: map = try fitEach(.platt, logProbabilities, labels)
        case .beta: map = try fitEach(.beta, logProbabilities, labels)
        case .isotonic: map = try fitEach(.isotonic, logProbabilities, labels)
        case .histogram: map = try fitEach(.histogram(bins: options.bins), logProbabilities, labels)
        }
        var result = Calibration(
            method: method, map: map,
            source: Source(
                rows: rows, fingerprint: fingerprint, nllBefore: nll(logProbabilities.logSoftmax(), labels), nllAfter: 0
            ))
        result.source.nllAfter = nll(result.logProbabilities(logProbabilities), labels)
        return result
    }

    private static func fitEach(
        _ kind: BinaryMap.Kind, _ logProbabilities: Matrix<Double>, _ labels: [Int]
    ) throws(CalibrationError) -> Map {
        let odds = (0..<logProbabilities.rows).map { logOdds(logProbabilities.row($0)) }
        var maps: [BinaryMap] = []
        for k in 0..<logProbabilities.columns {
            maps.append(
                try BinaryMap.fit(kind, logOdds: odds.map { $0[k] }, labels: labels.map { $0 == k }, class: k))
        }
        return .oneVersusRest(maps)
    }

    private static func nll(_ logProbabilities: Matrix<Double>, _ labels: [Int]) -> Double {
        labels.enumerated().reduce(0) { $0 - logProbabilities[$1.offset, $1.element] } / Double(labels.count)
    }
}
