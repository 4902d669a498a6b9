import Foundation
import Probability
import TestSupport
import Testing

@testable import NoveltyDetection

@Suite struct BinomialIntervalTests {
    /// scipy.stats.binomtest(k, n).proportion_ci(level, "exact"), SciPy 1.17.1; the last one from mpmath,
    /// whose 1 − 0.95^(10⁻⁶) SciPy gives to 7 digits.
    @Test(arguments: [
        (0, 10, 0.95, 0.0, 0.30849710781876294), (10, 10, 0.95, 0.6915028921812371, 1.0),
        (19, 20, 0.95, 0.7512672372279723, 0.998734910502044), (950, 1000, 0.99, 0.9294956247985422, 0.9660733372897797),
        (1, 1000000, 0.9, 5.129329307204954e-08, 4.7438556382068105e-06),
    ])
    func agreesWithSciPy(count: Int, total: Int, level: Double, lower: Double, upper: Double) {
        let interval = BinomialInterval(count: count, of: total, level: level)
        expectClose([interval.lower, interval.upper], [lower, upper], elementwise: 1e-10)
    }
}

@Suite struct NoveltyThresholdTests {
    @Test func keepsTheWantedShareAndNoMoreThanItMust() throws {
        var stream = RandomStream(seed: 5)
        let scores = (0..<237).map { _ in stream.gaussian() }
        for rate in [0.001, 0.5, 0.9, 0.95, 0.999, 1] {
            let threshold = try NoveltyThreshold(known: scores, truePositiveRate: rate)
            let kept = scores.count { !threshold.isNovel($0) }
            #expect(kept == threshold.kept && Double(kept) >= rate * 237 - 1e-9)
            #expect(Double(kept - 1) < rate * 237, "one fewer would not do")
            #expect(threshold.interval == BinomialInterval(count: kept, of: 237))
        }
        // 19 of 20, although 0.95·20 is above 19 in binary.
        #expect(try NoveltyThreshold(known: (1...20).map(Double.init), truePositiveRate: 0.95).value == 19)
    }

    @Test func equalScoresFallOnOneSide() throws {
        let threshold = try NoveltyThreshold(known: [1, 2, 2, 2, 2, 2, 2, 2, 3, 4], truePositiveRate: 0.5)
        #expect(threshold.value == 2 && threshold.kept == 8)
        #expect(!threshold.isNovel(2) && threshold.isNovel(2.5))
    }

    /// The share of all known rows below the threshold lies in the interval as often as promised: 400 thresholds of 200
    /// uniform scores, whose true share is the threshold itself. The law of the share is Beta(190, 11), the interval's
    /// ends its 2.5 % quantile and one above its 97.5 % quantile, so at most 5 % are missed; more than 38 of 400 would be
    /// by chance in 1 of 10⁴ runs.
    @Test func theIntervalHoldsForTheRowsThatSetIt() throws {
        var (stream, missed) = (RandomStream(seed: 11), 0)
        for _ in 0..<400 {
            let threshold = try NoveltyThreshold(known: (0..<200).map { _ in stream.uniform() }, truePositiveRate: 0.95)
            if !(threshold.interval.lower...threshold.interval.upper).contains(threshold.value) { missed += 1 }
        }
        #expect(missed <= 38)
    }

    /// At 90 % confidence the tolerance limit keeps too few rows in at most 10 % of the cases: of 400 more than 65 would
    /// be by chance in 1 of 10⁴ runs.
    @Test func theToleranceLimitKeepsItsPromise() throws {
        var (stream, missed) = (RandomStream(seed: 12), 0)
        for _ in 0..<400 {
            let scores = (0..<200).map { _ in stream.uniform() }
            let limit = try NoveltyThreshold(known: scores, truePositiveRate: 0.95, confidence: 0.9)
            let plain = try NoveltyThreshold(known: scores, truePositiveRate: 0.95)
            #expect(limit.value >= plain.value)
            if limit.value < 0.95 { missed += 1 }
        }
        #expect(missed <= 65)
        // 1 − 0.95²⁸ = 0.762, 1 − 0.95⁴⁵ = 0.9006: 45 rows are needed.
        #expect(throws: NoveltyError.knownRows(
            reason: "28 of them, expected 45 at least for a threshold that keeps 0.95 of all with confidence 0.9")
        ) { try NoveltyThreshold(known: (1...28).map(Double.init), truePositiveRate: 0.95, confidence: 0.9) }
        #expect(try NoveltyThreshold(known: (1...45).map(Double.init), truePositiveRate: 0.95, confidence: 0.9).value == 45)
    }

    @Test func badScoresAreNamed() {
        #expect(throws: NoveltyError.noRows(set: "known")) {
            try NoveltyThreshold(known: [Double](), truePositiveRate: 0.95)
        }
        #expect(throws: NoveltyError.scoreIsNaN(set: "known", row: 1)) {
            try NoveltyThreshold(known: [0, Double.nan], truePositiveRate: 0.95)
        }
    }
}

@Suite struct ConformalPValueTests {
    @Test func countsOfEqualAndHigherScores() throws {
        let p = try ConformalPValues(known: [3, 1, 2, 2])
        #expect([0, 1, 1.5, 2, 3, 4].map(p.rank) == [5, 5, 4, 4, 2, 1])
        #expect(p.conservative(2) == 4.0 / 5 && p.conservative(9) == 1.0 / 5 && p.conservative(-.infinity) == 1)
        #expect(p.conservative(.nan).isNaN && p.randomised(.nan, uniform: 0.5).isNaN)
        #expect(p.randomised(2, uniform: 0.5) == 2.5 / 5)
        #expect(p.randomised(2, uniform: 1) == p.conservative(2))
    }

