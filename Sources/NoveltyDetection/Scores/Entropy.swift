import Foundation
import Matrices
import Prediction

/// The entropy of the class probabilities, in nats. 0…ln(classes).
public struct Entropy: NoveltyScore {
    /// How the probabilities are taken from the posterior.
    public let method: PredictiveMethod

    public init(method: PredictiveMethod = .softmaxOfMean) { self.method = method }

    public var name: String { "entropy" }

    public func scores(for input: NoveltyInput) -> [Float] {
        if case .monteCarlo(let samples) = method { return input.posterior.uncertainty(samples: samples).total }
        let logProbabilities = input.posterior.logProbabilities(method)
        return (0..<logProbabilities.rows).map { row in
            let range = (row * logProbabilities.columns)..<((row + 1) * logProbabilities.columns)
            return range.reduce(0) { sum, index in
                let l = logProbabilities.pointer[index]
                return l == -.infinity ? sum : sum - exp(l) * l
            }
        }
    }
}

/// The mutual information of class and logits: the epistemic part of the uncertainty, in nats. Zero for heads without
/// variance. O(samples · classes) a row.
public struct MutualInformation: NoveltyScore {
    public let samples: Int

    public init(samples: Int = 64) {
        precondition(samples > 0, "\(samples) samples")
        self.samples = samples
    }

    public var name: String { "mutual-information" }

    public func scores(for input: NoveltyInput) -> [Float] { input.posterior.uncertainty(samples: samples).epistemic }
}
