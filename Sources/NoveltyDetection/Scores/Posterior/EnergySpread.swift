import Matrices
import Prediction

/// The epistemic spread of the energy: the standard deviation of −log Σ exp(z) over samples z of the logits, in nats. What
/// the posterior does not know of how near a row is to any class. 0 for heads without variance. O(samples · classes) a
/// row.
public struct EnergySpread: SampledScore, Codable {
    public static let about = ScoreDescription(
        name: "energy-spread", summary: "The standard deviation of the energy over the posterior",
        source: "Liu et al. 2020, arXiv:2010.03759, over samples", needs: .posterior)

    public let samples: Int

    public init(samples: Int = 64) {
        precondition(samples > 1, "\(samples) samples")
        self.samples = samples
    }

    public func score(_ samples: SampledRow) -> Float { SampledRow.variance(samples.logits.logSumExp()).squareRoot() }
}
