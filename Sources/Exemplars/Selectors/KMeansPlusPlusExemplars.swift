import Probability

/// Rows drawn far from each other, by the seeding of k-means++; see `KMeansPlusPlus`.
public struct KMeansPlusPlusExemplars: GreedySelector {
    public init() {}

    public var name: String { "k-means++" }

    public func selection(of candidates: ExemplarCandidates, count: Int) -> Selection {
        var stream = RandomStream(seed: candidates.seed).split(candidates.classLabel)
        return KMeansPlusPlus.select(count, of: candidates.features, stream: &stream)
    }
}
