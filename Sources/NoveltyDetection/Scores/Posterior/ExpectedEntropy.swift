import Matrices
import Prediction

/// The mean entropy of the soft-max over samples of the logits: the aleatoric part of the uncertainty, in nats. The entropy
/// of the soft-max for heads without variance. O(samples · classes) a row.
public struct ExpectedEntropy: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "expected-entropy", summary: "The mean entropy of the class probabilities over the posterior",
        source: "Depeweg et al. 2018, arXiv:1710.07283", needs: .posterior)

    public let samples: Int

    public init(samples: Int = 64) {
        precondition(samples > 0, "\(samples) samples")
        self.samples = samples
    }

    public func checkSettings() throws(NoveltyError) { try check(samples, atLeast: 1, "samples") }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        try input.posterior(for: self).uncertainty(samples: samples).aleatoric
    }
}
