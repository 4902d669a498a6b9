import Foundation
import Matrices
import Prediction

/// One minus the largest class probability (Hendrycks and Gimpel 2017, arXiv:1610.02136). 0…1.
public struct MaximumSoftmaxProbability: NoveltyScore {
    /// How the probabilities are taken from the posterior.
    public let method: PredictiveMethod

    public init(method: PredictiveMethod = .softmaxOfMean) { self.method = method }

    public var name: String { "maximum-softmax-probability" }

    public func scores(for input: NoveltyInput) -> [Float] {
        // The log probability keeps apart what is next to 1.
        input.posterior.logProbabilities(method).rowMaxima().map { -expm1($0) }
    }
}

/// Minus the largest mean logit (Hendrycks et al. 2022, arXiv:1911.11132). O(classes) a row.
public struct MaximumLogit: NoveltyScore {
    public init() {}

    public var name: String { "maximum-logit" }

    public func scores(for input: NoveltyInput) -> [Float] { input.posterior.mean.rowMaxima().map { -$0 } }
}
