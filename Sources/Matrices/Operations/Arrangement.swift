// Moving elements about: transposition and joining. Rows are taken out in Matrix+Rows.swift.

extension Matrix {
    /// The transpose, `[columns, rows]`. O(elements); a product takes `.transposed` operands without it.
    public func transposed() -> Matrix {
        var result = Matrix(uninitialized: columns, rows)
        Scalar.Kernels.transpose(result.mutablePointer(), pointer, rows, columns)
        return result
    }

    /// `parts` under one another, all with the same number of columns; `[0, 0]` of none.
    public init(stacking parts: [Matrix]) {
        let columns = parts.first?.columns ?? 0
        self.init(uninitialized: parts.reduce(0) { $0 + $1.rows }, columns)
        var target = mutablePointer()
        for part in parts {
            precondition(part.columns == columns, "rows with \(columns) and \(part.columns) columns stacked")
            target.update(from: part.pointer, count: part.count)
            target += part.count
        }
    }
}
