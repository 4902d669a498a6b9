import Foundation

/// The Cholesky factorisation `A = L·Lᵀ` of a symmetric positive definite matrix `[n, n]` (LAPACK `potrf`).
///
/// n³/3 operations to make, n²·k to solve for k right-hand sides.
public struct CholeskyFactorization<Scalar: MatrixScalar>: Sendable {
    /// L `[n, n]`, lower triangular with a positive diagonal; zeros above it.
    public let factor: Matrix<Scalar>

    /// Factorises `matrix`, of which only the lower triangle is used (the whole must be finite).
    ///
    /// - Throws: `notSquare`, `notFinite`, or `notPositiveDefinite` with the order of the first leading minor that is
    ///   not positive.
    public init(_ matrix: Matrix<Scalar>) throws(LinearAlgebraError) {
        try matrix.checkDecomposable(square: true)
        var factor = matrix
        let n = factor.rows
        let p = factor.mutablePointer()
        let info = n == 0 ? 0 : Scalar.Kernels.potrf(n, p, n)
        guard info <= 0 else { throw .notPositiveDefinite(leadingMinor: info) }
        precondition(info == 0, "potrf refused argument \(-info)")
        for row in 0..<n { (p + row * n + row + 1).update(repeating: 0, count: n - row - 1) }
        // Finite elements can still overflow on the way.
        if let index = factor.firstNonfinite { throw .notPositiveDefinite(leadingMinor: index / n + 1) }
        self.factor = factor
    }

    /// `A⁻¹·right`, `[n, k]`: two triangular solves.
    public func solve(_ right: Matrix<Scalar>) -> Matrix<Scalar> {
        var result = right
        factor.solveTriangle(lower: true, .asStored, &result)
        factor.solveTriangle(lower: true, .transposed, &result)
        return result
    }

    /// `L⁻¹·right`, `[n, k]`; the squared length of its columns is rightᵀ·A⁻¹·right, a Mahalanobis distance.
    public func solveFactor(_ right: Matrix<Scalar>) -> Matrix<Scalar> {
        var result = right
        factor.solveTriangle(lower: true, .asStored, &result)
        return result
    }

    /// log det A, summed in double precision.
    public var logDeterminant: Double {
        var sum = 0.0
        for index in 0..<factor.rows { sum += log(Double(factor[index, index])) }
        return 2 * sum
    }

    /// `A⁻¹` `[n, n]`, exactly symmetric (LAPACK `potri`, 2n³/3 operations). To apply it, `solve` is more accurate.
    public func inverse() -> Matrix<Scalar> {
        var result = factor
        let n = result.rows
        guard n > 0 else { return result }
        let info = Scalar.Kernels.potri(n, result.mutablePointer(), n)
        precondition(info == 0, "potri failed on a positive diagonal (info \(info))")
        result.mirrorLowerTriangle()
        return result
    }
}

extension Matrix {
    /// The lower Cholesky factor `[n, n]` of this symmetric positive definite matrix; see `CholeskyFactorization`.
    public func choleskyFactor() throws(LinearAlgebraError) -> Matrix {
        try CholeskyFactorization(self).factor
    }
}
