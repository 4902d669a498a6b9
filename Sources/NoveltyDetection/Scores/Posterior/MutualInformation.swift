import Matrices
import Prediction

/// The mutual information of class and logits: the epistemic part of the uncertainty, in nats. Zero for heads without
/// variance. O(samples · classes) a row.
public struct MutualInformation: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "mutual-information", summary: "The mutual information of class and logits",
        source: "Houlsby et al. 2011, arXiv:1112.5745", needs: .posterior)

    public let samples: Int

    public init(samples: Int = 64) {
        precondition(samples > 0, "\(samples) samples")
        self.samples = samples
    }

    public func checkSettings() throws(NoveltyError) { try check(samples, atLeast: 1, "samples") }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        try input.posterior(for: self).uncertainty(samples: samples).epistemic
    }
}
