import Foundation
import Matrices

extension GumbelMaxQuadrature {
    /// The same for logits that share one factor: z = mean + loading·g + √variance·e with g and e independent standard
    /// normals.
    ///
    /// A part of the loading that all classes share moves no probability and is taken off: with equal loadings the answer
    /// is that of the independent part alone. Otherwise one more trapezoidal rule over g, 17 to some 100 nodes, finer
    /// where loadings differ more; each costs a row of `predict(mean:variance:)`.
    /// - Parameter loading: `[rows, classes]`; the logits' covariance is diag(variance) + loading·loadingᵀ.
    public func predict(mean: Matrix<Double>, variance: Matrix<Double>, loading: Matrix<Double>) -> Prediction {
        precondition(
            mean.rows == loading.rows && mean.columns == loading.columns,
            "mean [\(mean.rows), \(mean.columns)] and loading [\(loading.rows), \(loading.columns)]")
        let classes = mean.columns
        var result = predict(mean: mean, variance: variance)
        for row in 0..<mean.rows {
            let loadings = loading.row(row)
            guard let least = loadings.min(), let most = loadings.max(), most - least > 0, (most - least).isFinite else {
                continue
            }
            let own = loadings.map { $0 - (least + most) / 2 }
            // Softmax moves on the scale of 1 in a logit: steps of a third of that, or of the normal's own scale.
            let half = Int((Self.factorRange / min(0.5, 0.7 / (most - least))).rounded(.up))
            let step = Self.factorRange / Double(half)
            var means = Matrix<Double>(uninitialized: 2 * half + 1, classes)
            var variances = Matrix<Double>(uninitialized: 2 * half + 1, classes)
            var weights: [Double] = []
            for node in -half...half {
                let g = Double(node) * step
                weights.append(exp(-g * g / 2))
                for k in 0..<classes {
                    means[node + half, k] = mean[row, k] + own[k] * g
                    variances[node + half, k] = variance[row, k]
                }
            }
            let total = weights.reduce(0, +)
            let nodes = predict(mean: means, variance: variances)
            var (entropy, expected) = (0.0, 0.0)
            for k in 0..<classes {
                let p = weights.indices.reduce(0) { $0 + weights[$1] * nodes.probabilities[$1, k] } / total
                result.probabilities[row, k] = p
                if p > 0 { entropy -= p * log(p) }
            }
            for (weight, value) in zip(weights, nodes.expectedEntropy) { expected += weight * value / total }
            result.totalEntropy[row] = entropy
            result.expectedEntropy[row] = min(expected, entropy)
        }
        return result
    }

    /// In standard deviations; beyond lies a probability of 3e-17.
    private static var factorRange: Double { 8.5 }
}
