import Prediction

/// The mean over scores of the rank among known rows' scores: a row's place, 0…1, averaged. Scales do not matter, and a
/// score that does not tell novel rows apart only dilutes. The work of its parts.
///
/// Beyond the largest known score a row gains half a rank more for each factor e by which the tail of the known scores
/// (`KnownTail`) thins out, so that rows far out keep their order; the mean may then exceed 1.
///
/// Ranks are those among held-out known rows, not among the rows that are scored (as in Aggarwal 2013,
/// doi:10.1145/2481244.2481252), so that a row's score does not depend on its neighbours.
public struct RankAverage: ScoreCombination {
    public static let about = ScoreDescription(
        name: "rank-average", summary: "Mean rank of several scores among known rows",
        source: "Aggarwal and Sathe 2015, doi:10.1145/2830544.2830549", needs: [.posterior, .features, .fitting, .labels])

    public let scores: [String]
    public let heldOut: Float

    public init(scores: [String] = ["energy", "mahalanobis"], heldOut: Float = 0.2) {
        (self.scores, self.heldOut) = (scores, heldOut)
    }

    public func scores(for input: NoveltyInput, model: CombinedScores) throws -> [Float] {
        let scores = try model.scores(input)
        let (tails, rarities) = (model.tails(of: scores), model.rarities(of: scores))
        // Half of one of n + 1 ranks: the tail of a row beyond all others.
        let half = model.known.map { 0.5 / Double($0.count + 1) }
        return (0..<input.rows).map { row in
            let sum = tails.indices.reduce(0) { $0 + tails[$1][row] - half[$1] * rarities[$1][row] }
            return Float(1 - sum / Double(tails.count))
        }
    }
}
