import FeatureData
import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import NoveltyDetection

@Suite struct CombinationTests {
    private let sample = KnownSample()

    /// Ranks and p-values by hand: a held-out fifth of the known rows, and each part's scores among theirs.
    @Test func ranksAreThoseAmongHeldOutRows() throws {
        let score = RankAverage(scores: ["energy", "maximum-logit"], heldOut: 0.2)
        let fitted = try score.fitted(to: sample.known())
        let input = sample.input(sample.queries)
        let held = (0..<240).filter(score.heldOutRows(of: 240, seed: sample.known().seed))
        #expect(fitted.model.known[0].count == held.count)
        let heldInput = sample.input(sample.rows.features.selectingRows(held))
        var tails: [[Double]] = []
        for part in [Energy(), MaximumLogit()] as [any NoveltyScore] {
            let known = try part.scores(for: heldInput)
            tails.append(
                try part.scores(for: input).map { score in
                    Double(known.count { $0 > score }) + (Double(known.count { $0 == score }) + 1) / 2
                })
        }
        // Beyond the largest known score of a part the combinations go on; see `rowsFarOutKeepTheirOrder`.
        let inside = (0..<60).filter { row in tails.allSatisfy { $0[row] > 0.5 } }
        #expect(inside.count > 20)
        let rank = inside.map { 1 - (tails[0][$0] + tails[1][$0]) / 2 / Double(held.count + 1) }
        let ranks = try fitted.scores(for: input)
        expectClose(inside.map { ranks[$0] }, rank, absolute: 1e-6)
        let fisher = try FisherCombination(scores: ["energy", "maximum-logit"]).fitted(to: sample.known())
        let expected = inside.map { -2 * (log(tails[0][$0] / Double(held.count + 1)) + log(tails[1][$0] / Double(held.count + 1))) }
        let sums = try fisher.scores(for: input)
        expectClose(inside.map { sums[$0] }, expected, elementwise: 1e-5)
        for row in 0..<60 where !inside.contains(row) {
            let floor = tails.map { max($0[row], 0.5) / Double(held.count + 1) }
            #expect(Double(sums[row]) >= -2 * (log(floor[0]) + log(floor[1])) - 1e-4)
        }
    }

    /// Beyond the largest known score: nothing at it, then strictly more, at the rate of the tail.
    @Test func rowsFarOutKeepTheirOrder() throws {
        var noise = NormalNoise(seed: 17)
        // Exponential tails: −ln of uniform numbers.
        let normal: Matrix<Double> = .standardNormal(rows: 1, columns: 2000, noise: &noise)
        let known = normal.elements.map { Float(-log(erfc(abs($0) / 2.0.squareRoot()))) }.sorted()
        let tail = KnownTail(ascending: known)
        let largest = Double(known[1999])
        #expect(tail.rarity(largest) == 0 && tail.rarity(-3) == 0 && tail.rarity(.nan).isNaN)
        let rarities = [0.001, 1, 5, 50, 500].map { tail.rarity(largest + $0) }
        #expect(zip(rarities, rarities.dropFirst()).allSatisfy { $0 < $1 } && rarities[0] > 0)
        // Of 135 exceedances the shape's standard error is about (1 + k)/√135 = 0.09, and the scale's 0.12: −ln P(S > largest +
        // 1) is 1 for the law itself.
        #expect(abs(rarities[1] - 1) < 0.5)
        #expect(tail.rarity(.infinity).isFinite)
        // Equal scores say nothing of a tail; a few do.
        #expect(KnownTail(ascending: [2, 2, 2, 2, 2, 2]).rarity(9) == 0)
        #expect(KnownTail(ascending: [1, 2, 4]).rarity(9) > 0 && KnownTail(ascending: [1]).rarity(9) == 0)

        // Fisher and the mean rank, of rows pushed ever further out in one direction.
        let names = ["mahalanobis", "gaussian-mixture"]
        var direction = sample.queries.rows(0..<1)
        var far = Matrix<Float>(rows: 0, columns: direction.columns)
        for _ in 0..<6 {
            direction.scale(by: 4)
            far = far.appendingRows(direction)
        }
        for score in [RankAverage(scores: names), FisherCombination(scores: names)] as [any FittableNoveltyScore] {
            let values = try score.ready(sample.known()).scores(for: NoveltyInput(features: far))
            #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 }, "\(score.name): \(values)")
        }
    }

    /// A fifth within 5 standard errors, of rows that go round five classes of every class, and one of each kind at least.
    @Test func rowsAreHeldOutWhateverTheirOrder() {
        let score = RankAverage(scores: ["energy", "maximum-logit"], heldOut: 0.2)
        let held = (0..<5000).filter(score.heldOutRows(of: 5000, seed: 3))
        #expect(abs(Double(held.count) - 1000) < 5 * 800.0.squareRoot())
        for residue in 0..<5 {
            #expect(abs(Double(held.count { $0 % 5 == residue }) - 200) < 5 * 160.0.squareRoot())
        }
        for seed in 0..<50 as Range<UInt64> {
            #expect((1...2).contains((0..<3).count(where: score.heldOutRows(of: 3, seed: seed))))
        }
    }

