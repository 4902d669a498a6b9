import Prediction

/// The rows of the highest predictive entropy: where the model is least sure (Chaudhry et al. 2018, arXiv:1801.10112).
public struct EntropyExemplars: ScoredSelector {
    /// How the probabilities come from the posterior.
    public let method: PredictiveMethod

    public init(method: PredictiveMethod = .exact) { self.method = method }

    public var name: String { "entropy" }
    public var needsPosterior: Bool { true }

    public func scores(of candidates: ExemplarCandidates) throws -> [Double] {
        let probabilities = try candidates.posterior(for: self).probabilities(method)
        return (0..<probabilities.rows).map { entropy(probabilities.row($0).map { Double($0) }) }
    }
}
