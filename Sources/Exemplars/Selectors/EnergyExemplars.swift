/// The rows with the smallest expected log Σ exp of the logits, near to no class (Jha et al. 2024, arXiv:2403.19137; the
/// energy of Liu et al. 2020, arXiv:2010.03759). O(samples · rows · classes).
public struct EnergyExemplars: ScoredSelector {
    public init() {}

    public var name: String { "energy" }
    public var needsPosterior: Bool { true }

    public func scores(of candidates: ExemplarCandidates) throws -> [Double] {
        let samples = try candidates.logitSamples(for: self)
        var scores = Array(repeating: 0.0, count: candidates.count)
        for logits in samples {
            for (row, value) in logits.logSumExp().enumerated() { scores[row] -= Double(value) / Double(samples.count) }
        }
        return scores
    }
}
