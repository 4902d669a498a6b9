/// Rows that every other one is like, by similarity; see `FacilityLocation`.
public struct FacilityLocationExemplars: GreedySelector {
    public init() {}

    public var name: String { "facility-location" }

    public func selection(of candidates: ExemplarCandidates, count: Int) -> Selection {
        FacilityLocation.select(count, of: candidates.features)
    }
}
