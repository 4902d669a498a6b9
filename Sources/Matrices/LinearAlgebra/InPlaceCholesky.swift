/// The Cholesky factorisation `A = L·Lᵀ` in the lower triangle of a block of memory whose upper triangle is not touched,
/// so that one square can hold a matrix above its diagonal and its factor below.
///
/// Hand-written above LAPACK's `potrf` on diagonal blocks, since OpenBLAS's own threads are off (their split changes
/// rounding): right-looking, in blocks of 384, the updates cut by shape alone.
package enum InPlaceCholesky<Scalar: MatrixScalar> {
    private static var block: Int { 384 }
    private static var strip: Int { 256 }

    /// Replaces the lower triangle of `a` `[n, n]` by L. n³/3 operations.
    ///
    /// - Throws: `LinearAlgebraError.notPositiveDefinite`, also where a sum has overflowed.
    package static func factorize(
        _ a: UnsafeMutablePointer<Scalar>, _ n: Int, leadingDimension lda: Int
    ) throws(LinearAlgebraError) {
        for start in stride(from: 0, to: n, by: block) {
            let size = min(block, n - start)
            let corner = a + start * lda + start
            let info = Scalar.Kernels.potrf(size, corner, lda)
            guard info <= 0 else { throw .notPositiveDefinite(leadingMinor: start + info) }
            precondition(info == 0, "potrf refused argument \(-info)")
            for index in 0..<size where !(corner[index * lda + index].isFinite) {
                throw .notPositiveDefinite(leadingMinor: start + index + 1)
            }
            update(a, n, lda, from: start, size: size)
        }
    }

    /// The panel below the diagonal block at `start`, and what it takes from the rest of the triangle.
    private static func update(
        _ a: UnsafeMutablePointer<Scalar>, _ n: Int, _ lda: Int, from start: Int, size: Int
    ) {
        let next = start + size
        let rest = n - next
        guard rest > 0 else { return }
        nonisolated(unsafe) let a = a  // each piece writes its own rows
        Parallelism.forEachRange(of: rest, size: strip) { rows in
            Scalar.Kernels.trsmRight(
                true, true, rows.count, size, 1, a + start * lda + start, lda, a + (next + rows.lowerBound) * lda + start,
                lda)
        }
        Parallelism.forEachRange(of: rest, size: strip) { rows in
            let top = next + rows.lowerBound
            let panel = a + top * lda + start
            if rows.lowerBound > 0 {
                Scalar.Kernels.gemm(
                    .asStored, .transposed, rows.count, rows.lowerBound, size, -1, panel, lda, a + next * lda + start, lda,
                    1, a + top * lda + next, lda)
            }
            Scalar.Kernels.syrk(false, rows.count, size, -1, panel, lda, 1, a + top * lda + top, lda)
        }
    }

    /// `rows ← rows·L⁻¹`, or `rows·L⁻ᵀ`, for rows `[count, n]`. n²·count operations.
    package static func solveRight(
        _ factor: UnsafePointer<Scalar>, _ n: Int, leadingDimension lda: Int, _ operand: Operand,
        _ rows: UnsafeMutablePointer<Scalar>, count: Int
    ) {
        nonisolated(unsafe) let (factor, rows) = (factor, rows)  // each piece writes its own rows
        Parallelism.forEachRange(of: count, size: rowsAtOnce) { range in
            Scalar.Kernels.trsmRight(
                true, operand == .transposed, range.count, n, 1, factor, lda, rows + range.lowerBound * n, n)
        }
    }

    private static var rowsAtOnce: Int { 128 }
}
