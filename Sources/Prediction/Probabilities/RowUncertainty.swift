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
    /// By `.laplaceBridge`, log of the precision of the bridge's Dirichlet distribution: low where the logits are hardly
    /// known, +∞ without variance; otherwise `nil`. See `LaplaceBridge`.
    public let logDirichletPrecision: [Float]?
}

extension LogitPosterior {
    /// Probabilities and all measures of uncertainty. A row's answer depends on itself alone. O(rows · classes) beside
    /// the method.
    public func rowUncertainty(_ method: PredictiveMethod = .exact) -> RowUncertainty {
        let (probabilities, uncertainty) = prediction(method)
        let precision =
            method == .laplaceBridge ? LaplaceBridge.dirichlet(of: self).logPrecision.map { Float($0) } : nil
        return rowUncertainty(probabilities, uncertainty, logDirichletPrecision: precision)
    }

    /// The same for probabilities that are known already, such as calibrated ones.
    ///
    /// - Parameter probabilities: `[rows, classes]`.
    public func rowUncertainty(
        _ probabilities: Matrix<Float>, _ uncertainty: Uncertainty, logDirichletPrecision: [Float]? = nil
    ) -> RowUncertainty {
        precondition(
            probabilities.rows == rows && probabilities.columns == classes && classes > 0,
            "probabilities [\(probabilities.rows), \(probabilities.columns)] of logits [\(rows), \(classes)]")
        var winner = [Int](repeating: 0, count: rows)
        var (margin, variances) = ([Float](repeating: 1, count: rows), [Float](repeating: 0, count: rows))
        let (values, own, classes) = (probabilities.pointer, variance.pointer, classes)
        winner.withUnsafeMutableBufferPointer { winner in
            margin.withUnsafeMutableBufferPointer { margin in
                variances.withUnsafeMutableBufferPointer { variances in
                    // Each piece reads the matrices and writes its own rows.
                    nonisolated(unsafe) let (winner, margin, variances, values, own) = (
                        winner, margin, variances, values, own
                    )
                    Parallelism.forEachRange(of: rows, size: 256) { range in
                        for row in range {
                            let base = row * classes
                            var (best, first, second) = (0, values[base], -Float.infinity)
                            for k in 1..<max(classes, 1) {
                                let value = values[base + k]
                                if value > first {
                                    (best, first, second) = (k, value, first)
                                } else if value > second {
                                    second = value
                                }
                            }
                            winner[row] = best
                            if classes > 1 { margin[row] = first - second }
                            variances[row] = own[base + best]
                        }
                    }
                }
            }
        }
        return withExtendedLifetime((probabilities, self)) {
            RowUncertainty(
                probabilities: probabilities, uncertainty: uncertainty, winner: winner, margin: margin,
                winnerVariance: variances, energy: mean.logSumExp().map { -$0 },
                logDirichletPrecision: logDirichletPrecision)
        }
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
