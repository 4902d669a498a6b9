import Matrices

/// The rows where samples of the parameters disagree most on how sure they are: the variance of the entropy of the softmax.
///
/// The published code's selector of this name takes a geometric mean with a negative number, which is undefined; this is the
/// quantity its name says. O(samples · rows · classes).
public struct EntropyVarianceExemplars: ScoredSelector {
    public init() {}

    public var name: String { "entropy-variance" }
    public var needsPosterior: Bool { true }

    public func scores(of candidates: ExemplarCandidates) throws -> [Double] {
        let samples = try candidates.logitSamples(for: self).map { $0.softmax() }
        return (0..<candidates.count).map { row in
            samples.map { entropy($0.row(row).map { Double($0) }) }.variance
        }
    }
}
