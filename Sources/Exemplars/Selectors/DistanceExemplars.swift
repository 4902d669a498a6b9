/// The rows with the smallest logit of their own class, far from what the model takes it for (Jha et al. 2024,
/// arXiv:2403.19137, table of memory selection).
public struct DistanceExemplars: ScoredSelector {
    public init() {}

    public var name: String { "distance" }
    public var needsPosterior: Bool { true }

    /// - Throws: `ExemplarError.unknownClass` where the posterior does not have the class.
    public func scores(of candidates: ExemplarCandidates) throws -> [Double] {
        let mean = try candidates.posterior(for: self).mean
        guard candidates.classLabel < mean.columns else {
            throw ExemplarError.unknownClass(selector: name, label: candidates.classLabel, classes: mean.columns)
        }
        return (0..<mean.rows).map { -Double(mean[$0, candidates.classLabel]) }
    }
}
