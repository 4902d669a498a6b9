// Elementwise functions and row-wise softmax.

import Matrices

extension Variable {
    /// 0.5·x·(1 + erf(x/√2)), exact (not the tanh approximation).
    public func gelu() -> Variable {
        let x = value
        var result = Matrix<Scalar>(uninitialized: rows, columns)
        Scalar.Kernels.gelu(result.mutablePointer(), x.pointer, x.count)
        return tape.record(result, from: [self]) { tape, gradient in
            let g = gradient.mutablePointer()
            Scalar.Kernels.geluBackward(g, x.pointer, g, x.count)
            tape.accumulate(gradient, to: self)
        }
    }

    /// ln(1 + eˣ).
    public func softplus() -> Variable {
        let x = value
        var result = Matrix<Scalar>(uninitialized: rows, columns)
        Scalar.Kernels.softplus(result.mutablePointer(), x.pointer, x.count)
        return tape.record(result, from: [self]) { tape, gradient in
            var slope = Matrix<Scalar>(uninitialized: x.rows, x.columns)
            let s = slope.mutablePointer()
            Scalar.Kernels.sigmoid(s, x.pointer, x.count)
            Scalar.Kernels.multiply(s, s, gradient.pointer, x.count)
            tape.accumulate(slope, to: self)
        }
    }

    /// eˣ.
    public func exp() -> Variable {
        var result = Matrix<Scalar>(uninitialized: rows, columns)
        Scalar.Kernels.exp(result.mutablePointer(), value.pointer, value.count)
        let y = result
        return tape.record(y, from: [self]) { tape, gradient in
            let g = gradient.mutablePointer()
            Scalar.Kernels.multiply(g, g, y.pointer, y.count)
            tape.accumulate(gradient, to: self)
        }
    }

    /// tanh x.
    public func tanh() -> Variable {
        var result = Matrix<Scalar>(uninitialized: rows, columns)
        Scalar.Kernels.tanh(result.mutablePointer(), value.pointer, value.count)
        let y = result
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
    public func sigmoid() -> Variable {
        var result = Matrix<Scalar>(uninitialized: rows, columns)
        Scalar.Kernels.sigmoid(result.mutablePointer(), value.pointer, value.count)
        let y = result
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
    public func softmax() -> Variable {
        var result = Matrix<Scalar>(uninitialized: rows, columns)
        Scalar.Kernels.softmaxRows(result.mutablePointer(), value.pointer, rows, columns)
        let y = result
        return tape.record(y, from: [self]) { tape, gradient in
            let g = gradient.mutablePointer()
            Scalar.Kernels.softmaxRowsBackward(g, y.pointer, g, y.rows, y.columns)
            tape.accumulate(gradient, to: self)
        }
    }
}
