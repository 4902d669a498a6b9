import Probability

/// Uniformly random rows of a class: the first of a random order that depends on the seed, the class and its number of
/// rows. O(rows).
public struct RandomExemplars: ExemplarSelector {
    public init() {}

    public var name: String { "random" }

    public func ranking(of candidates: ExemplarCandidates, count: Int) -> [Int] {
        var stream = RandomStream(seed: candidates.seed).split(candidates.classLabel)
        return Array(stream.permutation(candidates.count).prefix(max(0, count)))
    }
}
