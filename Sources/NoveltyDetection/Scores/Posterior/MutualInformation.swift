import Matrices
import Prediction

/// The mutual information of class and logits: the epistemic part of the uncertainty, in nats, by quadrature. Zero for heads
/// without variance. O(classes) a row.
public struct MutualInformation: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "mutual-information", summary: "The mutual information of class and logits",
        source: "Houlsby et al. 2011, arXiv:1112.5745", needs: .posterior)

    public init() {}

    public func scores(for input: NoveltyInput) throws -> [Float] {
        try input.posterior(for: self).uncertainty().epistemic
    }
}
