/// The eigendecomposition `A = V·diag(values)·Vᵀ` of a symmetric matrix (LAPACK `syevd`).
public struct SymmetricEigen<Scalar: MatrixScalar>: Sendable {
    /// The eigenvalues, ascending.
    public let values: [Scalar]
    /// V `[n, n]`: column i is the unit eigenvector of `values[i]`.
    public let vectors: Matrix<Scalar>
}

extension Matrix {
    /// Eigenvalues and eigenvectors of this symmetric matrix, of which only the lower triangle is used. O(n³).
    ///
    /// - Throws: `notSquare`, `notFinite`, `notConverged`.
    public func symmetricEigen() throws(LinearAlgebraError) -> SymmetricEigen<Scalar> {
        let (values, rows) = try eigen(vectors: true)
        return SymmetricEigen(values: values, vectors: rows.transposed())
    }

    /// The eigenvalues alone, ascending; faster than with vectors.
    public func symmetricEigenvalues() throws(LinearAlgebraError) -> [Scalar] { try eigen(vectors: false).values }

    private func eigen(vectors: Bool) throws(LinearAlgebraError) -> (values: [Scalar], rows: Matrix) {
        try checkDecomposable(square: true)
        let n = rows
        guard n > 0 else { return ([], self) }
        var result = self
        var values = Matrix(uninitialized: 1, n)
        var (size, integers) = (Scalar.zero, Int32(0))
        _ = Scalar.Kernels.syevd(vectors, n, result.mutablePointer(), values.mutablePointer(), &size, -1, &integers, -1)
        // A float holds large sizes only roughly: a few elements more cost nothing.
        let workCount = Int(Double(size) * 1.0001) + 64
        var work = Matrix(uninitialized: 1, workCount)
        var integerWork = [Int32](repeating: 0, count: max(1, Int(integers)))
        let info = Scalar.Kernels.syevd(
            vectors, n, result.mutablePointer(), values.mutablePointer(), work.mutablePointer(), workCount,
            &integerWork, integerWork.count)
        guard info == 0 else { throw .notConverged(routine: "syevd", info: info) }
        return (values.elements, result)
    }
}
