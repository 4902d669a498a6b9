/// Rows unlike each other, by the volume they span; see `DeterminantalPointProcess`.
public struct DeterminantalExemplars: GreedySelector {
    public init() {}

    public var name: String { "determinantal" }

    public func selection(of candidates: ExemplarCandidates, count: Int) -> Selection {
        DeterminantalPointProcess.select(count, of: candidates.features, addsIdentity: true)
    }
}
