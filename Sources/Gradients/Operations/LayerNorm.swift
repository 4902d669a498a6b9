import Matrices

extension Variable {
    /// Layer normalisation of each row: (x − mean)/√(variance + epsilon) ∘ gamma + beta, with the biased variance;
    /// gamma and beta `[1, columns]` (Ba et al. 2016, arXiv 1607.06450).
    public func layerNorm(gamma: Variable, beta: Variable, epsilon: Scalar = 1e-5) -> Variable {
        precondition(
            gamma.columns == columns && beta.columns == columns, "layer norm of \(shape) with \(gamma.shape)")
        let x = value
        let (rows, columns) = (rows, columns)
        var result = Matrix<Scalar>(uninitialized: rows, columns)
        var mean = Matrix<Scalar>(uninitialized: rows, 1)
        var rstd = Matrix<Scalar>(uninitialized: rows, 1)
        do {
            let (g, b) = (gamma.value, beta.value)
            Scalar.Kernels.layerNorm(
                result.mutablePointer(), mean.mutablePointer(), rstd.mutablePointer(), x.pointer, g.pointer, b.pointer,
                epsilon, rows, columns)
        }
        let (means, rstds) = (mean, rstd)
        return tape.record(result, from: [self, gamma, beta]) { tape, gradient in
            var gammaGradient = Matrix<Scalar>(rows: 1, columns: columns)
            var betaGradient = Matrix<Scalar>(rows: 1, columns: columns)
            let dy = gradient.mutablePointer()
            let g = gamma.value
            Scalar.Kernels.layerNormBackward(
                dy, gammaGradient.mutablePointer(), betaGradient.mutablePointer(), x.pointer, means.pointer,
                rstds.pointer, g.pointer, dy, rows, columns)
            tape.accumulate(gradient, to: self)
            tape.accumulate(gammaGradient, to: gamma)
            tape.accumulate(betaGradient, to: beta)
        }
    }
}
