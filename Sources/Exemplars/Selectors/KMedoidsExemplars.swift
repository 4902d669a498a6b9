/// Rows that have every other one near, by distance; see `KMedoids`.
public struct KMedoidsExemplars: GreedySelector {
    public init() {}

    public var name: String { "k-medoids" }

    public func selection(of candidates: ExemplarCandidates, count: Int) -> Selection {
        KMedoids.select(count, of: candidates.features)
    }
}
