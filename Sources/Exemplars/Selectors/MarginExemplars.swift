import Prediction

/// The rows where the most probable class is least ahead of the second: those near a boundary (Scheffer, Decomain and Wrobel
/// 2001, doi:10.1007/3-540-44816-0_31).
public struct MarginExemplars: ScoredSelector {
    public init() {}

    public var name: String { "margin" }
    public var needsPosterior: Bool { true }

    public func scores(of candidates: ExemplarCandidates) throws -> [Double] {
        try candidates.posterior(for: self).rowUncertainty().margin.map { -Double($0) }
    }
}
