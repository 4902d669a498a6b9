import Foundation
import Matrices

/// How much of the text's logits and of the discriminants of `DiscriminantAnalysis` there is in a class's prior: class
/// vectors are text·t_k + discriminant·d_k/s, with s the logit scale.
///
/// The weights are not negative and are fitted by the likelihood of rows that their discriminants have not seen, so few
/// rows leave the text to decide and many rows the discriminants. One task's posterior, a Gaussian, is the next one's
/// prior; at first it is zero-shot, text 1 and discriminant 0, as sure as one row is.
struct DiscriminantWeights: Sendable, Codable, Equatable {
    var text = 1.0
    var discriminant = 0.0
    /// The inverse covariance, symmetric: text, both, discriminant.
    var precision = [1.0, 0, 10.0]

    /// The mode of prior times likelihood, by Newton's method: its logarithm is concave in the two weights. A weight that
    /// would be negative is 0. O(rows · classes) a step.
    ///
    /// - Parameters:
    ///   - similarities: s·x·t `[rows, classes]`.
    ///   - discriminants: `[rows, classes]`.
    func updated(
        similarities: Matrix<Float>, discriminants: Matrix<Float>, labels: [Int]
    ) -> DiscriminantWeights {
        guard !labels.isEmpty else { return self }
        let likelihood = Likelihood(first: similarities, second: discriminants, labels: labels)
        let free = maximise(likelihood, free: (true, true))
        if free.text >= 0, free.discriminant >= 0 { return free }
        let alone = [maximise(likelihood, free: (true, false)), maximise(likelihood, free: (false, true))]
            .map {
                DiscriminantWeights(
                    text: max(0, $0.text), discriminant: max(0, $0.discriminant), precision: $0.precision)
            }
        let losses = alone.map { objective(likelihood, ($0.text, $0.discriminant)).loss }
        return losses[0] <= losses[1] ? alone[0] : alone[1]
    }

    private struct Likelihood {
        let first: Matrix<Float>
        let second: Matrix<Float>
        let labels: [Int]
    }

    private struct Derivatives {
        var loss = 0.0
        var gradient = (0.0, 0.0)
        var hessian = (0.0, 0.0, 0.0)
    }

    /// The best weights of those that are `free`, the others 0, with the precision there.
    private func maximise(_ likelihood: Likelihood, free: (Bool, Bool)) -> DiscriminantWeights {
        var point = (free.0 ? max(text, 0.1) : 0, free.1 ? max(discriminant, 0.05) : 0)
        var here = objective(likelihood, point)
        for _ in 0..<50 {
            var (h11, h12, h22) = here.hessian
            var (g1, g2) = here.gradient
            if !free.0 { (h11, h12, g1) = (1, 0, 0) }
            if !free.1 { (h22, h12, g2) = (1, 0, 0) }
            let determinant = max(h11 * h22 - h12 * h12, 1e-12)
            let step = ((h22 * g1 - h12 * g2) / determinant, (h11 * g2 - h12 * g1) / determinant)
            var size = 1.0
            var next = point
            var there = here
            repeat {
                next = (point.0 - size * step.0, point.1 - size * step.1)
                there = objective(likelihood, next)
                size /= 2
            } while !(there.loss <= here.loss) && size > 1e-6
            guard there.loss < here.loss else { break }
            let gain = here.loss - there.loss
            (point, here) = (next, there)
            if gain < 1e-6 { break }
        }
        return DiscriminantWeights(
            text: point.0, discriminant: point.1, precision: [here.hessian.0, here.hessian.1, here.hessian.2])
    }

    /// Minus the log of prior times likelihood.
    private func objective(_ likelihood: Likelihood, _ weights: (Double, Double)) -> Derivatives {
        var result = Self.crossEntropy(likelihood, weights)
        let (d1, d2) = (weights.0 - text, weights.1 - discriminant)
        let (g1, g2) = (precision[0] * d1 + precision[1] * d2, precision[1] * d1 + precision[2] * d2)
        result.loss += 0.5 * (d1 * g1 + d2 * g2)
        result.gradient = (result.gradient.0 + g1, result.gradient.1 + g2)
        result.hessian = (
            result.hessian.0 + precision[0], result.hessian.1 + precision[1], result.hessian.2 + precision[2])
        return result
    }

    /// The summed cross-entropy of weights.0·first + weights.1·second, with gradient and Hessian.
    private static func crossEntropy(_ likelihood: Likelihood, _ weights: (Double, Double)) -> Derivatives {
        let (first, second) = (likelihood.first, likelihood.second)
        let logits = Float(weights.0) * first + Float(weights.1) * second
        let log = logits.logSoftmax()
        let classes = first.columns
        var sum = Derivatives()
        for (row, label) in likelihood.labels.enumerated() {
            let (l, f, g) = (
                log.pointer + row * classes, first.pointer + row * classes, second.pointer + row * classes)
            var (e1, e2, e11, e12, e22) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for k in 0..<classes {
                let p = Double(Foundation.exp(l[k]))
                let (x, y) = (Double(f[k]), Double(g[k]))
                e1 += p * x
                e2 += p * y
                e11 += p * x * x
                e12 += p * x * y
                e22 += p * y * y
            }
            sum.loss -= Double(l[label])
            sum.gradient.0 += e1 - Double(f[label])
            sum.gradient.1 += e2 - Double(g[label])
            sum.hessian.0 += e11 - e1 * e1
            sum.hessian.1 += e12 - e1 * e2
            sum.hessian.2 += e22 - e2 * e2
        }
        return sum
    }
}
