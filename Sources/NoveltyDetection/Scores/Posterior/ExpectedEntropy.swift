import Matrices
import Prediction

/// The expected entropy of the soft-max under the posterior: the aleatoric part of the uncertainty, in nats, by quadrature. The
/// entropy of the soft-max for heads without variance. O(classes) a row.
public struct ExpectedEntropy: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "expected-entropy", summary: "The mean entropy of the class probabilities over the posterior",
        source: "Depeweg et al. 2018, arXiv:1710.07283", needs: .posterior)

    public init() {}

    public func scores(for input: NoveltyInput) throws -> [Float] {
        try input.posterior(for: self).uncertainty().aleatoric
    }
}
