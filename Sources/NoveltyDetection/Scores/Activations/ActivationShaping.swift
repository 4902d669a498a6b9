import Foundation
import Matrices
import Prediction

/// ASH: the energy of the logits when a row's smallest activations are set to zero and the others changed (Djurisic et
/// al. 2023, arXiv:2209.09858).
///
/// Made for activations that are not negative; a row whose kept activations have no positive sum is only pruned.
/// `LinearClassifier` says what gives the logits. O(D · (log D + classes)) a row.
///
/// Of equal activations at the edge of what is kept the first stay. Pytorch-ood leaves the choice to `torch.topk`, so on
/// half-precision features, where 3 rows of 100 have such a tie, those rows differ (by up to 0.09 in the energy on
/// tinyimagenet100, which is a large share of an energy near 0); all others agree to 3e-6.
public struct ActivationShaping: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "ash", summary: "Energy with small activations pruned and the others scaled (made for non-negative ones)",
        source: "Djurisic et al. 2023, arXiv:2209.09858", needs: [.features, .fitting, .labels])

    /// What becomes of the activations that are kept.
    public enum Variant: String, Sendable, Codable, CaseIterable {
        /// Nothing.
        case prune
        /// All take the value that restores the row's sum.
        case binarize
        /// They are multiplied by exp(sum of the row / sum of the kept).
        case scale
    }

    public var variant: Variant
    /// The share of a row's activations that is pruned, 0…1.
    public var percentile: Float

    public init(variant: Variant = .scale, percentile: Float = 0.65) {
        self.variant = variant
        self.percentile = percentile
    }

    public func checkSettings() throws(NoveltyError) {
        try require(percentile >= 0 && percentile <= 1, "percentile", percentile, "0 to 1")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> LinearClassifier {
        try rows.linearClassifier(notes: &notes)
    }

    public func scores(for input: NoveltyInput, model: LinearClassifier) throws -> [Float] {
        let (variant, percentile) = (variant, percentile)
        return model.energies(try input.features(for: self)) { block in
            block.forEachRow { row in
                let kept = row.largest(pruning: percentile)
                let values = kept.map { row[$0] }
                let (sum, keptSum) = (row.reduce(0, +), values.reduce(0, +))
                var factor: Float = 1
                if variant == .scale, keptSum > 0 { factor = exp(sum / keptSum) }
                row.update(repeating: 0)
                for (index, value) in zip(kept, values) {
                    row[index] = variant == .binarize ? sum / Float(kept.count) : value * factor
                }
            }
        }
    }
}
