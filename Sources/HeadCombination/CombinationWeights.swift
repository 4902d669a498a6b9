import Foundation
import Matrices
import Prediction

/// How the logit posteriors of several heads become one.
///
/// For class k of task t the logit is s·(Σ_h (w_h·z_hk + d_ht·(z_hk − logsumexp z_h)) + c_k). A weighted sum of Gaussians
/// is Gaussian, so with independent heads the mean is that of the means and the variance s²·Σ_h (w_h + d_ht)²·v_hk, the
/// log-sum-exp taken as known. A product of experts (Hinton 2002) with fitted powers: w alone multiplies the heads'
/// probabilities. The shared w keep what the logits say of how well a row is known at all (energy); the corrections of a
/// task act on what does not change with a common offset. The constants even out classes that heads call too often, as
/// zero-shot does where some prompts lie near everything.
public struct CombinationWeights: Sendable, Equatable, Codable {
    /// w, one a head, not negative.
    public var heads: [Double]
    /// d, `[tasks][heads]`; empty where all tasks are alike.
    public var corrections: [[Double]] = []
    /// c, one a class, in nats; empty where all classes are alike.
    public var constants: [Double] = []
    /// s, above 0.
    public var scale = 1.0

    public init(heads: [Double]) { self.heads = heads }

    /// The geometric mean of the heads' probabilities: what there is before anything is fitted.
    public static func equal(_ heads: Int) -> CombinationWeights {
        CombinationWeights(heads: Array(repeating: 1 / Double(max(heads, 1)), count: heads))
    }

    /// The combined posterior. O(heads · classes) a row.
    ///
    /// - Parameters:
    ///   - posteriors: of each head for the same rows and classes.
    ///   - tasks: the task of each class; below the number of `corrections` where there are any. As many as `constants`
    ///     where there are any.
    public func combine(_ posteriors: [LogitPosterior], tasks: [Int]) -> LogitPosterior {
        precondition(posteriors.count == heads.count, "\(posteriors.count) posteriors, \(heads.count) weights")
        let (rows, classes) = (posteriors.first?.rows ?? 0, tasks.count)
        var mean = Matrix<Float>(rows: rows, columns: classes)
        var variance = mean
        for (h, posterior) in posteriors.enumerated() {
            precondition(posterior.rows == rows && posterior.classes == classes, "posteriors of different shapes")
            let correction = tasks.map { corrections.isEmpty ? 0 : Float(scale * corrections[$0][h]) }
            let weight = correction.map { $0 + Float(scale * heads[h]) }
            let normalisers = corrections.isEmpty ? [] : posterior.mean.logSumExp()
            let (m, v) = (mean.mutablePointer(), variance.mutablePointer())
            for row in 0..<rows {
                let (z, u) = (posterior.mean.pointer + row * classes, posterior.variance.pointer + row * classes)
                let normaliser = corrections.isEmpty ? 0 : normalisers[row]
                for k in 0..<classes {
                    m[row * classes + k] += weight[k] * z[k] - correction[k] * normaliser
                    v[row * classes + k] += weight[k] * weight[k] * u[k]
                }
            }
            withExtendedLifetime(posterior) {}
        }
        if !constants.isEmpty { mean = mean.adding(row: constants.map { Float(scale * $0) }) }
        return LogitPosterior(mean: mean, variance: variance)
    }
}
