// Kullback–Leibler divergences between diagonal Gaussians as operations with gradients; the formula is Probability's.

import Matrices

extension Variable {
    /// KL(N(mean, σ²) ‖ N(0, 1)) of every element, summed: Σ ½(σ² + μ² − 1) − ln σ, in nats, [1, 1]. self is the mean.
    public func divergenceFromStandardNormal(standardDeviation: Variable) -> Variable {
        let (mu, sigma) = (value, standardDeviation.value)
        precondition(mu.rows == sigma.rows && mu.columns == sigma.columns, "mean \(shape), σ \(standardDeviation.shape)")
        let total = sumPairs(mu, sigma) { m, s in (s * s + m * m - 1) / 2 - Scalar.log(s) }
        let result = Matrix(rows: 1, columns: 1, repeating: total)
        return tape.record(result, from: [self, standardDeviation]) { tape, gradient in
            let factor = gradient[0, 0]
            if self.requiresGradient {
                var part = mu
                part.scale(by: factor)
                tape.accumulate(part, to: self)
            }
            if standardDeviation.requiresGradient {
                var part = sigma
                part.mapInPlace { factor * ($0 - 1 / $0) }
                tape.accumulate(part, to: standardDeviation)
            }
        }
    }

    /// KL(N(mean, σ²) ‖ N(priorMean, priorσ²)) of every element, summed, in nats, [1, 1]; gradients flow to the prior
    /// too unless it is constant. self is the mean.
    public func divergence(standardDeviation: Variable, priorMean: Variable, priorStandardDeviation: Variable) -> Variable {
        let (mu, sigma) = (value, standardDeviation.value)
        let (mu0, sigma0) = (priorMean.value, priorStandardDeviation.value)
        let operands = [self, standardDeviation, priorMean, priorStandardDeviation]
        precondition(operands.allSatisfy { $0.rows == mu.rows && $0.columns == mu.columns }, "shapes of a divergence")
        let count = mu.count
        var total: Scalar = 0
        for row in 0..<mu.rows {
            var partial: Scalar = 0
            for i in row * mu.columns..<(row + 1) * mu.columns {
                let ratio = sigma.pointer[i] / sigma0.pointer[i]
                let shift = (mu.pointer[i] - mu0.pointer[i]) / sigma0.pointer[i]
                partial += (ratio * ratio + shift * shift - 1) / 2 - Scalar.log(ratio)
            }
            total += partial
        }
        return tape.record(Matrix(rows: 1, columns: 1, repeating: total), from: operands) { tape, gradient in
            let factor = gradient[0, 0]
            var parts = operands.map { _ in Matrix<Scalar>(uninitialized: mu.rows, mu.columns) }
            let (dMu, dSigma) = (parts[0].mutablePointer(), parts[1].mutablePointer())
            let (dMu0, dSigma0) = (parts[2].mutablePointer(), parts[3].mutablePointer())
            for i in 0..<count {
                let (s, s0) = (sigma.pointer[i], sigma0.pointer[i])
                let shift = (mu.pointer[i] - mu0.pointer[i]) / s0
                dMu[i] = factor * shift / s0
                dMu0[i] = -dMu[i]
                dSigma[i] = factor * (s / (s0 * s0) - 1 / s)
                dSigma0[i] = factor * (1 - s * s / (s0 * s0) - shift * shift) / s0
            }
            for (operand, part) in zip(operands, parts) { tape.accumulate(part, to: operand) }
        }
    }
}

/// Σ f(a, b) over all elements, row by row, so that the order of additions is fixed.
private func sumPairs<Scalar: MatrixScalar>(
    _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, _ f: (Scalar, Scalar) -> Scalar
) -> Scalar {
    var total: Scalar = 0
    for row in 0..<a.rows {
        var partial: Scalar = 0
        for i in row * a.columns..<(row + 1) * a.columns { partial += f(a.pointer[i], b.pointer[i]) }
        total += partial
    }
    return total
}
