// What the Wishart and the inverse Wishart distribution share.

import Foundation
import Matrices

/// A distribution of symmetric positive definite matrices `[p, p]` with ν > p − 1 degrees of freedom and a scale matrix.
public protocol WishartFamily: MatrixDistribution {
    var degreesOfFreedom: Double { get }
    /// The lower Cholesky factor of the scale matrix `[p, p]`.
    var choleskyFactor: Matrix<Double> { get }
}

extension WishartFamily {
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("degreesOfFreedom", [degreesOfFreedom], .greater(than: p - 1)),
            DistributionParameter("scale", scale.elements, .positiveDefinite),
        ]
    }
    public var size: Int { choleskyFactor.rows }
    public var support: Support { .positiveDefinite(size: size) }
    /// The scale matrix.
    public var scale: Matrix<Double> { choleskyFactor.timesOwnTranspose() }
    var p: Double { Double(size) }
    /// Σ_{j<p} ψ((ν − j)/2).
    var digammaSum: Double { (0..<size).reduce(0) { $0 + digamma(0.5 * (degreesOfFreedom - Double($1))) } }

    /// The factor of a scale matrix, where both parameters are right.
    static func checkedFactor(_ nu: Double, _ scale: Matrix<Double>) throws(DistributionError) -> Matrix<Double> {
        try check("degreesOfFreedom", nu, .greater(than: Double(scale.rows) - 1))
        return try factor("scale", scale, size: scale.rows)
    }

    /// ∂a/∂ν where a² ~ χ²(ν − index) keeps its probability.
    func chiSlope(_ a: Double, _ index: Int) -> Double {
        let half = 0.5 * (degreesOfFreedom - Double(index))
        // a² = 2g, g ~ Gamma(half, 1).
        return 0.5 * gammaConcentrationDerivative(half, 0.5 * a * a) / a
    }

    /// NaN for every parameter, at values outside the support.
    var undefinedGradient: [[Double]] { [[.nan], [Double](repeating: .nan, count: size * size)] }
}

/// ‖L⁻¹·M‖², both lower triangular.
func frobeniusSquare(of m: Matrix<Double>, over l: Matrix<Double>) -> Double {
    (0..<m.columns).reduce(0) { sum, column in
        let z = l.solvingLower((0..<m.rows).map { m[$0, column] })
        return z.reduce(sum) { $0 + $1 * $1 }
    }
}

extension Matrix where Scalar == Double {
    /// factor·self, both lower triangular.
    func multiplied(fromLeftBy factor: Matrix) -> Matrix {
        var result = Matrix(rows: rows, columns: columns)
        lowerProduct(factor.pointer, pointer, result.mutablePointer(), rows)
        return result
    }

    /// L⁻¹·self for a lower-triangular L.
    func lowerColumnsSolved(by l: Matrix) -> Matrix {
        let columns = transposed()
        return Matrix((0..<self.columns).map { l.solvingLower(columns.row($0)) }).transposed()
    }

    /// self·(L·Lᵀ)⁻¹ for a lower-triangular L.
    func solvedFromRight(by l: Matrix) -> Matrix {
        Matrix((0..<rows).map { l.solvingLowerTransposed(l.solvingLower(row($0))) })
    }

    /// ½(self + selfᵀ).
    func symmetricPart() -> Matrix {
        var result = self
        for i in 0..<rows { for j in 0..<columns { result[i, j] = 0.5 * (self[i, j] + self[j, i]) } }
        return result
    }
}

/// result = first·second, all lower triangular `[n, n]`; what lies above the diagonal of the result is left as it is.
func lowerProduct(
    _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>, _ result: UnsafeMutablePointer<Double>, _ n: Int
) {
    for i in 0..<n {
        for j in 0...i {
            var sum = 0.0
            for k in j...i { sum += first[i * n + k] * second[k * n + j] }
            result[i * n + j] = sum
        }
    }
}
