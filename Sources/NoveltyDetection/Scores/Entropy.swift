import Foundation
import Matrices
import Prediction

/// The entropy of the class probabilities, in nats. 0…ln(classes).
public struct Entropy: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "entropy", summary: "The entropy of the class probabilities",
        source: "Shannon 1948, doi:10.1002/j.1538-7305.1948.tb01338.x", needs: .posterior)

    /// How the probabilities are taken from the posterior.
    public let method: PredictiveMethod

    public init(method: PredictiveMethod = .softmaxOfMean) { self.method = method }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        let posterior = try input.posterior(for: self)
        if case .monteCarlo(let samples) = method { return posterior.uncertainty(samples: samples).total }
        let logProbabilities = posterior.logProbabilities(method)
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
public struct MutualInformation: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "mutual-information", summary: "The mutual information of class and logits",
        source: "Houlsby et al. 2011, arXiv:1112.5745", needs: .posterior)

    public let samples: Int

    public init(samples: Int = 64) {
        precondition(samples > 0, "\(samples) samples")
        self.samples = samples
    }

    public func checkSettings() throws(NoveltyError) {
        guard samples > 0 else {
            throw .setting(score: name, name: "samples", found: "\(samples)", expected: "1 or more")
        }
    }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        try input.posterior(for: self).uncertainty(samples: samples).epistemic
    }
}
