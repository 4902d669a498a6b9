import Matrices
import Prediction

/// DICE: the energy of the logits when only the weights that contribute most on known rows are kept: those for which mean
/// activation times weight exceeds a percentile of all (Sun and Li 2022, arXiv:2111.09805).
///
/// Made for activations that are not negative. `LinearClassifier` says what gives the logits. O(D · classes) a row.
public struct DirectedSparsification: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "dice", summary: "Energy with the weights that contribute least left out (made for non-negative activations)",
        source: "Sun and Li 2022, arXiv:2111.09805", needs: [.features, .fitting, .labels])

    /// The share of the weights that is left out, 0…1.
    public var percentile: Double

    public init(percentile: Double = 0.9) { self.percentile = percentile }

    public func checkSettings() throws(NoveltyError) {
        try require(percentile >= 0 && percentile <= 1, "percentile", percentile, "0 to 1")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> LinearClassifier {
        let classifier = try rows.linearClassifier(notes: &notes)
        let mean = try rows.statistics().mean.map { Float($0) }
        let size = classifier.dimension
        let contributions = classifier.weight.elements.enumerated().map { mean[$0 % size] * $1 }
        let limit = quantile(ofSorted: contributions.sorted(), percentile)
        var kept = classifier.weight
        kept.withUnsafeMutableElements { for index in $0.indices where !(contributions[index] > limit) { $0[index] = 0 } }
        return LinearClassifier(weight: kept, bias: classifier.bias)
    }

    public func scores(for input: NoveltyInput, model: LinearClassifier) throws -> [Float] {
        model.energies(try input.features(for: self)) { _ in }
    }
}
