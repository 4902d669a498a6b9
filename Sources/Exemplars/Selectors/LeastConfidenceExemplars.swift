import Prediction

/// The rows whose most probable class has the least probability (Lewis and Gale 1994, arXiv:cmp-lg/9407020).
public struct LeastConfidenceExemplars: ScoredSelector {
    public init() {}

    public var name: String { "least-confidence" }
    public var needsPosterior: Bool { true }

    public func scores(of candidates: ExemplarCandidates) throws -> [Double] {
        try candidates.posterior(for: self).probabilities().rowMaxima().map { -Double($0) }
    }
}
