extension Matrix {
    /// `selfᵀ·self` `[columns, columns]`, or `self·selfᵀ` `[rows, rows]` for `.transposed`; exactly symmetric.
    ///
    /// Half the operations of a product (BLAS `syrk`): n²·k for an `[n, n]` result.
    public func gram(_ operand: Operand = .asStored, scaledBy alpha: Scalar = 1) -> Matrix {
        let n = operand == .asStored ? columns : rows
        var result = Matrix(rows: n, columns: n)
        result.addGram(of: self, operand, scaledBy: alpha)
        return result
    }

    /// Adds `alpha·otherᵀ·other` (or `alpha·other·otherᵀ` for `.transposed`) to this symmetric matrix, of which only
    /// the lower triangle is read; for sums over blocks of rows.
    public mutating func addGram(of other: Matrix, _ operand: Operand = .asStored, scaledBy alpha: Scalar = 1) {
        let (n, k) = operand == .asStored ? (other.columns, other.rows) : (other.rows, other.columns)
        precondition(rows == n && columns == n, "a Gram matrix of \(n) added to [\(rows), \(columns)]")
        guard n > 0 else { return }
        // Strips of rows of the lower triangle: a product left of the diagonal block, a symmetric one on it.
        let strip = 256
        let lda = other.columns
        nonisolated(unsafe) let (a, c) = (other.pointer, mutablePointer())  // each piece writes its own rows
        Parallelism.forEach(pieces: (n + strip - 1) / strip) { piece in
            let start = piece * strip
            let size = min(strip, n - start)
            let part = a + (operand == .asStored ? start : start * lda)
            Scalar.Kernels.syrk(operand == .asStored, size, k, alpha, part, lda, 1, c + start * n + start, n)
            guard start > 0 else { return }
            if operand == .asStored {
                Scalar.Kernels.gemm(.transposed, .asStored, size, start, k, alpha, part, lda, a, lda, 1, c + start * n, n)
            } else {
                Scalar.Kernels.gemm(.asStored, .transposed, size, start, k, alpha, part, lda, a, lda, 1, c + start * n, n)
            }
        }
        mirrorLowerTriangle()
    }
}
