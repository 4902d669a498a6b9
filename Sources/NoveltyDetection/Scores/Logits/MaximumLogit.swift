import Matrices
import Prediction

/// Minus the largest mean logit (Hendrycks et al. 2022, arXiv:1911.11132). O(classes) a row.
public struct MaximumLogit: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "maximum-logit", summary: "Minus the largest logit",
        source: "Hendrycks et al. 2022, arXiv:1911.11132", needs: .posterior)

    public init() {}

    public func scores(for input: NoveltyInput) throws -> [Float] {
        try input.posterior(for: self).mean.rowMaxima().map { -$0 }
    }
}
