import Matrices

// What scores do to blocks of rows beside the operations of Matrices.

extension Matrix {
    /// Row i less row `indices[i]` of `other`.
    func subtractingRows(_ indices: [Int], of other: Matrix) -> Matrix {
        precondition(indices.count == rows && other.columns == columns, "rows of other shapes")
        var result = self
        let base = result.mutablePointer()
        for (row, index) in indices.enumerated() {
            precondition(index >= 0 && index < other.rows, "row \(index) of \(other.rows)")
            let own = base + row * columns
            Scalar.Kernels.combine(own, 1, own, -1, other.pointer + index * columns, columns)
        }
        return result
    }

    /// Each column divided by its divisor.
    func dividingColumns(by divisors: [Scalar]) -> Matrix {
        precondition(divisors.count == columns, "\(divisors.count) divisors for \(columns) columns")
        var result = self
        let base = result.mutablePointer()
        divisors.withUnsafeBufferPointer { buffer in
            guard let divisor = buffer.baseAddress else { return }
            for row in 0..<rows {
                let own = base + row * columns
                Scalar.Kernels.divide(own, own, divisor, columns)
            }
        }
        return result
    }
}
