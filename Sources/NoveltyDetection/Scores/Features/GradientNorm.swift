import Matrices
import Prediction

/// GradNorm: minus the L1 norm of the gradient of the cross-entropy to the uniform distribution by the last layer's
/// weights (Huang, Geng and Li 2021, arXiv:2110.00218). The gradient is (p − 1/C)xᵀ, so the norm is
/// ‖x‖₁ · Σ_c |p_c − 1/C|: no differentiation (their section 5).
///
/// `LinearClassifier` says what stands for the last layer. O(D · classes) a row.
public struct GradientNorm: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "gradnorm", summary: "Minus the norm of the last layer's gradient towards uniform probabilities",
        source: "Huang, Geng and Li 2021, arXiv:2110.00218", needs: [.features, .fitting, .labels])

    /// Of the soft-max, above 0.
    public var temperature: Float

    public init(temperature: Float = 1) { self.temperature = temperature }

    public func checkSettings() throws(NoveltyError) {
        try require(temperature > 0 && temperature.isFinite, "temperature", temperature, "a finite number above 0")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> LinearClassifier {
        try rows.linearClassifier(notes: &notes)
    }

    public func scores(for input: NoveltyInput, model: LinearClassifier) throws -> [Float] {
        let temperature = temperature
        let uniform = [Float](repeating: -1 / Float(model.classes), count: model.classes)
        return RowBlocks.scores(try input.features(for: self)) { block in
            var logits = model.logits(block)
            logits.scale(by: 1 / temperature)
            let distances = logits.softmax().adding(row: uniform).absolute().rowSums()
            return zip(block.absolute().rowSums(), distances).map { -$0 * $1 / temperature }
        }
    }
}
