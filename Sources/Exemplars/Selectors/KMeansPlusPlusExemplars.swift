import Probability

/// Rows drawn far from each other, by the seeding of k-means++; see `KMeansPlusPlus`.
public struct KMeansPlusPlusExemplars: ExemplarSelector {
    public init() {}

    public var name: String { "k-means++" }

    public func ranking(of candidates: ExemplarCandidates, count: Int) -> [Int] {
        var stream = RandomStream(seed: candidates.seed).split(candidates.classLabel)
        return KMeansPlusPlus.select(count, of: candidates.features, stream: &stream).indices
    }
}
