import Matrices
import Prediction

/// One minus the lead of the most probable class: 1 − (p₁ − p₂) with p₁ and p₂ the two largest soft-max probabilities of
/// the mean logits (Scheffer, Decomain and Wrobel 2001, doi:10.1007/3-540-44816-0_31). 0…1, 0 for a single class.
/// O(classes) a row.
public struct Margin: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "margin", summary: "One minus the lead of the most probable class over the second",
        source: "Scheffer et al. 2001, doi:10.1007/3-540-44816-0_31", needs: .posterior)

    public init() {}

    public func scores(for input: NoveltyInput) throws -> [Float] {
        try scoresOfMeanLogits(input) { logits in
            // All but p₁ is added up, so that a lead next to 1 keeps its digits.
            let others = logits.softmax().splittingOffRowMaxima(replacement: 0).rest
            return zip(others.rowSums(), others.rowMaxima()).map { $0 + $1 }
        }
    }
}
