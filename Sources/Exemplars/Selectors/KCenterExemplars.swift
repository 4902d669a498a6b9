/// Rows that leave none far away: k-center greedy from the row nearest to the class mean; see `KCenter`.
public struct KCenterExemplars: ExemplarSelector {
    public init() {}

    public var name: String { "k-center" }

    public func ranking(of candidates: ExemplarCandidates, count: Int) -> [Int] {
        guard let first = NearestMeanExemplars().scores(of: candidates).descendingOrder.first else { return [] }
        return KCenter.select(count, of: candidates.features, first: first).indices
    }
}
