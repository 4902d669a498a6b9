extension Matrix {
    /// Rows `range`, copied. O(elements copied).
    public func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
        var result = Matrix(uninitialized: range.count, columns)
        result.mutablePointer().update(from: pointer + range.lowerBound * columns, count: result.count)
        return result
    }

    /// The rows with the given indices, in that order; an index may occur more than once. O(elements copied).
    public func selectingRows(_ indices: [Int]) -> Matrix {
        var result = Matrix(uninitialized: indices.count, columns)
        let target = result.mutablePointer()
        for (position, index) in indices.enumerated() {
            precondition(index >= 0 && index < rows, "row \(index) of \(rows)")
            (target + position * columns).update(from: pointer + index * columns, count: columns)
        }
        return result
    }

    /// The rows of this matrix followed by those of `other`, which has as many columns. O(elements copied).
    public func appendingRows(_ other: Matrix) -> Matrix {
        precondition(columns == other.columns, "rows with \(columns) and \(other.columns) columns")
        var result = Matrix(uninitialized: rows + other.rows, columns)
        let target = result.mutablePointer()
        target.update(from: pointer, count: count)
        (target + count).update(from: other.pointer, count: other.count)
        return result
    }
}
