import CKernels
import Foundation
import Matrices
import Prediction

/// One minus the largest class probability (Hendrycks and Gimpel 2017, arXiv:1610.02136), of logits divided by a
/// temperature. 0…1. O(classes) a row.
public struct MaximumSoftmaxProbability: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "maximum-softmax-probability", summary: "One minus the largest class probability",
        source: "Hendrycks and Gimpel 2017, arXiv:1610.02136", needs: .posterior)

    /// How the probabilities are taken from the posterior.
    public let method: PredictiveMethod
    /// T > 0; logits of mean m and variance v become those of m/T and v/T².
    public let temperature: Float

    public init(method: PredictiveMethod = .softmaxOfMean, temperature: Float = 1) {
        precondition(temperature > 0, "temperature \(temperature)")
        self.method = method
        self.temperature = temperature
    }

    public func checkSettings() throws(NoveltyError) { try check(positive: temperature, "temperature") }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        var posterior = try input.posterior(for: self)
        if method == .softmaxOfMean {
            let classes = posterior.classes
            return RowBlocks.scores(posterior.mean) {
                credence_softmax_remainder_rows_f32($0, $1, temperature, $2, classes)
            }
        }
        if temperature != 1 {
            posterior = LogitPosterior(
                mean: (1 / temperature) * posterior.mean,
                variance: (1 / (temperature * temperature)) * posterior.variance)
        }
        // The log probability keeps apart what is next to 1.
        return posterior.logProbabilities(method).rowMaxima().map { -expm1($0) }
    }
}