    @Test func aRowsUniformDoesNotDependOnBlocks() throws {
        let p = try ConformalPValues(known: (0..<50).map { Double($0 % 5) })
        let scores = (0..<40).map { Double($0 % 7) }
        let all = p(scores, ties: .randomised, seed: 3)
        #expect(p(scores[17...], ties: .randomised, seed: 3, firstRow: 17) == Array(all[17...]))
        #expect(p(scores, ties: .randomised, seed: 4) != all)
        #expect(p(scores) == scores.map(p.conservative))
    }

    /// Among known rows randomised p-values are uniform although scores are equal in heaps: Kolmogorov's distance of 4000
    /// of them, each from its own known rows, exceeds 1.95/√4000 by chance in 1 of 1000 runs. Conservative ones are no
    /// smaller.
    @Test func randomisedPValuesAreUniform() throws {
        var (stream, values) = (RandomStream(seed: 9), [Double]())
        for row in 0..<4000 {
            let scores = (0..<8).map { _ in Double(stream.integer(below: 3)) }
            let p = try ConformalPValues(known: scores.dropLast())
            let value = p([scores[7]], ties: .randomised, seed: 21, firstRow: row)[0]
            #expect(value <= p.conservative(scores[7]))
            values.append(value)
        }
        values.sort()
        let distance = values.enumerated().map { max(abs($1 - Double($0) / 4000), abs($1 - Double($0 + 1) / 4000)) }
        #expect(try #require(distance.max()) < 1.95 / 4000.0.squareRoot())
    }
}

@Suite struct FalseDiscoveryRateTests {
    /// The fifteen p-values of Benjamini and Hochberg's paper: four are rejected at 5 %.
    @Test func thePapersExample() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
            1,
        ]
        let rate = FalseDiscoveryRate(pValues: p.reversed(), level: 0.05)
        #expect(rate.discoveries == 4 && rate.threshold == 0.0095 && rate.rows == 15 && rate.knownShare == 1)
        #expect(p.filter(rate.isNovel) == Array(p[..<4]))
        // scipy.stats.false_discovery_control(p), SciPy 1.17.1.
        let adjusted = FalseDiscoveryRate.adjusted(p)
        expectClose(
            adjusted[..<6], [0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714285714286], elementwise: 1e-12)
        for (value, q) in zip(p, adjusted) where q < 0.99 {
            #expect(FalseDiscoveryRate(pValues: p, level: q + 1e-12).isNovel(pValue: value))
            #expect(!FalseDiscoveryRate(pValues: p, level: q * 0.999).isNovel(pValue: value))
        }
    }

    @Test func nothingAndEverything() {
        let none = FalseDiscoveryRate(pValues: [0.9, 0.5, .nan], level: 0.1)
        #expect(none.discoveries == 0 && !none.isNovel(pValue: 0))
        #expect(FalseDiscoveryRate(pValues: [], level: 0.1).rows == 0)
        #expect(FalseDiscoveryRate(pValues: [0.01, 0.02], level: 0.1).discoveries == 2)
        // A p-value above λ is never a discovery, and half of the rows above ½ say that none is known.
        let storey = FalseDiscoveryRate(pValues: [0.2, 0.2, 0.2, 0.2, 0.7], level: 0.5, known: .storey)
        expectClose(storey.knownShare, 2 / 2.5, absolute: 1e-15)
        #expect(storey.discoveries == 4)
    }

    @Test func countsGiveTheSameAsPValues() throws {
        var stream = RandomStream(seed: 2)
        let p = try ConformalPValues(known: (0..<999).map { _ in stream.gaussian() })
        let scores = (0..<500).map { stream.gaussian() + ($0 < 100 ? 3 : 0) }
        var counts = [Int](repeating: 0, count: 1000)
        for score in scores { counts[p.rank(score) - 1] += 1 }
        for known in [FalseDiscoveryRate.Known.all, .storey] {
            let rate = FalseDiscoveryRate(pValues: p(scores), level: 0.1, known: known)
            #expect(FalseDiscoveryRate(conformalCounts: counts, level: 0.1, known: known) == rate)
            #expect(rate.discoveries == p(scores).count(where: rate.isNovel) && rate.discoveries > 20)
        }
    }

    /// The mean share of known rows among those called novel stays at or below the level: 300 batches of 80 known and 20
    /// novel rows against 200 known ones. A share has a standard deviation below ½, so the mean exceeds level + 0.5·3.7/√300
    /// by chance in 1 of 10⁴ runs; at the level of 0.2 it is seen near 0.16.
    @Test(arguments: [FalseDiscoveryRate.Known.all, .storey])
    func theRateIsControlled(known: FalseDiscoveryRate.Known) throws {
        var (stream, share, power) = (RandomStream(seed: 31), 0.0, 0.0)
        for _ in 0..<300 {
            let p = try ConformalPValues(known: (0..<200).map { _ in stream.gaussian() })
            let values = p((0..<100).map { stream.gaussian() + ($0 < 20 ? 3.5 : 0) })
            let rate = FalseDiscoveryRate(pValues: values, level: 0.2, known: known)
            let novel = values.map(rate.isNovel)
            share += Double(novel[20...].count { $0 }) / Double(max(1, rate.discoveries)) / 300
            power += Double(novel[..<20].count { $0 }) / 20 / 300
        }
        #expect(share < 0.2 + 0.5 * 3.7 / 300.0.squareRoot())
        #expect(power > 0.6)
    }
}
