import Foundation
import Matrices
import Prediction

/// A gate that says with what probability a row belongs to a learnt class:
///
/// log odds = constant + density · a(x) + text · b(x),
///
/// where a is the largest of the tasks' log densities, each on the scale of rows of that task that the head has not seen
/// (mean 0, deviation 1 there), and b is the lead of zero-shot's best learnt class over its best candidate. The three
/// coefficients are fitted on rows kept back, one task after another taken for unknown, so that rows of unknown classes
/// are answered right as often as by zero-shot alone (`Coefficients.fit`).
///
/// Among the learnt classes the head's posterior stays as it is, among the candidates zero-shot's: the gate only sets the
/// odds between the two groups, the learnt one counted as the sum of E[exp z].
public struct CalibratedGate: CandidateGate {
    /// What is fitted.
    public struct Coefficients: Sendable, Equatable, Codable {
        /// In nats.
        public var constant: Double
        /// Nats a standard deviation of the log density, not negative.
        public var density: Double
        /// Nats a logit of zero-shot, not negative.
        public var text: Double

        public init(constant: Double, density: Double, text: Double) {
            (self.constant, self.density, self.text) = (constant, density, text)
        }

        /// Where nothing could be fitted: near what is fitted on the sets of Benchmarks/README.md.
        public static let standard = Coefficients(constant: 1, density: 0.6, text: 0.5)
    }

    /// Where the log densities of a task's own unseen rows lie, in nats.
    public struct Scale: Sendable, Equatable, Codable {
        public var mean: Double
        /// Above 0.
        public var deviation: Double

        public init(mean: Double, deviation: Double) { (self.mean, self.deviation) = (mean, deviation) }
    }

    public let densities: TaskDensities
    /// One a task of `densities`.
    public let scales: [Scale]
    public let coefficients: Coefficients
    /// Added to the log odds: the logarithm of the odds that a row is of a learnt class before it is seen; 0 for even.
    public var priorLogOdds = 0.0

    public init(densities: TaskDensities, scales: [Scale], coefficients: Coefficients = .standard) {
        precondition(scales.count == densities.count, "\(scales.count) scales for \(densities.count) tasks")
        (self.densities, self.scales, self.coefficients) = (densities, scales, coefficients)
    }

    /// The log odds, in nats, that each row is of a learnt class.
    public func logOdds(_ rows: GatedRows) -> [Double] {
        let typicality = Self.typicality(densities.logDensities(rows.features), scales)
        let leads = zip(rows.learnt.rowMaxima(), rows.candidates.rowMaxima()).map { Double($0 - $1) }
        return zip(typicality, leads).map {
            priorLogOdds + coefficients.constant + coefficients.density * $0 + coefficients.text * $1
        }
    }

    public func join(_ learnt: LogitPosterior, _ rows: GatedRows) -> LogitPosterior {
        let odds = logOdds(rows)
        let (head, text) = (learnt.logExpectedExponentials.logSumExp(), rows.candidates.logSumExp())
        let shift = odds.indices.map { Float(odds[$0]) + text[$0] - head[$0] }
        return .joining(learnt, shift: shift, candidates: rows.candidates)
    }

    /// The largest standardised log density of each row over some tasks, no lower than −30: beyond that a row is far
    /// from everything, and how far no longer matters.
    static func typicality(_ logDensities: Matrix<Double>, _ scales: [Scale], tasks: [Int]? = nil) -> [Double] {
        let tasks = tasks ?? Array(scales.indices)
        return (0..<logDensities.rows).map { row in
            tasks.reduce(-30) { best, task in
                max(best, (logDensities[row, task] - scales[task].mean) / scales[task].deviation)
            }
        }
    }
}

extension CalibratedGate.Scale {
    /// Of log densities of unseen rows; where there are fewer than two, that of draws from the Gaussian itself.
    init(_ logDensities: [Double], of gaussian: TaskGaussian) {
        let dimension = Double(gaussian.mean.count)
        guard logDensities.count > 1 else {
            self.init(
                mean: -(dimension * (1 + log(2 * Double.pi)) + gaussian.logDeterminant) / 2,
                deviation: (dimension / 2).squareRoot())
            return
        }
        let count = Double(logDensities.count)
        let mean = logDensities.reduce(0, +) / count
        let squares = logDensities.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        // Equal rows have no deviation; a nat is far below that of rows that differ.
        self.init(mean: mean, deviation: max((squares / (count - 1)).squareRoot(), 1))
    }
}
