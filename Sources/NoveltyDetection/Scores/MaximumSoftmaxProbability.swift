import Foundation
import Matrices
import Prediction

/// One minus the largest class probability (Hendrycks and Gimpel 2017, arXiv:1610.02136). 0…1.
public struct MaximumSoftmaxProbability: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "maximum-softmax-probability", summary: "One minus the largest class probability",
        source: "Hendrycks and Gimpel 2017, arXiv:1610.02136", needs: .posterior)

    /// How the probabilities are taken from the posterior.
    public let method: PredictiveMethod

    public init(method: PredictiveMethod = .softmaxOfMean) { self.method = method }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        // The log probability keeps apart what is next to 1.
        try input.posterior(for: self).logProbabilities(method).rowMaxima().map { -expm1($0) }
    }
}

/// Minus the largest mean logit (Hendrycks et al. 2022, arXiv:1911.11132). O(classes) a row.
public struct MaximumLogit: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "maximum-logit", summary: "Minus the largest mean logit",
        source: "Hendrycks et al. 2022, arXiv:1911.11132", needs: .posterior)

    public init() {}

    public func scores(for input: NoveltyInput) throws -> [Float] {
        try input.posterior(for: self).mean.rowMaxima().map { -$0 }
    }
}
