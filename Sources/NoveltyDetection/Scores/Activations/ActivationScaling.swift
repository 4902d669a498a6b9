import Foundation
import Matrices
import Prediction

/// SCALE: the energy of the logits when a row is multiplied by exp(r), r being the sum of its activations over the sum of
/// those that pruning would keep (Xu et al. 2024, arXiv:2310.00227).
///
/// Made for activations that are not negative; a row whose kept activations have no positive sum stays as it is.
/// `LinearClassifier` says what gives the logits. O(D · (log D + classes)) a row.
public struct ActivationScaling: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "scale", summary: "Energy with rows scaled by how few activations carry them (made for non-negative ones)",
        source: "Xu et al. 2024, arXiv:2310.00227", needs: [.features, .fitting, .labels])

    /// The share of a row's activations that counts as pruned, 0…1.
    public var percentile: Float

    public init(percentile: Float = 0.65) { self.percentile = percentile }

    public func checkSettings() throws(NoveltyError) {
        try require(percentile >= 0 && percentile <= 1, "percentile", percentile, "0 to 1")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> LinearClassifier {
        try rows.linearClassifier(notes: &notes)
    }

    public func scores(for input: NoveltyInput, model: LinearClassifier) throws -> [Float] {
        let percentile = percentile
        return model.energies(try input.features(for: self)) { block in
            block.forEachRow { row in
                let keptSum = row.largest(pruning: percentile).reduce(Float(0)) { $0 + row[$1] }
                guard keptSum > 0 else { return }
                let factor = exp(row.reduce(0, +) / keptSum)
                for index in row.indices { row[index] *= factor }
            }
        }
    }
}
