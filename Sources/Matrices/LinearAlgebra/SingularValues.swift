/// The thin singular value decomposition `A = U·diag(values)·Vᵀ` of a matrix `[m, n]`, k = min(m, n) (LAPACK `gesdd`).
public struct SingularValueDecomposition<Scalar: MatrixScalar>: Sendable {
    /// U `[m, k]`, orthonormal columns.
    public let left: Matrix<Scalar>
    /// The singular values, descending and not negative.
    public let values: [Scalar]
    /// Vᵀ `[k, n]`, orthonormal rows.
    public let rightTransposed: Matrix<Scalar>
}

extension Matrix {
    /// The thin singular value decomposition. O(m·n·min(m, n)).
    ///
    /// - Throws: `notFinite`, `notConverged`.
    public func singularValueDecomposition() throws(LinearAlgebraError) -> SingularValueDecomposition<Scalar> {
        try decomposed(vectors: true)
    }

    /// The singular values alone, descending.
    public func singularValues() throws(LinearAlgebraError) -> [Scalar] { try decomposed(vectors: false).values }

    private func decomposed(vectors: Bool) throws(LinearAlgebraError) -> SingularValueDecomposition<Scalar> {
        try checkDecomposable(square: false)
        let (m, n, k) = (rows, columns, Swift.min(rows, columns))
        var left = Matrix(uninitialized: vectors ? m : 1, vectors ? k : 1)
        var right = Matrix(uninitialized: vectors ? k : 1, vectors ? n : 1)
        guard k > 0 else { return SingularValueDecomposition(left: left, values: [], rightTransposed: right) }
        var copy = self
        var values = Matrix(uninitialized: 1, k)
        var integers = [Int32](repeating: 0, count: 8 * k)
        var size = Scalar.zero
        _ = Scalar.Kernels.gesdd(
            vectors, m, n, copy.mutablePointer(), values.mutablePointer(), left.mutablePointer(),
            right.mutablePointer(), &size, -1, &integers)
        let workCount = Int(Double(size) * 1.0001) + 64
        var work = Matrix(uninitialized: 1, workCount)
        let info = Scalar.Kernels.gesdd(
            vectors, m, n, copy.mutablePointer(), values.mutablePointer(), left.mutablePointer(),
            right.mutablePointer(), work.mutablePointer(), workCount, &integers)
        guard info == 0 else { throw .notConverged(routine: "gesdd", info: info) }
        return SingularValueDecomposition(left: left, values: values.elements, rightTransposed: right)
    }
}
