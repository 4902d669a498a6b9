/// Rows in which all features are present; see `FeatureCoverage`.
public struct FeatureCoverageExemplars: ExemplarSelector {
    public let concave: FeatureCoverage.Concave

    public init(concave: FeatureCoverage.Concave = .squareRoot) { self.concave = concave }

    public var name: String { "feature-coverage" }

    public func ranking(of candidates: ExemplarCandidates, count: Int) -> [Int] {
        FeatureCoverage.select(count, of: candidates.features, concave: concave).indices
    }
}
