/// Rows that have every other one near, by distance; see `KMedoids`.
public struct KMedoidsExemplars: ExemplarSelector {
    public init() {}

    public var name: String { "k-medoids" }

    public func ranking(of candidates: ExemplarCandidates, count: Int) -> [Int] {
        KMedoids.select(count, of: candidates.features).indices
    }
}
