// Taking columns apart, transposing and reshaping.

import Matrices

extension Variable {
    /// The columns in `range`.
    @_specialize(where Scalar == Double)
    public func columns(_ range: Range<Int>) -> Variable {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(shape)")
        if range == 0..<columns { return self }
        let x = value
        var part = Matrix<Scalar>(uninitialized: x.rows, range.count)
        let target = part.mutablePointer()
        for row in 0..<x.rows {
            (target + row * range.count).update(
                from: x.pointer + row * x.columns + range.lowerBound, count: range.count)
        }
        return tape.record(part, from: [self]) { tape, gradient in
            tape.withGradientTarget(of: self, rows: 0..<x.rows) { target, factor in
                let base = target.mutablePointer() + range.lowerBound
                for row in 0..<x.rows {
                    let part = base + row * x.columns
                    Scalar.Kernels.combine(part, 1, part, factor, gradient.pointer + row * range.count, range.count)
                }
            }
        }
    }

    /// The transpose, `[columns, rows]`.
    @_specialize(where Scalar == Double)
    public func transposed() -> Variable {
        tape.record(value.transposed(), from: [self]) { tape, gradient in
            tape.accumulate(gradient.transposed(), to: self)
        }
    }

    /// The same elements, in row-major order, in another shape.
    @_specialize(where Scalar == Double)
    public func reshaped(rows newRows: Int, columns newColumns: Int) -> Variable {
        precondition(newRows * newColumns == rows * columns, "\(shape) as [\(newRows), \(newColumns)]")
        let (rows, columns) = (rows, columns)
        let result = Matrix<Scalar>(rows: newRows, columns: newColumns, elements: value.elements)
        return tape.record(result, from: [self]) { tape, gradient in
            tape.accumulate(Matrix(rows: rows, columns: columns, elements: gradient.elements), to: self)
        }
    }
}
