import Matrices
import Prediction

/// The variance of the class probabilities, summed over classes. 0 for heads without variance. O(samples · classes) a row.
///
/// It is small where the softmax saturates, whatever the logits' variance is.
public struct ProbabilityVariance: SampledScore, Codable {
    public static let about = ScoreDescription(
        name: "probability-variance", summary: "The variance of the class probabilities, summed over classes",
        source: "Jha et al. 2024, arXiv:2403.19137", needs: .posterior)

    public let samples: Int

    public init(samples: Int = 64) {
        precondition(samples > 1, "\(samples) samples")
        self.samples = samples
    }

    public func score(_ samples: SampledRow) -> Float { SampledRow.summedVariance(samples.probabilities) }
}
