// Matrix products and the linear map y = x·Wᵀ + b.

import Matrices

extension Variable {
    /// op(self) · op(other).
    @_specialize(where Scalar == Double)
    public func multiplied(
        _ operand: Operand = .asStored, by other: Variable, _ otherOperand: Operand = .asStored
    ) -> Variable {
        let (a, b) = (value, other.value)
        return tape.record(a.multiplied(operand, by: b, otherOperand), from: [self, other]) { tape, gradient in
            if self.requiresGradient {
                tape.accumulate(
                    operand == .asStored
                        ? gradient.multiplied(by: b, otherOperand.flipped)
                        : b.multiplied(otherOperand, by: gradient, .transposed), to: self)
            }
            if other.requiresGradient {
                tape.accumulate(
                    otherOperand == .asStored
                        ? a.multiplied(operand.flipped, by: gradient)
                        : gradient.multiplied(.transposed, by: a, operand), to: other)
            }
        }
    }

    /// The linear map of PyTorch's `Linear`: self `[n, in]` · weightᵀ + bias, with weight `[out, in]` and bias
    /// `[1, out]`. With `outputs`, only those rows of weight and bias are used: one stacked matrix serves several maps.
    @_specialize(where Scalar == Double)
    public func linear(weight: Variable, bias: Variable?, outputs: Range<Int>? = nil) -> Variable {
        let outputs = outputs ?? 0..<weight.rows
        let (n, inputs, width) = (rows, columns, outputs.count)
        precondition(inputs == weight.columns, "linear map \(weight.shape) of rows \(shape)")
        precondition(outputs.upperBound <= weight.rows && (bias?.columns ?? weight.rows) == weight.rows, "outputs")
        let offset = outputs.lowerBound
        let x = value
        var result = Matrix<Scalar>(uninitialized: n, width)
        let y = result.mutablePointer()
        if let bias {
            let b = bias.value
            for row in 0..<n { (y + row * width).update(from: b.pointer + offset, count: width) }
        }
        do {
            let w = weight.value
            Product.run(
                .asStored, .transposed, m: n, n: width, k: inputs, alpha: 1, a: x.pointer, lda: inputs,
                b: w.pointer + offset * inputs, ldb: inputs, beta: bias == nil ? 0 : 1, c: y, ldc: width)
        }
        tape.noteUse(of: weight, rows: outputs)
        if let bias { tape.noteUse(of: bias, rows: offset..<offset + width) }
        return tape.record(result, from: [self, weight] + (bias.map { [$0] } ?? [])) { tape, gradient in
            // The operand's gradient first: the weight may be updated in place right after.
            if self.requiresGradient {
                var dx = Matrix<Scalar>(uninitialized: n, inputs)
                let w = weight.value
                Product.run(
                    .asStored, .asStored, m: n, n: inputs, k: width, alpha: 1, a: gradient.pointer, lda: width,
                    b: w.pointer + offset * inputs, ldb: inputs, beta: 0, c: dx.mutablePointer(), ldc: inputs)
                tape.accumulate(dx, to: self)
            }
            tape.withGradientTarget(of: weight, rows: outputs) { target, factor in
                Product.run(
                    .transposed, .asStored, m: width, n: inputs, k: n, alpha: factor, a: gradient.pointer, lda: width,
                    b: x.pointer, ldb: inputs, beta: 1, c: target.mutablePointer() + offset * inputs, ldc: inputs)
            }
            if let bias {
                tape.withGradientTarget(of: bias, rows: offset..<offset + width) { target, factor in
                    Scalar.Kernels.addColumnSums(
                        target.mutablePointer() + offset, factor, gradient.pointer, n, width)
                }
            }
        }
    }
}

extension Operand {
    var flipped: Operand { self == .asStored ? .transposed : .asStored }
}
