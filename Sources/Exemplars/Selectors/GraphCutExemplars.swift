/// Rows that are like many and unlike each other; see `GraphCut`.
public struct GraphCutExemplars: GreedySelector {
    /// The weight of representation against redundancy.
    public let lambda: Double

    public init(lambda: Double = 2) { self.lambda = lambda }

    public var name: String { "graph-cut" }

    public func selection(of candidates: ExemplarCandidates, count: Int) -> Selection {
        GraphCut.select(count, of: candidates.features, lambda: lambda)
    }
}