    @Test func withoutAModelThePartsMustDoWithoutToo() throws {
        let known = sample.known(head: false)
        let settings = #"{"scores": ["mahalanobis", "nearest-neighbours"]}"#
        for name in ["rank-average", "fisher", "logistic-stacker"] {
            let score = try NoveltyScores.named(name, settings: settings)
            #expect(!score.needs.contains(.posterior))
            let values = try score.ready(known).scores(for: NoveltyInput(features: sample.queries))
            let auroc = try DetectionMetrics(known: Array(values[..<30]), novel: Array(values[30...])).auroc
            #expect(auroc > 0.8, "\(name)")
        }
        #expect(throws: NoveltyError.missing(.posterior, score: "fisher")) { try FisherCombination().ready(known) }
    }

    @Test func badPartsAreNamed() {
        func refusal(_ scores: [String]) -> NoveltyError? {
            do {
                try RankAverage(scores: scores).checkSettings()
                return nil
            } catch { return error }
        }
        #expect(refusal(["energy", "nearest-neighbours"]) == nil)
        #expect(refusal(["energy", "enemy"]) == .unknownScore("enemy"))
        #expect(refusal(["energy", "energy"]) == .duplicateScore("energy"))
        #expect(
            refusal(["energy"])
                == .setting(score: "rank-average", name: "scores", found: "energy", expected: "two names at least"))
        #expect(
            refusal(["energy", "fisher"])
                == .setting(
                    score: "rank-average", name: "scores", found: "fisher", expected: "scores that are no combinations"))
    }

    /// scikit-learn's LogisticRegression(C = 1/(2·penalty), balanced weights summing to 1) by the gradient: at the optimum it
    /// is 0, and the loss is strictly convex.
    @Test func theRegressionIsAtItsOptimum() throws {
        let columns = [[0.1, -0.4, 0.2, 1.5, 0.3], [1, 0, 2, 1, 3.0]]
        let weights = try RidgeLogistic.weights(columns, negatives: 3, penalty: 0.01)
        for i in 0..<3 {
            var gradient = i < 2 ? 2 * 0.01 * weights[i] : 0
            for row in 0..<5 {
                let z = weights[0] * columns[0][row] + weights[1] * columns[1][row] + weights[2]
                let error = 1 / (1 + exp(-z)) - (row < 3 ? 0 : 1)
                gradient += error * (i < 2 ? columns[i][row] : 1) * 0.5 / (row < 3 ? 3 : 2)
            }
            #expect(abs(gradient) < 1e-12)
        }
        // Told apart without error: finite all the same.
        #expect(try RidgeLogistic.weights([[0, 0, 1]], negatives: 2, penalty: 0.001).allSatisfy { abs($0) < 100 })
    }

    /// A score that says nothing of novelty gets next to no weight beside one that does.
    @Test func theStackerHeedsTheBetterScore() throws {
        let score = LogisticStacker(scores: ["mahalanobis", "logit-variance"])
        let fitted = try score.fitted(to: sample.known())
        #expect(fitted.model.weights[0] > 0.3 && abs(fitted.model.weights[1]) < 1e-6)
    }

    /// Made-up rows have the length of known ones, the mean of all classes, and the spread within and between classes.
    @Test func syntheticOutliersAreLikeOtherClasses() throws {
        var known = sample.rows
        known = LabelledFeatures(features: 3 * known.features, labels: known.labels)
        let rows = KnownRows(known, classNames: KnownSample.classNames, seed: 4)
        let outliers = try SyntheticOutliers(rows, score: "test")
        let made = Matrix(stacking: try (0..<40).map { try outliers.rows(240, stream: UInt64($0)) })
        let statistics = try rows.statistics()
        let n = Double(made.rows)
        // Total scatter: within/n + B, B divided by classes − 1. Standard error of a mean √(trace/n); of a trace, about
        // trace·√(2/n); 5 of each.
        let means = Matrix<Double>(made).columnMeans()
        let centred = statistics.presentMeans.adding(row: statistics.presentMeans.columnMeans().map { -$0 })
        let between = centred.rowSquaredNorms().reduce(0, +) / 3
        let within = (0..<12).reduce(0) { $0 + statistics.withinScatter[$1, $1] } / 240
        let spread = Matrix<Double>(made).adding(row: means.map { -$0 }).rowSquaredNorms().reduce(0, +) / n
        expectClose(means, statistics.mean, absolute: 5 * ((between + within) / n).squareRoot())
        expectClose(spread, between + within, relative: 5 * (2 / n).squareRoot())
        let unit = try SyntheticOutliers(sample.known(), score: "test").rows(50, stream: 1)
        #expect(unit.rowNorms().allSatisfy { abs($0 - 1) < 1e-5 })
    }
}
