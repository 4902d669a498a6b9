/// Rows that every other one is like, by similarity; see `FacilityLocation`.
public struct FacilityLocationExemplars: ExemplarSelector {
    public init() {}

    public var name: String { "facility-location" }

    public func ranking(of candidates: ExemplarCandidates, count: Int) -> [Int] {
        FacilityLocation.select(count, of: candidates.features).indices
    }
}
