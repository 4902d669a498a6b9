import Matrices
import Prediction

/// The variance of the largest class probability over samples of the logits, whichever class it is. 0 for heads without
/// variance. O(samples · classes) a row.
public struct MaximumProbabilityVariance: SampledScore, Codable {
    public static let about = ScoreDescription(
        name: "maximum-probability-variance", summary: "The variance of the largest class probability",
        source: "Jha et al. 2024, arXiv:2403.19137", needs: .posterior)

    public let samples: Int

    public init(samples: Int = 64) {
        precondition(samples > 1, "\(samples) samples")
        self.samples = samples
    }

    public func score(_ samples: SampledRow) -> Float { SampledRow.variance(samples.probabilities.rowMaxima()) }
}
