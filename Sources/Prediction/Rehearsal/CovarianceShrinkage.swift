import Matrices

/// Shrinkage of covariance estimates (Ledoit and Wolf 2004, doi:10.1016/S0047-259X(03)00096-4): the mixture (1 − a)·S +
/// a·T of an estimate S from n rows with a target T that has the least expected squared error, a being estimated from
/// the same rows as min(1, b²/d²) with
///
/// b² = (Σ ‖residual‖⁴/n − ‖S‖²)/n, the error of S, and d² = ‖S − T‖², both in the Frobenius norm.
package enum CovarianceShrinkage {
    /// a.
    package static func intensity<Scalar>(
        _ estimate: Matrix<Scalar>, target: Matrix<Scalar>, fourthMoment: Double, degreesOfFreedom: Int
    ) -> Scalar {
        guard degreesOfFreedom > 0 else { return 1 }
        let n = Double(degreesOfFreedom)
        let error = max(0, (fourthMoment / n - Double(estimate.dot(estimate))) / n)
        let difference = estimate - target
        let distance = Double(difference.dot(difference))
        return distance > error ? Scalar(error / distance) : 1
    }

    /// Ledoit and Wolf's own target: the identity, with the estimate's trace.
    package static func identity<Scalar>(of estimate: Matrix<Scalar>) -> Matrix<Scalar> {
        Matrix(diagonal: estimate.trace / Scalar(max(estimate.rows, 1)), size: estimate.rows)
    }

    /// (1 − shrinkage)·S + shrinkage·identity.
    static func mixed(_ estimate: Matrix<Float>, shrinkage: Float) -> Matrix<Float> {
        (1 - shrinkage) * estimate + shrinkage * identity(of: estimate)
    }
}

extension Matrix {
    package init(diagonal value: Scalar, size: Int) {
        self.init(rows: size, columns: size)
        for index in 0..<size { self[index, index] = value }
    }

    /// Summed in Double.
    package var trace: Scalar {
        var sum = 0.0
        for index in 0..<Swift.min(rows, columns) { sum += Double(self[index, index]) }
        return Scalar(sum)
    }
}
