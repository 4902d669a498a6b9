// Arithmetic of equal shapes. New matrices; the `mutating` members work in place and allocate nothing.

extension Matrix {
    public static func + (a: Matrix, b: Matrix) -> Matrix { a.combined(1, b, 1) }
    public static func - (a: Matrix, b: Matrix) -> Matrix { a.combined(1, b, -1) }
    public static prefix func - (a: Matrix) -> Matrix { -1 * a }

    public static func * (factor: Scalar, a: Matrix) -> Matrix {
        var result = a
        result.scale(by: factor)
        return result
    }

    public static func += (a: inout Matrix, b: Matrix) { a.add(b) }
    public static func -= (a: inout Matrix, b: Matrix) { a.add(b, scaledBy: -1) }

    /// The element-wise (Hadamard) product `self ∘ other`.
    public func multipliedElementwise(by other: Matrix) -> Matrix {
        zipped(with: other) { Scalar.Kernels.multiply($0, $1, $2, $3) }
    }

    /// The element-wise quotient `self / other`.
    public func dividedElementwise(by other: Matrix) -> Matrix {
        zipped(with: other) { Scalar.Kernels.divide($0, $1, $2, $3) }
    }

    /// `self += factor · other`
    public mutating func add(_ other: Matrix, scaledBy factor: Scalar = 1) {
        checkShape(other)
        nonisolated(unsafe) let (target, source) = (mutablePointer(), other.pointer)  // each piece writes its own part
        Parallelism.forEachRange(of: count, size: Parallelism.elementsPerPiece) { part in
            let z = target + part.lowerBound
            Scalar.Kernels.combine(z, 1, z, factor, source + part.lowerBound, part.count)
        }
    }

    /// `self *= factor`
    public mutating func scale(by factor: Scalar) {
        nonisolated(unsafe) let target = mutablePointer()  // each piece writes its own part
        Parallelism.forEachRange(of: count, size: Parallelism.elementsPerPiece) { part in
            Scalar.Kernels.scale(target + part.lowerBound, factor, part.count)
        }
    }

    /// Every row plus `row`, which has as many elements as there are columns.
    public func adding(row: [Scalar]) -> Matrix {
        precondition(row.count == columns, "a row of \(row.count) added to a matrix [\(rows), \(columns)]")
        return row.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return self }
            nonisolated(unsafe) let bias = base  // each piece writes its own part
            let columns = columns
            return mappedRows(columns: columns) { Scalar.Kernels.addRow($0, $1, bias, $2, columns) }
        }
    }

    func combined(_ alpha: Scalar, _ other: Matrix, _ beta: Scalar) -> Matrix {
        zipped(with: other) { Scalar.Kernels.combine($0, alpha, $1, beta, $2, $3) }
    }

    func checkShape(_ other: Matrix) {
        precondition(
            rows == other.rows && columns == other.columns,
            "matrices [\(rows), \(columns)] and [\(other.rows), \(other.columns)] of different shapes")
    }

    typealias Zip = @Sendable (UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>, UnsafePointer<Scalar>, Int) -> Void

    /// A new matrix from two of one shape, in pieces cut by the shape alone.
    func zipped(with other: Matrix, _ kernel: Zip) -> Matrix {
        checkShape(other)
        var result = Matrix(uninitialized: rows, columns)
        // Each piece writes its own part.
        nonisolated(unsafe) let (z, x, y) = (result.mutablePointer(), pointer, other.pointer)
        Parallelism.forEachRange(of: count, size: Parallelism.elementsPerPiece) { part in
            kernel(z + part.lowerBound, x + part.lowerBound, y + part.lowerBound, part.count)
        }
        return result
    }
}
