// Kullback–Leibler divergences between diagonal Gaussians, summed over all elements, as operations with gradients.

import Matrices

extension Variable {
    /// KL(N(mean, σ²) ‖ N(0, 1)) of every element, summed: Σ ½(σ² + μ² − 1) − ln σ, in nats, [1, 1]. self is the mean.
    public func divergenceFromStandardNormal(standardDeviation: Variable) -> Variable {
        let (mu, sigma) = (value, standardDeviation.value)
        precondition(mu.rows == sigma.rows && mu.columns == sigma.columns, "mean \(shape), σ \(standardDeviation.shape)")
        let total = (sigma.dot(sigma) + mu.dot(mu) - Scalar(mu.count)) / 2 - sigma.log().sum()
        return tape.record(.scalar(total), from: [self, standardDeviation]) { tape, gradient in
            let factor = gradient[0, 0]
            if self.requiresGradient { tape.accumulate(factor * mu, to: self) }
            if standardDeviation.requiresGradient {
                let one = Matrix<Scalar>(rows: sigma.rows, columns: sigma.columns, repeating: 1)
                tape.accumulate(factor * (sigma - one.dividedElementwise(by: sigma)), to: standardDeviation)
            }
        }
    }

    /// KL(N(mean, σ²) ‖ N(priorMean, priorσ²)) of every element, summed, in nats, [1, 1]; gradients flow to the prior
    /// too unless it is constant. self is the mean.
    public func divergence(standardDeviation: Variable, priorMean: Variable, priorStandardDeviation: Variable) -> Variable {
        let operands = [self, standardDeviation, priorMean, priorStandardDeviation]
        precondition(operands.allSatisfy { $0.rows == rows && $0.columns == columns }, "shapes of a divergence")
        let (sigma, sigma0) = (standardDeviation.value, priorStandardDeviation.value)
        let ratio = sigma.dividedElementwise(by: sigma0)
        let shift = (value - priorMean.value).dividedElementwise(by: sigma0)
        let total = (ratio.dot(ratio) + shift.dot(shift) - Scalar(ratio.count)) / 2 - ratio.log().sum()
        return tape.record(.scalar(total), from: operands) { tape, gradient in
            let factor = gradient[0, 0]
            let one = Matrix<Scalar>(rows: sigma.rows, columns: sigma.columns, repeating: 1)
            let slope = factor * shift.dividedElementwise(by: sigma0)
            tape.accumulate(slope, to: self)
            tape.accumulate(-slope, to: priorMean)
            let ownSpread = ratio.dividedElementwise(by: sigma0) - one.dividedElementwise(by: sigma)
            tape.accumulate(factor * ownSpread, to: standardDeviation)
            let excess = one - ratio.multipliedElementwise(by: ratio) - shift.multipliedElementwise(by: shift)
            tape.accumulate(factor * excess.dividedElementwise(by: sigma0), to: priorStandardDeviation)
        }
    }
}

extension Matrix {
    /// `[1, 1]`.
    static func scalar(_ value: Scalar) -> Matrix { Matrix(rows: 1, columns: 1, repeating: value) }
}
