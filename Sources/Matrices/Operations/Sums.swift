// Sums over the whole matrix and down the columns, in an order of additions fixed by the shape.

extension Matrix {
    /// Σ of all elements, accumulated in double precision.
    public func sum() -> Scalar { Scalar.Kernels.sum(pointer, count) }

    /// Σ self∘other, accumulated in double precision.
    public func dot(_ other: Matrix) -> Scalar {
        checkShape(other)
        return Scalar.Kernels.dot(pointer, other.pointer, count)
    }

    /// The mean of all elements; NaN of none.
    public func mean() -> Scalar { count == 0 ? .nan : sum() / Scalar(count) }

    /// Σ of each column.
    public func columnSums() -> [Scalar] {
        columnTotals { Scalar.Kernels.addColumnSums($0, 1, $1, $2, $3) }
    }

    /// Σ x² of each column.
    public func columnSquaredNorms() -> [Scalar] {
        columnTotals { Scalar.Kernels.addColumnSquares($0, 1, $1, $2, $3) }
    }

    /// The mean of each column; NaN where there are no rows.
    public func columnMeans() -> [Scalar] {
        guard rows > 0 else { return [Scalar](repeating: .nan, count: columns) }
        return columnSums().map { $0 / Scalar(rows) }
    }

    typealias ColumnTotal = @Sendable (UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>, Int, Int) -> Void

    /// Pieces of rows, cut by the shape alone, each into totals of its own, which are then added in order.
    private func columnTotals(_ kernel: ColumnTotal) -> [Scalar] {
        guard count > 0 else { return [Scalar](repeating: 0, count: columns) }
        let size = Swift.max(128, Parallelism.rowsPerPiece(columns: columns))
        let columns = columns
        var parts = Matrix(rows: (rows + size - 1) / size, columns: columns)
        nonisolated(unsafe) let (out, x) = (parts.mutablePointer(), pointer)  // each piece writes its own part
        Parallelism.forEachRange(of: rows, size: size) { part in
            kernel(out + part.lowerBound / size * columns, x + part.lowerBound * columns, part.count, columns)
        }
        var total = Matrix(rows: 1, columns: columns)
        Scalar.Kernels.addColumnSums(total.mutablePointer(), 1, parts.pointer, parts.rows, columns)
        return total.elements
    }
}
