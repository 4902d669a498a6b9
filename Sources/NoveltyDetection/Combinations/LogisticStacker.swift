import Foundation
import Matrices
import Prediction
import Probability

/// A logistic regression on the ranks of several scores among known rows, learnt from held-out known rows against rows of
/// made-up classes (`SyntheticOutliers`): Σ w_i·Φ⁻¹(rank_i) + b (stacking, Wolpert 1992,
/// doi:10.1016/S0893-6080(05)80023-1). The work of its parts.
///
/// Ranks are mapped to normal deviates so that weights act on like scales. A ridge penalty keeps the optimum finite where
/// the made-up rows are told apart without error. As good as the made-up rows resemble what comes.
public struct LogisticStacker: ScoreCombination {
    public static let about = ScoreDescription(
        name: "logistic-stacker", summary: "Logistic regression on several scores, learnt against made-up outliers",
        source: "Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1", needs: [.posterior, .features, .fitting, .labels])

    public let scores: [String]
    public let heldOut: Float
    /// Of Σ w², beside the mean log-loss; above 0.
    public let penalty: Float

    public init(
        scores: [String] = ["energy", "mahalanobis", "relative-mahalanobis"], heldOut: Float = 0.2,
        penalty: Float = 0.001
    ) {
        (self.scores, self.heldOut, self.penalty) = (scores, heldOut, penalty)
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> CombinedScores {
        try require(penalty > 0 && penalty.isFinite, "penalty", penalty, "a finite number above 0")
        var model = try fittedParts(rows, notes: &notes)
        let count = model.known[0].count
        let outliers = try SyntheticOutliers(rows, score: name).rows(count, stream: 21)
        let posterior = rows.hasPosterior ? try rows.posterior(of: outliers, for: self) : nil
        let novel = try model.tails(
            posterior.map { NoveltyInput(posterior: $0, features: outliers) } ?? NoveltyInput(features: outliers))
        let known = try knownTails(rows, model)
        model.weights = Self.regression(
            zip(known, novel).map { ($0 + $1).map(Self.deviate) }, known: known[0].count, penalty: Double(penalty))
        return model
    }

    public func scores(for input: NoveltyInput, model: CombinedScores) throws -> [Float] {
        let tails = try model.tails(input)
        guard model.weights.count == tails.count + 1 else { throw NoveltyError.notFitted(score: name) }
        return (0..<input.rows).map { row in
            var sum = model.weights[tails.count]
            for (index, tail) in tails.enumerated() { sum += model.weights[index] * Self.deviate(tail[row]) }
            return Float(sum)
        }
    }

    private static func deviate(_ tail: Double) -> Double { -normalQuantile(tail) }
}
