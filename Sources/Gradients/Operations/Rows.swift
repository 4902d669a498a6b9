// Taking rows apart and putting them together.

import Matrices

extension Variable {
    /// The rows in `range`.
    @_specialize(where Scalar == Double)
    public func rows(_ range: Range<Int>) -> Variable {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(shape)")
        if range == 0..<rows { return self }
        let columns = columns
        return tape.record(value.rows(range), from: [self]) { tape, gradient in
            tape.withGradientTarget(of: self, rows: 0..<self.rows) { target, factor in
                let part = target.mutablePointer() + range.lowerBound * columns
                Scalar.Kernels.combine(part, 1, part, factor, gradient.pointer, gradient.count)
            }
        }
    }

    /// Row `indices[i]` of self as row i; an index may occur several times.
    @_specialize(where Scalar == Double)
    public func gatherRows(_ indices: [Int]) -> Variable {
        let columns = columns
        return tape.record(value.selectingRows(indices), from: [self]) { tape, gradient in
            tape.withGradientTarget(of: self, rows: 0..<self.rows) { target, factor in
                let base = target.mutablePointer()
                for (row, index) in indices.enumerated() {
                    let part = base + index * columns
                    Scalar.Kernels.combine(part, 1, part, factor, gradient.pointer + row * columns, columns)
                }
            }
        }
    }

    /// `parts` under one another.
    @_specialize(where Scalar == Double)
    public static func stacked(_ parts: [Variable]) -> Variable {
        precondition(!parts.isEmpty, "nothing to stack")
        guard parts.count > 1 else { return parts[0] }
        return parts[0].tape.record(Matrix(stacking: parts.map(\.value)), from: parts) { tape, gradient in
            var row = 0
            for part in parts {
                if part.requiresGradient { tape.accumulate(gradient.rows(row..<row + part.rows), to: part) }
                row += part.rows
            }
        }
    }

    /// Each row divided by its Euclidean norm; a zero row stays zero and passes no gradient on.
    @_specialize(where Scalar == Double)
    public func normalizedRows() -> Variable {
        let (rows, columns) = (rows, columns)
        var result = Matrix<Scalar>(uninitialized: rows, columns)
        var norms = Matrix<Scalar>(uninitialized: rows, 1)
        Scalar.Kernels.normalizeRows(
            result.mutablePointer(), norms.mutablePointer(), value.pointer, rows, columns)
        let (y, length) = (result, norms)
        return tape.record(y, from: [self]) { tape, gradient in
            // dx = (dy − y·⟨y, dy⟩) / ‖x‖
            let g = gradient.mutablePointer()
            for row in 0..<rows {
                let (dy, unit) = (g + row * columns, y.pointer + row * columns)
                let norm = length[row, 0]
                let scale = norm > 0 ? 1 / norm : 0
                let along = Scalar.Kernels.dot(unit, dy, columns)
                Scalar.Kernels.combine(dy, scale, dy, -scale * along, unit, columns)
            }
            tape.accumulate(gradient, to: self)
        }
    }
}
