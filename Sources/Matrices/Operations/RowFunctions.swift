// Functions of each row. Rows of large matrices are shared among threads; a row's answer never depends on the others.

extension Matrix {
    /// Softmax of each row: non-negative, rows sum to 1.
    ///
    /// Entries of any size are safe, and −∞ masks an entry (exactly 0). A row that holds NaN, or nothing but −∞, becomes
    /// NaN; an entry +∞ becomes NaN and leaves 0 to the others.
    public func softmax() -> Matrix {
        let columns = columns
        return mappedRows(columns: columns) { Scalar.Kernels.softmaxRows($0, $1, $2, columns) }
    }

    /// The logarithm of `softmax`, exact where the probability itself would be 0.
    public func logSoftmax() -> Matrix {
        let columns = columns
        return mappedRows(columns: columns) { Scalar.Kernels.logSoftmaxRows($0, $1, $2, columns) }
    }

    /// log Σ eˣ of each row; −∞ of a row of −∞ and of a row without elements.
    public func logSumExp() -> [Scalar] {
        let columns = columns
        return mappedRows(columns: 1) { Scalar.Kernels.logSumExpRows($0, $1, $2, columns) }.elements
    }

    /// Layer normalisation of each row: `(x − mean)/√(variance + epsilon)·scale + shift`, with the variance divided by
    /// the number of columns; `scale` and `shift` have one element a column.
    public func layerNorm(scale: [Scalar], shift: [Scalar], epsilon: Scalar = 1e-5) -> Matrix {
        precondition(
            scale.count == columns && shift.count == columns,
            "layer norm of [\(rows), \(columns)] with \(scale.count) scales and \(shift.count) shifts")
        var statistics = Matrix(uninitialized: 2, rows)
        nonisolated(unsafe) let mean = statistics.mutablePointer()  // each piece writes its own part
        let (rows, columns) = (rows, columns)
        nonisolated(unsafe) let first = pointer  // each piece writes its own part
        let (gamma, beta) = (Matrix(rows: 1, columns: columns, elements: scale), Matrix(rows: 1, columns: columns, elements: shift))
        return mappedRows(columns: columns) { y, x, count in
            let row = columns == 0 ? 0 : (x - first) / columns
            Scalar.Kernels.layerNorm(
                y, mean + row, mean + rows + row, x, gamma.pointer, beta.pointer, epsilon, count, columns)
        }
    }

    /// Each row divided by its Euclidean length; a row of zeros stays zero.
    public func normalizedRows() -> Matrix {
        let columns = columns
        return mappedRows(columns: columns) { Scalar.Kernels.normalizeRows($0, nil, $1, $2, columns) }
    }

    /// The Euclidean length of each row, without overflow or underflow of its square.
    public func rowNorms() -> [Scalar] {
        let columns = columns
        var norms = Matrix(rows: rows, columns: 1)
        guard columns > 0 else { return norms.elements }
        nonisolated(unsafe) let (first, target) = (pointer, norms.mutablePointer())  // each piece writes its own part
        _ = mappedRows(columns: columns) { y, x, count in
            Scalar.Kernels.normalizeRows(y, target + (x - first) / columns, x, count, columns)
        }
        return norms.elements
    }

    /// Σ x² of each row.
    public func rowSquaredNorms() -> [Scalar] {
        let columns = columns
        return mappedRows(columns: 1) { Scalar.Kernels.rowSquaredNorms($0, $1, $2, columns) }.elements
    }

    /// Σ x of each row.
    public func rowSums() -> [Scalar] {
        let columns = columns
        return mappedRows(columns: 1) { Scalar.Kernels.rowSums($0, $1, $2, columns) }.elements
    }

    /// The largest element of each row; NaN is passed over; −∞ where nothing is left.
    public func rowMaxima() -> [Scalar] {
        let columns = columns
        return mappedRows(columns: 1) { Scalar.Kernels.rowMaxima($0, $1, $2, columns) }.elements
    }

    /// The column of the largest element of each row, the first one of equals; NaN is passed over; 0 where nothing is
    /// left.
    public func rowArgmaxima() -> [Int] {
        var indices = [Int32](repeating: 0, count: rows)
        indices.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            nonisolated(unsafe) let (out, x) = (base, pointer)  // each piece writes its own part
            let columns = columns
            Parallelism.forEachRange(of: rows, size: Parallelism.rowsPerPiece(columns: columns)) { part in
                Scalar.Kernels.rowArgmaxima(
                    out + part.lowerBound, x + part.lowerBound * columns, part.count, columns)
            }
        }
        return indices.map(Int.init)
    }

    typealias RowMap = @Sendable (UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>, Int) -> Void

    /// A new matrix `[rows, columns]` from blocks of rows `(out, in, rows)`, cut by the shape alone.
    func mappedRows(columns resultColumns: Int, _ kernel: RowMap) -> Matrix {
        var result = Matrix(uninitialized: rows, resultColumns)
        nonisolated(unsafe) let (y, x) = (result.mutablePointer(), pointer)  // each piece writes its own part
        let columns = columns
        Parallelism.forEachRange(of: rows, size: Parallelism.rowsPerPiece(columns: columns)) { part in
            kernel(y + part.lowerBound * resultColumns, x + part.lowerBound * columns, part.count)
        }
        return result
    }
}
