import Foundation
import Matrices
import Prediction

/// One Gaussian a task over unit-length feature rows, as DIKI keeps them (Tang et al. 2024, arXiv:2407.05342, section 3.4).
///
/// In Double, since covariances of features have condition numbers near 10⁷. 8·D² bytes a task.
public struct TaskDensities: Sendable {
    /// How a task's covariance comes from its rows.
    public enum Covariance: Sendable, Equatable, Codable {
        /// Unbiased, plus a multiple of the identity, above 0; 1e-7 in DIKI.
        case ridged(Double)
        /// Unbiased, shrunk towards a multiple of the identity by the rule of Ledoit and Wolf (2004): also where rows are
        /// fewer than dimensions.
        case shrunk
    }

    public let dimension: Int
    public let covariance: Covariance
    /// In the order in which they were added.
    private(set) var gaussians: [TaskGaussian]

    /// No task yet.
    public init(dimension: Int, covariance: Covariance = .shrunk) {
        if case .ridged(let ridge) = covariance { precondition(ridge > 0, "a ridge of \(ridge)") }
        self.init(dimension: dimension, covariance: covariance, gaussians: [])
    }

    init(dimension: Int, covariance: Covariance, gaussians: [TaskGaussian]) {
        (self.dimension, self.covariance, self.gaussians) = (dimension, covariance, gaussians)
    }

    /// The number of tasks.
    public var count: Int { gaussians.count }

    /// The mean of a task's rows, `[D]`.
    public func mean(ofTask task: Int) -> [Double] { gaussians[task].mean }

    /// Adds a task from its unit-length `rows` `[rows, D]`. O(rows · D² + D³).
    ///
    /// - Throws: `LinearAlgebraError` where the covariance has no Cholesky factor.
    public mutating func add(_ rows: Matrix<Float>) throws {
        precondition(rows.columns == dimension && rows.rows > 0, "rows [\(rows.rows), \(rows.columns)] of \(dimension)")
        gaussians.append(try TaskGaussian(rows, covariance))
    }

    /// log N(x; μ, Σ) of each row and task, in nats, `[rows, tasks]`. O(tasks · D²) a row.
    public func logDensities(_ features: Matrix<Float>) -> Matrix<Double> {
        precondition(features.columns == dimension, "rows of length \(features.columns), not \(dimension)")
        var result = Matrix<Double>(rows: features.rows, columns: count)
        let blockRows = 1024
        for start in stride(from: 0, to: features.rows, by: blockRows) {
            let block = Matrix<Double>(features.rows(start..<min(start + blockRows, features.rows)))
            for (task, gaussian) in gaussians.enumerated() {
                for (row, value) in gaussian.logDensities(block).enumerated() { result[start + row, task] = value }
            }
        }
        return result
    }
}

/// A Gaussian with all of its covariance.
struct TaskGaussian: Sendable {
    /// `[D]`.
    let mean: [Double]
    /// L⁻¹ `[D, D]`, L·Lᵀ being the covariance.
    let whitening: Matrix<Double>
    /// log det of the covariance.
    let logDeterminant: Double

    init(mean: [Double], whitening: Matrix<Double>, logDeterminant: Double) {
        (self.mean, self.whitening, self.logDeterminant) = (mean, whitening, logDeterminant)
    }

    init(_ rows: Matrix<Float>, _ kind: TaskDensities.Covariance) throws {
        let rows = Matrix<Double>(rows)
        let mean = rows.columnMeans()
        let residuals = rows.adding(row: mean.map { -$0 })
        let freedom = max(rows.rows - 1, 1)
        var covariance = residuals.gram(scaledBy: 1 / Double(freedom))
        switch kind {
        case .ridged(let ridge):
            for d in 0..<covariance.rows { covariance[d, d] += ridge }
        case .shrunk:
            // Rows that do not differ at all have no scale; unit length gives one.
            let target =
                covariance.trace > 0
                ? CovarianceShrinkage.identity(of: covariance)
                : Matrix(diagonal: 1 / Double(covariance.rows), size: covariance.rows)
            let fourthMoment = residuals.rowSquaredNorms().reduce(0) { $0 + $1 * $1 }
            let weight = CovarianceShrinkage.intensity(
                covariance, target: target, fourthMoment: fourthMoment, degreesOfFreedom: rows.rows - 1)
            // Never quite 0, so that the result is positive definite.
            covariance = (1 - max(weight, 1e-6)) * covariance + max(weight, 1e-6) * target
        }
        let factor = try CholeskyFactorization(covariance)
        self.init(
            mean: mean, whitening: factor.solveFactor(Matrix(diagonal: 1, size: covariance.rows)),
            logDeterminant: factor.logDeterminant)
    }

    func logDensities(_ rows: Matrix<Double>) -> [Double] {
        let constant = Double(mean.count) * log(2 * Double.pi) + logDeterminant
        return rows.adding(row: mean.map { -$0 }).multiplied(by: whitening, .transposed).rowSquaredNorms()
            .map { -($0 + constant) / 2 }
    }
}
