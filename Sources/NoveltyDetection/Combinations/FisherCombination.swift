import Foundation
import Prediction

/// Fisher's combination −2 Σ ln p of the conformal p-values of several scores (Fisher 1932; for p-values of one set of
/// known rows Bates et al. 2023, arXiv:2104.08279, section 5). More than a mean rank it heeds the one score that finds a
/// row very rare. The work of its parts.
///
/// Beyond the largest known score p-values would all be the same; there they go on as the tail of the known scores does
/// (`KnownTail`), so that rows far out keep their order.
///
/// Of independent p-values it has a χ² law of 2·scores degrees of freedom; those of one row are not independent. A p-value
/// of the combination itself therefore comes from known rows' scores, as for every score.
public struct FisherCombination: ScoreCombination {
    public static let about = ScoreDescription(
        name: "fisher", summary: "Fisher's combination of several scores' conformal p-values",
        source: "Fisher 1932; Bates et al. 2023, arXiv:2104.08279", needs: [.posterior, .features, .fitting, .labels])

    public let scores: [String]
    public let heldOut: Float

    public init(scores: [String] = ["energy", "mahalanobis"], heldOut: Float = 0.2) {
        (self.scores, self.heldOut) = (scores, heldOut)
    }

    public func scores(for input: NoveltyInput, model: CombinedScores) throws -> [Float] {
        let scores = try model.scores(input)
        let (tails, rarities) = (model.tails(of: scores), model.rarities(of: scores))
        return (0..<input.rows).map { row in
            Float(tails.indices.reduce(0) { $0 + 2 * (rarities[$1][row] - log(tails[$1][row])) })
        }
    }
}
