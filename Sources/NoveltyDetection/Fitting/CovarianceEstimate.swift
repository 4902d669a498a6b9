import Foundation
import Matrices
import Prediction

/// How a covariance is estimated from known rows.
public enum CovarianceKind: Sendable, Hashable, Codable {
    /// Divided by the number of rows; where the rows are too few to fill all dimensions, shrunk as `shrunk` is, which
    /// the fit tells in a note.
    case automatic
    /// Shrunk towards a multiple of the identity by the rule of Ledoit and Wolf (2004,
    /// doi:10.1016/S0047-259X(03)00096-4).
    case shrunk
    /// The scatter, not divided, plus `ridge`·I: what the package pytorch-ood takes, with `ridge` 1e-6.
    case scatter(ridge: Double)
}

/// A covariance `[D, D]` and how it came about.
struct CovarianceEstimate: Sendable {
    let matrix: Matrix<Double>
    /// The weight of the identity, where it was shrunk.
    let shrinkage: Double?
    /// Rows less the means estimated from them, and D.
    let degreesOfFreedom: Int
    /// Whether it is divided by the number of rows.
    let isDivided: Bool

    /// Around the class means.
    static func within(_ rows: RowStatistics, _ kind: CovarianceKind) -> CovarianceEstimate {
        CovarianceEstimate(
            scatter: rows.withinScatter, count: rows.count, degreesOfFreedom: rows.count - rows.classes.count,
            fourthMoment: rows.withinFourthMoment, kind)
    }

    /// Around the mean of all rows.
    static func total(_ rows: RowStatistics, _ kind: CovarianceKind) -> CovarianceEstimate {
        CovarianceEstimate(
            scatter: rows.totalScatter, count: rows.count, degreesOfFreedom: rows.count - 1,
            fourthMoment: rows.totalFourthMoment, kind)
    }

    init(scatter: Matrix<Double>, count: Int, degreesOfFreedom: Int, fourthMoment: Double, _ kind: CovarianceKind) {
        self.degreesOfFreedom = degreesOfFreedom
        if case .scatter(let ridge) = kind {
            (matrix, shrinkage, isDivided) = (scatter + Matrix(diagonal: ridge, size: scatter.rows), nil, false)
            return
        }
        isDivided = true
        var estimate = scatter
        estimate.scale(by: 1 / Double(max(count, 1)))
        guard kind == .shrunk || degreesOfFreedom < scatter.rows else {
            (matrix, shrinkage) = (estimate, nil)
            return
        }
        // Rows that do not differ at all have no scale; any will do, since all directions are then alike.
        let target =
            estimate.trace > 0
            ? CovarianceShrinkage.identity(of: estimate) : Matrix(diagonal: 1, size: estimate.rows)
        let weight = Self.intensity(
            estimate, target: target, fourthMoment: fourthMoment, degreesOfFreedom: degreesOfFreedom)
        (matrix, shrinkage) = (estimate.mixed(with: target, weight: weight), weight)
    }

    /// Mixed with the multiple of the identity that has its trace.
    func mixedWithIdentity(_ weight: Double) -> CovarianceEstimate {
        let target = matrix.trace > 0 ? CovarianceShrinkage.identity(of: matrix) : Matrix(diagonal: 1, size: matrix.rows)
        return CovarianceEstimate(
            matrix: matrix.mixed(with: target, weight: weight), shrinkage: shrinkage,
            degreesOfFreedom: degreesOfFreedom, isDivided: isDivided)
    }

    private init(matrix: Matrix<Double>, shrinkage: Double?, degreesOfFreedom: Int, isDivided: Bool) {
        (self.matrix, self.shrinkage, self.isDivided) = (matrix, shrinkage, isDivided)
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// A note for the user, where the estimate is not the plain one.
    func note(_ what: String) -> String? {
        guard let shrinkage, degreesOfFreedom < matrix.rows else { return nil }
        let weight = String(format: "%.2g", shrinkage)
        return "\(what): the rows leave \(max(degreesOfFreedom, 0)) degrees of freedom for \(matrix.rows) dimensions, "
            + "so the covariance is shrunk with weight \(weight)"
    }

    /// Shrunk towards a target: (1 − a)·S + a·T.
    init(scatter: Matrix<Double>, degreesOfFreedom: Int, fourthMoment: Double, target: Matrix<Double>) {
        var estimate = scatter
        estimate.scale(by: 1 / Double(max(degreesOfFreedom, 1)))
        let weight = Self.intensity(
            estimate, target: target, fourthMoment: fourthMoment, degreesOfFreedom: degreesOfFreedom)
        (matrix, shrinkage, isDivided) = (estimate.mixed(with: target, weight: weight), weight, true)
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// Divided by `count`, plus `ridge` on the diagonal.
    init(scatter: Matrix<Double>, count: Int, degreesOfFreedom: Int, ridge: Double) {
        var estimate = scatter
        estimate.scale(by: 1 / Double(max(count, 1)))
        (matrix, shrinkage, isDivided) = (estimate + Matrix(diagonal: ridge, size: estimate.rows), nil, true)
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// As Ledoit and Wolf estimate it, but never quite 0, so that the result is positive definite where the target is.
    private static func intensity(
        _ estimate: Matrix<Double>, target: Matrix<Double>, fourthMoment: Double, degreesOfFreedom: Int
    ) -> Double {
        max(
            CovarianceShrinkage.intensity(
                estimate, target: target, fourthMoment: fourthMoment, degreesOfFreedom: degreesOfFreedom), 1e-6)
    }
}

extension Matrix where Scalar == Double {
    /// (1 − weight)·self + weight·target.
    fileprivate func mixed(with target: Matrix, weight: Double) -> Matrix {
        var result = self
        result.scale(by: 1 - weight)
        result.add(target, scaledBy: weight)
        return result
    }
}
