// Elementwise functions and row-wise softmax.

import Matrices

extension Variable {
    /// 0.5·x·(1 + erf(x/√2)), exact (not the tanh approximation).
    @_specialize(where Scalar == Double)
    public func gelu() -> Variable {
        let x = value
        return tape.record(x.gelu(), from: [self]) { tape, gradient in
            let g = gradient.mutablePointer()
            Scalar.Kernels.geluBackward(g, x.pointer, g, x.count)
            tape.accumulate(gradient, to: self)
        }
    }

    /// ln(1 + eˣ).
    @_specialize(where Scalar == Double)
    public func softplus() -> Variable {
        let x = value
        return tape.record(x.softplus(), from: [self]) { tape, gradient in
            tape.accumulate(x.sigmoid().multipliedElementwise(by: gradient), to: self)
        }
    }

    /// eˣ.
    @_specialize(where Scalar == Double)
    public func exp() -> Variable {
        let y = value.exp()
        return tape.record(y, from: [self]) { tape, gradient in
            let g = gradient.mutablePointer()
            Scalar.Kernels.multiply(g, g, y.pointer, y.count)
            tape.accumulate(gradient, to: self)
        }
    }

    /// ln x, of elements above 0.
    @_specialize(where Scalar == Double)
    public func log() -> Variable {
        let x = value
        return tape.record(x.log(), from: [self]) { tape, gradient in
            let g = gradient.mutablePointer()
            Scalar.Kernels.divide(g, g, x.pointer, x.count)
            tape.accumulate(gradient, to: self)
        }
    }

    /// x².
    @_specialize(where Scalar == Double)
    public func squared() -> Variable { multipliedElementwise(by: self) }

    /// tanh x.
    @_specialize(where Scalar == Double)
    public func tanh() -> Variable {
        let y = value.tanh()
        return tape.record(y, from: [self]) { tape, gradient in
            // dx = dy − dy·y²
            var part = gradient
            let p = part.mutablePointer()
            Scalar.Kernels.multiply(p, p, y.pointer, y.count)
            Scalar.Kernels.multiplyAdd(gradient.mutablePointer(), -1, p, y.pointer, y.count)
            tape.accumulate(gradient, to: self)
        }
    }

    /// 1 / (1 + e⁻ˣ).
    @_specialize(where Scalar == Double)
    public func sigmoid() -> Variable {
        let y = value.sigmoid()
        return tape.record(y, from: [self]) { tape, gradient in
            // dx = dy·y − dy·y²
            let g = gradient.mutablePointer()
            Scalar.Kernels.multiply(g, g, y.pointer, y.count)
            var part = gradient
            let p = part.mutablePointer()
            Scalar.Kernels.multiplyAdd(p, -1, gradient.pointer, y.pointer, y.count)
            tape.accumulate(part, to: self)
        }
    }

    /// Softmax of each row.
    @_specialize(where Scalar == Double)
    public func softmax() -> Variable {
        let y = value.softmax()
        return tape.record(y, from: [self]) { tape, gradient in
            let g = gradient.mutablePointer()
            Scalar.Kernels.softmaxRowsBackward(g, y.pointer, g, y.rows, y.columns)
            tape.accumulate(gradient, to: self)
        }
    }
}
