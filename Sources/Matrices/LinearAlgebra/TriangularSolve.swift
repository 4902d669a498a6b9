/// Which triangle of a matrix a solve uses; the other is not read.
public enum Triangle: Sendable {
    case lower
    case upper
}

extension Matrix {
    /// `op(T)⁻¹·right`, `[n, k]`, T being a triangle of this matrix `[n, n]` (BLAS `trsm`). n²·k operations.
    ///
    /// - Throws: `notSquare`, or `singular` where the diagonal holds a zero.
    public func solvingTriangle(
        _ triangle: Triangle, _ operand: Operand = .asStored, _ right: Matrix
    ) throws(LinearAlgebraError) -> Matrix {
        guard rows == columns else { throw .notSquare(rows: rows, columns: columns) }
        for index in 0..<rows where self[index, index] == 0 { throw .singular(index: index) }
        var result = right
        solveTriangle(lower: triangle == .lower, operand, &result)
        return result
    }

    /// `right = op(T)⁻¹·right`, in pieces of columns cut by the shape alone.
    func solveTriangle(lower: Bool, _ operand: Operand, _ right: inout Matrix) {
        precondition(
            rows == columns && rows == right.rows,
            "a triangle [\(rows), \(columns)] and right-hand sides [\(right.rows), \(right.columns)]")
        let (n, k) = (rows, right.columns)
        guard n > 0, k > 0 else { return }
        let width = n >= 64 ? 128 : max(k, 1)
        nonisolated(unsafe) let (a, b) = (pointer, right.mutablePointer())  // each piece writes its own columns
        Parallelism.forEach(pieces: (k + width - 1) / width) { piece in
            let start = piece * width
            Scalar.Kernels.trsm(lower, operand == .transposed, n, min(width, k - start), 1, a, n, b + start, k)
        }
    }
}
