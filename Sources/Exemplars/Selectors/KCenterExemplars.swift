/// Rows that leave none far away: k-center greedy from the row nearest to the class mean; see `KCenter`.
public struct KCenterExemplars: GreedySelector {
    public init() {}

    public var name: String { "k-center" }

    public func selection(of candidates: ExemplarCandidates, count: Int) -> Selection {
        guard let first = NearestMeanExemplars().scores(of: candidates).descendingOrder.first else { return Selection() }
        return KCenter.select(count, of: candidates.features, first: first)
    }
}
