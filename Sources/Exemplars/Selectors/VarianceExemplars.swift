import Matrices

/// The rows whose class probabilities vary least between samples of the parameters, summed over classes (Jha et al. 2024,
/// arXiv:2403.19137: what the model is sure of). O(samples · rows · classes).
public struct VarianceExemplars: ScoredSelector {
    public init() {}

    public var name: String { "variance" }
    public var needsPosterior: Bool { true }

    public func scores(of candidates: ExemplarCandidates) throws -> [Double] {
        let samples = try candidates.logitSamples(for: self).map { $0.softmax() }
        return (0..<candidates.count).map { row in
            guard let classes = samples.first?.columns else { return 0 }
            return -(0..<classes).reduce(0.0) { sum, k in sum + samples.map { Double($0[row, k]) }.variance }
        }
    }
}

extension [Double] {
    /// Unbiased; 0 of fewer than two values.
    var variance: Double {
        guard count > 1 else { return 0 }
        let mean = reduce(0, +) / Double(count)
        return reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    }
}
