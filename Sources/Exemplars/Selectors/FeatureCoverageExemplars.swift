/// Rows in which all features are present; see `FeatureCoverage`.
public struct FeatureCoverageExemplars: GreedySelector {
    public let concave: FeatureCoverage.Concave

    public init(concave: FeatureCoverage.Concave = .squareRoot) { self.concave = concave }

    public var name: String { "feature-coverage" }

    public func selection(of candidates: ExemplarCandidates, count: Int) -> Selection {
        FeatureCoverage.select(count, of: candidates.features, concave: concave)
    }
}
