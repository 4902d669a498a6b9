import Foundation
import Matrices

/// Everything a prediction says of its own uncertainty, row by row.
///
/// ```swift
/// let rows = posterior.rowUncertainty(.exact)
/// rows.uncertainty.epistemic[0]      // nats: what more data about the classes would take away
/// rows.margin[0]                     // how far the winner is ahead
/// ```
public struct RowUncertainty: Sendable {
    /// `[rows, classes]`, by the method asked for.
    public let probabilities: Matrix<Float>
    /// Total, aleatoric and epistemic, in nats: total = aleatoric + epistemic, none below 0. From the method's own samples
    /// or quadrature; those of `.exact` for methods that have no second moment.
    public let uncertainty: Uncertainty
    /// The most probable class of each row; on a tie the first.
    public let winner: [Int]
    /// Its probability less that of the second, 0…1; 1 for a single class.
    public let margin: [Float]
    /// The variance of its logit, not negative.
    public let winnerVariance: [Float]
    /// The logit energy −log Σ exp(mean), nats: high where no class is near.
    public let energy: [Float]
    /// log of the precision of the Laplace bridge's Dirichlet distribution: low where the logits are hardly known, +∞
    /// without variance. See `LaplaceBridge`.
    public let logDirichletPrecision: [Float]
}

extension LogitPosterior {
    /// Probabilities and all measures of uncertainty. A row's answer depends on itself alone. O(rows · classes) beside
    /// the method.
    public func rowUncertainty(_ method: PredictiveMethod = .exact) -> RowUncertainty {
        let (probabilities, uncertainty) = prediction(method)
        var (winner, margin, variances): ([Int], [Float], [Float]) = ([], [], [])
        for row in 0..<rows {
            let values = probabilities.row(row)
            var (best, second) = (0, -1)
            for k in values.indices.dropFirst() {
                if values[k] > values[best] {
                    (best, second) = (k, best)
                } else if second < 0 || values[k] > values[second] {
                    second = k
                }
            }
            winner.append(best)
            margin.append(second < 0 ? 1 : values[best] - values[second])
            variances.append(variance[row, best])
        }
        return RowUncertainty(
            probabilities: probabilities, uncertainty: uncertainty, winner: winner, margin: margin,
            winnerVariance: variances, energy: mean.logSumExp().map { -$0 },
            logDirichletPrecision: LaplaceBridge.dirichlet(of: self).logPrecision.map { Float($0) })
    }

    /// Probabilities by a method, and the split of their uncertainty.
    ///
    /// A method that gives no expected entropy of its own takes the split of `.exact`, whose total is then not exactly the
    /// entropy of the probabilities.
    public func prediction(
        _ method: PredictiveMethod = .exact
    ) -> (probabilities: Matrix<Float>, uncertainty: Uncertainty) {
        let found: MonteCarlo.Result
        switch method {
        case .monteCarlo(let samples): return prediction(samples: samples)
        case .quasiMonteCarlo(let samples):
            found = MonteCarlo.run(
                self, noise: MonteCarlo.Noise(.quasiRandom, pairs: max(1, (samples + 1) / 2), classes: classes))
        case .exact: found = GumbelMaxTable.shared.predict(self)
        case .softmaxOfMean, .meanField, .pairwiseMeanField, .laplaceBridge:
            return (probabilities(method), prediction(.exact).uncertainty)
        }
        return (found.probabilities, Uncertainty(found))
    }
}

extension Uncertainty {
    init(_ result: MonteCarlo.Result) {
        self.init(
            total: result.totalEntropy, aleatoric: result.expectedEntropy,
            epistemic: zip(result.totalEntropy, result.expectedEntropy).map { $0 - $1 })
    }
}
