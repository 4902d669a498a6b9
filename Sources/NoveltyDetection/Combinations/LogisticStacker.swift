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

    public func checkSettings() throws(NoveltyError) {
        try checkParts()
        try require(penalty > 0 && penalty.isFinite, "penalty", penalty, "a finite number above 0")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> CombinedScores {
        var (model, fitting, heldOut, heldOutScores) = try fittedPartsAndRows(rows, notes: &notes)
        let outliers = try SyntheticOutliers(heldOut, means: fitting, score: name).rows(heldOut.count, stream: 21)
        guard outliers.rows > 0 else {
            throw NoveltyError.cannotFit(score: name, reason: "no class has rows in both parts of the known rows")
        }
        let posterior = needs.contains(.posterior) ? try rows.posterior(of: outliers, for: self) : nil
        let novel = try model.tails(
            posterior.map { NoveltyInput(posterior: $0, features: outliers) } ?? NoveltyInput(features: outliers))
        let columns = zip(model.tails(of: heldOutScores), novel).map { ($0 + $1).map(Self.deviate) }
        do {
            model.weights = try RidgeLogistic.weights(columns, negatives: heldOut.count, penalty: Double(penalty))
        } catch {
            throw NoveltyError.cannotFit(score: name, reason: "\(error)")
        }
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

    private static func deviate(_ tail: Double) -> Double { -Normal.standard.quantile(tail) }
}

/// Logistic regression of a few columns with a ridge penalty, both sets weighing the same, by Newton's method: the loss is
/// strictly convex, and the optimum is reached to rounding.
enum RidgeLogistic {
    /// One weight a column, then the constant, which is not penalised.
    ///
    /// - Parameters:
    ///   - columns: each of the negative rows first, then of the positive ones.
    ///   - penalty: of Σ w², above 0.
    static func weights(_ columns: [[Double]], negatives: Int, penalty: Double) throws(LinearAlgebraError) -> [Double] {
        let (rows, size) = (columns[0].count, columns.count + 1)
        let positives = rows - negatives
        func value(_ row: Int, _ column: Int) -> Double { column < columns.count ? columns[column][row] : 1 }
        func loss(_ weights: [Double]) -> Double {
            (0..<rows).reduce(penalty * weights.dropLast().reduce(0) { $0 + $1 * $1 }) { sum, row in
                let z = (0..<size).reduce(0) { $0 + weights[$1] * value(row, $1) } * (row < negatives ? 1 : -1)
                let share = 0.5 / Double(row < negatives ? negatives : positives)
                return sum + share * (max(z, 0) + log1p(exp(-abs(z))))
            }
        }
        var weights = [Double](repeating: 0, count: size)
        for _ in 0..<100 {
            var gradient = Matrix<Double>(rows: size, columns: 1)
            var hessian = Matrix<Double>(rows: size, columns: size)
            for i in 0..<columns.count {
                gradient[i, 0] = 2 * penalty * weights[i]
                hessian[i, i] = 2 * penalty
            }
            hessian[size - 1, size - 1] = 1e-12
            for row in 0..<rows {
                let z = (0..<size).reduce(0) { $0 + weights[$1] * value(row, $1) }
                let p = 1 / (1 + exp(-z))
                let share = 0.5 / Double(row < negatives ? negatives : positives)
                for i in 0..<size {
                    gradient[i, 0] += share * (p - (row < negatives ? 0 : 1)) * value(row, i)
                    for j in 0..<size { hessian[i, j] += share * p * (1 - p) * value(row, i) * value(row, j) }
                }
            }
            if gradient.elements.allSatisfy({ abs($0) < 1e-13 }) { break }
            let step = try CholeskyFactorization(hessian).solve(gradient)
            let slope = zip(step.elements, gradient.elements).reduce(0) { $0 + $1.0 * $1.1 }
            let (start, old) = (loss(weights), weights)
            var scale = 1.0
            repeat {
                weights = zip(old, step.elements).map { $0 - scale * $1 }
                scale /= 2
            } while loss(weights) > start - 1e-4 * scale * slope + 1e-15 && scale > 1e-9
        }
        return weights
    }
}
