import Matrices

/// Rows whose running mean stays nearest to the class's mean (iCaRL: Rebuffi et al. 2017, arXiv:1611.07725); see `Herding`.
public struct HerdingExemplars: GreedySelector {
    /// What is averaged.
    public enum Space: Sendable, Hashable {
        case features
        /// The mean logits, as the published CLAP code does.
        case logits
    }

    public let space: Space

    public init(space: Space = .features) { self.space = space }

    public var name: String { space == .features ? "herding" : "herding-logits" }
    public var needsPosterior: Bool { space == .logits }

    public func selection(of candidates: ExemplarCandidates, count: Int) throws -> Selection {
        let rows = space == .features ? candidates.features : try candidates.posterior(for: self).mean
        return Herding.select(count, of: rows, normalizesMean: space == .features)
    }
}
