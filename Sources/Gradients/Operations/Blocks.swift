// Matrices made of equal blocks of rows: repeated, summed, and a row added to all rows.

import Matrices

extension Variable {
    /// self `count` times under itself: `[rows, columns]` → `[count · rows, columns]`.
    public func tiled(_ count: Int) -> Variable {
        guard count != 1 else { return self }
        let source = value
        var result = Matrix<Scalar>(uninitialized: count * source.rows, source.columns)
        let target = result.mutablePointer()
        for block in 0..<count { (target + block * source.count).update(from: source.pointer, count: source.count) }
        return tape.record(result, from: [self]) { tape, gradient in
            tape.accumulate(gradient.blockSum(count), to: self)
        }
    }

    /// The sum of `count` blocks of rows: `[count · rows, columns]` → `[rows, columns]`.
    public func blockSum(_ count: Int) -> Variable {
        guard count != 1 else { return self }
        precondition(rows % count == 0, "\(rows) rows in \(count) blocks")
        return tape.record(value.blockSum(count), from: [self]) { tape, gradient in
            var repeated = Matrix<Scalar>(uninitialized: count * gradient.rows, gradient.columns)
            let target = repeated.mutablePointer()
            for block in 0..<count {
                (target + block * gradient.count).update(from: gradient.pointer, count: gradient.count)
            }
            tape.accumulate(repeated, to: self)
        }
    }

    /// `row` `[1, columns]` added to every row.
    public func adding(row: Variable) -> Variable {
        precondition(row.rows == 1 && row.columns == columns, "row \(row.shape) added to \(shape)")
        var result = value
        let y = result.mutablePointer()
        Scalar.Kernels.addRow(y, y, row.value.pointer, rows, columns)
        return tape.record(result, from: [self, row]) { tape, gradient in
            if row.requiresGradient {
                var sums = Matrix<Scalar>(rows: 1, columns: gradient.columns)
                Scalar.Kernels.addColumnSums(
                    sums.mutablePointer(), 1, gradient.pointer, gradient.rows, gradient.columns)
                tape.accumulate(sums, to: row)
            }
            tape.accumulate(gradient, to: self)
        }
    }
}

extension Matrix {
    /// The sum of `count` blocks of rows.
    package func blockSum(_ count: Int) -> Matrix {
        guard count != 1 else { return self }
        let part = self.count / max(count, 1)
        var sum = Matrix(rows: rows / count, columns: columns)
        let target = sum.mutablePointer()
        for block in 0..<count { Scalar.Kernels.combine(target, 1, target, 1, pointer + block * part, part) }
        return sum
    }
}
