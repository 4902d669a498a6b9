import Foundation
import Matrices
import Prediction

/// The variance of the logits, summed over classes. O(classes) a row.
public struct LogitVariance: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "logit-variance", summary: "The variance of the logits, summed over classes",
        source: "Jha et al. 2024, arXiv:2403.19137", needs: .posterior)

    public init() {}

    public func scores(for input: NoveltyInput) throws -> [Float] {
        let variance = try input.posterior(for: self).variance
        return (0..<variance.rows).map { row in
            ((row * variance.columns)..<((row + 1) * variance.columns)).reduce(0) { $0 + variance.pointer[$1] }
        }
    }
}

/// The variance of the class probabilities, summed over classes, to first order in the logits' variance v:
/// Σ_i p_i² Σ_k (δ_ik − p_k)² v_k with p the softmax of the mean. 0 for heads without variance.
///
/// Like the sampled variance it is small where the softmax saturates, whatever v is. O(classes) a row.
public struct ProbabilityVariance: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "probability-variance", summary: "The variance of the class probabilities, summed over classes",
        source: "Jha et al. 2024, arXiv:2403.19137", needs: .posterior)

    public init() {}

    public func scores(for input: NoveltyInput) throws -> [Float] {
        let posterior = try input.posterior(for: self)
        let probabilities = posterior.probabilities(.softmaxOfMean)
        let (p, v, classes) = (probabilities.pointer, posterior.variance.pointer, probabilities.columns)
        return (0..<probabilities.rows).map { row in
            // Σ_k (δ_ik − p_k)² v_k = S + (1 − 2·p_i)·v_i with S = Σ p_k² v_k.
            var (spread, squares, own) = (0.0, 0.0, 0.0)
            for index in (row * classes)..<((row + 1) * classes) {
                let (p, v) = (Double(p[index]), Double(v[index]))
                spread += p * p * v
                squares += p * p
                own += p * p * (1 - 2 * p) * v
            }
            return Float(max(0, squares * spread + own))
        }
    }
}
