import CKernels
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
        let samples = try candidates.logitSamples(for: self)
        guard candidates.count > 0 else { return [] }
        var entropies = Matrix<Float>(rows: samples.count, columns: candidates.count)
        entropies.withUnsafeMutableElements { entropies in
            for (sample, logits) in samples.enumerated() {
                logits.withUnsafeElements {
                    guard let out = entropies.baseAddress, let logits = $0.baseAddress else { return }
                    credence_softmax_entropy_rows_f32(
                        out + sample * candidates.count, logits, candidates.count, $0.count / candidates.count)
                }
            }
        }
        return (0..<candidates.count).map { row in (0..<samples.count).map { Double(entropies[$0, row]) }.variance }
    }
}
