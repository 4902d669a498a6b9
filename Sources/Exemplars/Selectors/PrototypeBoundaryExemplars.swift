import Prediction

/// In turn a row near the class mean and one near a boundary: what the class is, and where it ends.
public struct PrototypeBoundaryExemplars: ExemplarSelector {
    public init() {}

    public var name: String { "prototype-boundary" }
    public var needsPosterior: Bool { true }

    public func ranking(of candidates: ExemplarCandidates, count: Int) throws -> [Int] {
        let prototypes = NearestMeanExemplars().scores(of: candidates).descendingOrder
        let boundary = try candidates.posterior(for: self).rowUncertainty().margin.map { -Double($0) }.descendingOrder
        var taken = Set<Int>()
        let mixed = zip(prototypes, boundary).flatMap { [$0, $1] }.filter { taken.insert($0).inserted }
        return Array(mixed.prefix(max(0, count)))
    }
}
