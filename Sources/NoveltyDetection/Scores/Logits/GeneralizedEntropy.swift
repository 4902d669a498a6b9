import CKernels
import Matrices
import Prediction

/// The generalised entropy GEN: Σ pᵞ(1 − p)ᵞ over the M largest soft-max probabilities p of the mean logits (Liu,
/// Lochman and Zach 2023, CVPR, equation 5). O(classes) a row.
///
/// With γ = 0.1 probabilities far below 1 % still count: it looks at the whole of a row's soft-max where the entropy sees
/// its largest parts. Pytorch-ood takes the mean of the terms, which ranks alike, and raises probabilities to 10⁻⁷, which
/// `smallestProbability` does.
public struct GeneralizedEntropy: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "generalized-entropy", summary: "GEN: entropy of the power family over the most probable classes",
        source: "Liu, Lochman and Zach 2023, doi:10.1109/CVPR52729.2023.02293", needs: .posterior)

    /// γ, above 0.
    public let exponent: Float
    /// M; all classes where there are no more.
    public let classes: Int
    /// Probabilities are taken within this and 1 less this; 0 leaves them as they are.
    public let smallestProbability: Float

    public init(exponent: Float = 0.1, classes: Int = 100, smallestProbability: Float = 0) {
        precondition(exponent > 0 && classes > 0, "exponent \(exponent), \(classes) classes")
        precondition(smallestProbability >= 0 && smallestProbability < 0.5, "\(smallestProbability)")
        self.exponent = exponent
        self.classes = classes
        self.smallestProbability = smallestProbability
    }

    public func checkSettings() throws(NoveltyError) {
        try check(positive: exponent, "exponent")
        try check(classes, atLeast: 1, "classes")
        try require(
            smallestProbability >= 0 && smallestProbability < 0.5, "smallestProbability", smallestProbability,
            "0 up to below 0.5")
    }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        let logits = try input.posterior(for: self).mean
        return RowBlocks.scores(logits, elementsPerPiece: 65_536) { out, first, rows in
            withUnsafeTemporaryAllocation(
                of: Float.self, capacity: credence_generalized_entropy_scratch(logits.columns)
            ) { scratch in
                guard let base = scratch.baseAddress else { return }
                credence_generalized_entropy_rows_f32(
                    out, first, exponent, classes, smallestProbability, base, rows, logits.columns)
            }
        }
    }
}
