// One number a row: sums over the columns, and columns spread over them again.

import Matrices

extension Variable {
    /// Σ of each row, `[rows, 1]`.
    @_specialize(where Scalar == Double)
    public func rowSums() -> Variable {
        let (rows, columns) = (rows, columns)
        let sums = Matrix<Scalar>(rows: rows, columns: 1, elements: value.rowSums())
        return tape.record(sums, from: [self]) { tape, gradient in
            var spread = Matrix<Scalar>(uninitialized: rows, columns)
            let target = spread.mutablePointer()
            for row in 0..<rows { (target + row * columns).update(repeating: gradient[row, 0], count: columns) }
            tape.accumulate(spread, to: self)
        }
    }

    /// ln Σ eˣ of each row, `[rows, 1]`, without overflow.
    @_specialize(where Scalar == Double)
    public func rowLogSumExp() -> Variable {
        let x = value
        let sums = Matrix<Scalar>(rows: x.rows, columns: 1, elements: x.logSumExp())
        return tape.record(sums, from: [self]) { tape, gradient in
            var part = x.softmax()
            let target = part.mutablePointer()
            for row in 0..<x.rows { Scalar.Kernels.scale(target + row * x.columns, gradient[row, 0], x.columns) }
            tape.accumulate(part, to: self)
        }
    }

    /// Each row times its number of `column` `[rows, 1]`.
    @_specialize(where Scalar == Double)
    public func scalingRows(by column: Variable) -> Variable {
        precondition(column.rows == rows && column.columns == 1, "rows of \(shape) scaled by \(column.shape)")
        let (x, c) = (value, column.value)
        func scaled(_ matrix: Matrix<Scalar>) -> Matrix<Scalar> {
            var result = matrix
            let target = result.mutablePointer()
            for row in 0..<x.rows { Scalar.Kernels.scale(target + row * x.columns, c[row, 0], x.columns) }
            return result
        }
        return tape.record(scaled(x), from: [self, column]) { tape, gradient in
            if column.requiresGradient {
                let sums = gradient.multipliedElementwise(by: x).rowSums()
                tape.accumulate(Matrix(rows: x.rows, columns: 1, elements: sums), to: column)
            }
            if self.requiresGradient { tape.accumulate(scaled(gradient), to: self) }
        }
    }

    /// The number of `column` `[rows, 1]` added to every element of its row.
    @_specialize(where Scalar == Double)
    public func adding(column: Variable) -> Variable {
        precondition(column.rows == rows && column.columns == 1, "column \(column.shape) added to \(shape)")
        let (rows, columns) = (rows, columns)
        let c = column.value
        var result = value
        let target = result.mutablePointer()
        for row in 0..<rows { for k in 0..<columns { target[row * columns + k] += c[row, 0] } }
        return tape.record(result, from: [self, column]) { tape, gradient in
            if column.requiresGradient {
                tape.accumulate(Matrix(rows: rows, columns: 1, elements: gradient.rowSums()), to: column)
            }
            tape.accumulate(gradient, to: self)
        }
    }
}
