import CKernels
import Matrices
import Prediction

/// The temperature part of ODIN: one minus the largest soft-max probability of the mean logits at a high temperature
/// (Liang, Li and Srikant 2018, arXiv:1706.02690, equation 1). Its other part, a step of the image towards more
/// confidence, needs the encoder and is not possible on features. O(classes) a row.
///
/// At T → ∞ it ranks rows as the mean over classes of (largest logit − logit) does.
public struct ODIN: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "odin", summary: "One minus the largest class probability at a high temperature",
        source: "Liang, Li and Srikant 2018, arXiv:1706.02690", needs: .posterior)

    /// T > 0.
    public let temperature: Float

    public init(temperature: Float = 1000) {
        precondition(temperature > 0, "temperature \(temperature)")
        self.temperature = temperature
    }

    public func checkSettings() throws(NoveltyError) { try check(positive: temperature, "temperature") }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        let logits = try input.posterior(for: self).mean
        return RowBlocks.scores(logits) { credence_softmax_remainder_rows_f32($0, $1, temperature, $2, logits.columns) }
    }
}
