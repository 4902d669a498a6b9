// Sums, differences, elementwise products and scalings of variables of one shape.

import Matrices

extension Variable {
    /// x + y.
    @_specialize(where Scalar == Double)
    public static func + (x: Variable, y: Variable) -> Variable { x.adding(y) }
    /// x − y.
    @_specialize(where Scalar == Double)
    public static func - (x: Variable, y: Variable) -> Variable { x.adding(y, scaledBy: -1) }
    /// factor · x.
    @_specialize(where Scalar == Double)
    public static func * (factor: Scalar, x: Variable) -> Variable { x.scaled(by: factor) }

    /// self + factor · other.
    @_specialize(where Scalar == Double)
    public func adding(_ other: Variable, scaledBy factor: Scalar = 1) -> Variable {
        precondition(rows == other.rows && columns == other.columns, "sum of \(shape) and \(other.shape)")
        let sum = factor == 1 ? value + other.value : value + factor * other.value
        return tape.record(sum, from: [self, other]) { tape, gradient in
            if other.requiresGradient {
                var part = gradient
                if factor != 1 { part.scale(by: factor) }
                tape.accumulate(part, to: other)
            }
            tape.accumulate(gradient, to: self)
        }
    }

    /// factor · self.
    @_specialize(where Scalar == Double)
    public func scaled(by factor: Scalar) -> Variable {
        var result = value
        result.scale(by: factor)
        return tape.record(result, from: [self]) { tape, gradient in
            gradient.scale(by: factor)
            tape.accumulate(gradient, to: self)
        }
    }

    /// factor · self + constant, in every element.
    @_specialize(where Scalar == Double)
    public func affine(factor: Scalar, constant: Scalar) -> Variable {
        var result = Matrix<Scalar>(rows: rows, columns: columns, repeating: constant)
        result.add(value, scaledBy: factor)
        return tape.record(result, from: [self]) { tape, gradient in
            gradient.scale(by: factor)
            tape.accumulate(gradient, to: self)
        }
    }

    /// Elementwise product.
    @_specialize(where Scalar == Double)
    public func multipliedElementwise(by other: Variable) -> Variable {
        precondition(rows == other.rows && columns == other.columns, "∘ of \(shape) and \(other.shape)")
        let (x, y) = (value, other.value)
        return tape.record(x.multipliedElementwise(by: y), from: [self, other]) { tape, gradient in
            if self.requiresGradient { tape.accumulate(gradient.multipliedElementwise(by: y), to: self) }
            if other.requiresGradient { tape.accumulate(gradient.multipliedElementwise(by: x), to: other) }
        }
    }

    /// The sum of all elements, `[1, 1]`.
    @_specialize(where Scalar == Double)
    public func sum() -> Variable {
        let (rows, columns) = (rows, columns)
        return tape.record(.scalar(value.sum()), from: [self]) { tape, gradient in
            tape.accumulate(Matrix(rows: rows, columns: columns, repeating: gradient[0, 0]), to: self)
        }
    }
}

extension Variable {
    /// factor · self, the factor a `[1, 1]` variable.
    @_specialize(where Scalar == Double)
    public func scaled(by factor: Variable) -> Variable {
        precondition(factor.rows == 1 && factor.columns == 1, "a factor of the shape \(factor.shape)")
        let x = value
        let c = factor.scalar
        return tape.record(c * x, from: [self, factor]) { tape, gradient in
            if factor.requiresGradient { tape.accumulate(.scalar(gradient.dot(x)), to: factor) }
            gradient.scale(by: c)
            tape.accumulate(gradient, to: self)
        }
    }
}
