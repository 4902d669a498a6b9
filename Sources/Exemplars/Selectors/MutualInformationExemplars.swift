import Prediction

/// The rows of the highest mutual information of label and parameters (BALD: Houlsby et al. 2011, arXiv:1112.5745).
public struct MutualInformationExemplars: ScoredSelector {
    public init() {}

    public var name: String { "mutual-information" }
    public var needsPosterior: Bool { true }

    public func scores(of candidates: ExemplarCandidates) throws -> [Double] {
        try candidates.posterior(for: self).uncertainty().epistemic.map { Double($0) }
    }
}
