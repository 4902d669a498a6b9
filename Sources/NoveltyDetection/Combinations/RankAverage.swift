import Prediction

/// The mean over scores of the rank among known rows' scores: a row's place, 0…1, averaged. Scales do not matter, and a
/// score that does not tell novel rows apart only dilutes. The work of its parts.
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
        let tails = try model.tails(input)
        return (0..<input.rows).map { row in
            Float(1 - tails.reduce(0) { $0 + $1[row] } / Double(tails.count))
        }
    }
}
