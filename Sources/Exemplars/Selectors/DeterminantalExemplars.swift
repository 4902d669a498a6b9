/// Rows unlike each other, by the volume they span; see `DeterminantalPointProcess`.
public struct DeterminantalExemplars: ExemplarSelector {
    public init() {}

    public var name: String { "determinantal" }

    public func ranking(of candidates: ExemplarCandidates, count: Int) -> [Int] {
        DeterminantalPointProcess.select(count, of: candidates.features, addsIdentity: true).indices
    }
}
