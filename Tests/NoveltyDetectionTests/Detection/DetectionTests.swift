import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@testable import NoveltyDetection

@Suite struct DetectionGoldenTests {
    static let cases = Golden.cases("metrics", prefix: "roc_")

    @Test(.enabled(if: !cases.isEmpty, "golden metrics are not there"), arguments: cases)
    func receiverOperatingCharacteristic(name: String) throws {
        let golden = try Golden.load("metrics", name)
        // Higher = more confident there; the positives are the known rows.
        let known: [Double] = try golden.values("in.positive_scores")
        let novel: [Double] = try golden.values("in.negative_scores")
        func value(_ name: String) throws -> Double { try golden.scalar(name) }
        let metrics = try DetectionMetrics(known: known.map { -$0 }, novel: novel.map { -$0 })
        try expectClose(metrics.auroc, value("out.ref_auroc"), relative: 1e-12)
        try expectClose(metrics.auroc, value("out.sklearn_auroc"), relative: 1e-12)
        try expectClose(metrics.auprIn, value("out.sklearn_aupr_in"), relative: 1e-12)
        try expectClose(metrics.auprIn, value("out.ref_aupr"), relative: 1e-12)
        try expectClose(metrics.auprOut, value("out.sklearn_aupr_out"), relative: 1e-12)
        try expectClose(metrics.fpr95, value("out.fpr_at_first_tpr_ge_95"), absolute: 1e-12)
        let reference = try DetectionMetrics(
            known: known.map { -$0 }, novel: novel.map { -$0 }, operatingPoint: .nearest)
        try expectClose(reference.fpr95, value("out.ref_fpr95"), absolute: 1e-12)
        let curve = try ReceiverOperatingCharacteristic(positives: known, negatives: novel)
        expectClose(curve.falsePositiveRates, try golden.values("out.roc_fpr", of: Double.self), absolute: 1e-12)
        expectClose(curve.truePositiveRates, try golden.values("out.roc_tpr", of: Double.self), absolute: 1e-12)
    }
}

@Suite struct DetectionTests {
    private let known = [0.1, 0.4, 0.35, 0.2, 0.2, -3]
    private let novel = [0.8, 0.2, 0.9, 0.5]

    @Test func theAreaIsTheShareOfPairsInOrder() throws {
        var pairs = 0.0
        for k in known { for n in novel { pairs += n > k ? 1 : n == k ? 0.5 : 0 } }
        #expect(try DetectionMetrics(known: known, novel: novel).auroc == pairs / 24)
    }

    @Test func orderAndIncreasingMapsChangeNothing() throws {
        let metrics = try DetectionMetrics(known: known, novel: novel)
        #expect(try DetectionMetrics(known: known.reversed(), novel: novel.sorted()) == metrics)
        #expect(try DetectionMetrics(known: known.map { exp($0) }, novel: novel.map { exp($0) }) == metrics)
        let swapped = try DetectionMetrics(known: novel.map { -$0 }, novel: known.map { -$0 })
        #expect(swapped.auroc == metrics.auroc && swapped.auprIn == metrics.auprOut)
        expectClose(try DetectionMetrics(known: novel, novel: known).auroc, 1 - metrics.auroc, absolute: 1e-15)
    }

    @Test func infiniteScoresAreScores() throws {
        let metrics = try DetectionMetrics(known: [-Double.infinity, 0], novel: [.infinity])
        #expect(metrics.auroc == 1 && metrics.fpr95 == 0 && metrics.auprIn == 1 && metrics.auprOut == 1)
    }

    @Test func emptySetsAndNaNAreNamed() {
        let none: [Double] = []
        #expect(throws: NoveltyError.noRows(set: "novel")) { try DetectionMetrics(known: known, novel: none) }
        #expect(throws: NoveltyError.noRows(set: "known")) { try DetectionMetrics(known: none, novel: novel) }
        #expect(throws: NoveltyError.scoreIsNaN(set: "novel", row: 1)) {
            try DetectionMetrics(known: known, novel: [1, Double.nan])
        }
        #expect(throws: NoveltyError.scoreIsNaN(set: "known", row: 0)) {
            try DetectionMetrics(known: [Float.nan], novel: [Float(1)])
        }
    }

    @Test func theThresholdOfAnOperatingPointReachesItsRate() throws {
        let curve = try ReceiverOperatingCharacteristic(positives: known, negatives: novel)
        for rate in [0.01, 0.3, 0.5, 0.95, 1] {
            let threshold = curve.threshold(atTruePositiveRate: rate)
            #expect(Double(known.count { $0 >= threshold }) / Double(known.count) >= rate)
            let wrong = Double(novel.count { $0 >= threshold }) / Double(novel.count)
            #expect(curve.falsePositiveRate(atTruePositiveRate: rate) == wrong)
        }
    }
}

@Suite struct DetectionConventionTests {
    static let cases = Golden.cases("metrics", prefix: "roc_")

    @Test(.enabled(if: !cases.isEmpty, "golden metrics are not there"), arguments: cases)
    func trapezoidsOfTheGoldenCurves(name: String) throws {
        let golden = try Golden.load("metrics", name)
        let known: [Double] = try golden.values("in.positive_scores")
        let novel: [Double] = try golden.values("in.negative_scores")
        let metrics = try DetectionMetrics(
            known: known.map { -$0 }, novel: novel.map { -$0 }, convention: .novelPositive)
        try expectClose(metrics.auprIn, golden.scalar("out.sklearn_aupr_in_trapezoid", of: Double.self), relative: 1e-12)
        try expectClose(metrics.auroc, golden.scalar("out.sklearn_auroc", of: Double.self), relative: 1e-12)
    }

    /// Rows of a small case by hand: known 1 2 3 4, novel 3 5 6 (higher = more novel).
    @Test func bothConventionsByHand() throws {
        let known: [Double] = [1, 2, 3, 4]
        let novel: [Double] = [3, 5, 6]
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let steps = try DetectionMetrics(known: known, novel: novel)
        let trapezoids = try DetectionMetrics(known: known, novel: novel, convention: .novelPositive)
        // Pairs in order: 5 and 6 above all (8), 3 above 1 and 2, equal to 3: 10.5 of 12.
        #expect(steps.auroc == 0.875 && trapezoids.auroc == 0.875)
        // Novel found: 6 (1/1), 5 (2/2), 4 is known (2/3), 3 with one known (3/5).
        expectClose(steps.auprOut, 2.6 / 3, absolute: 1e-15)
        expectClose(trapezoids.auprOut, mean([1, 1, mean([2 / 3, 3 / 5])]), absolute: 1e-15)
        // Known found: 1 (1/1), 2 (2/2), 3 with one novel (3/4), 4 (4/5).
        expectClose(steps.auprIn, 3.55 / 4, absolute: 1e-15)
        expectClose(
            trapezoids.auprIn, mean([1, 1, mean([1, 3 / 4]), mean([3 / 4, 4 / 5])]), absolute: 1e-15)
        // All known rows are kept up to 4, with the novel 3; all novel rows are found from 3 on, with the known 3 and 4.
        #expect(steps.fpr95 == 1.0 / 3)
        #expect(trapezoids.fpr95 == 0.5)
        // Novel above 4: all known and two of three novel right.
        expectClose(steps.detectionAccuracy, 5.0 / 6, absolute: 1e-15)
        #expect(trapezoids.detectionAccuracy == steps.detectionAccuracy)
    }

    @Test func chanceAndPerfection() throws {
        let chance = try DetectionMetrics(known: [0, 0, 0], novel: [0.0])
        #expect(chance.auroc == 0.5 && chance.detectionAccuracy == 0.5 && chance.auprIn == 0.75 && chance.fpr95 == 1)
        let perfect = try DetectionMetrics(known: [0, 1], novel: [2.0])
        #expect(perfect.auroc == 1 && perfect.detectionAccuracy == 1 && perfect.fpr95 == 0)
        let reversed = try DetectionMetrics(known: [2.0], novel: [0, 1])
        #expect(reversed.auroc == 0 && reversed.detectionAccuracy == 0.5 && reversed.fpr95 == 1)
    }
}

@Suite struct DetectionIntervalTests {
    private func sets(_ rows: Int, seed: UInt64, ties: Bool) -> (known: [Double], novel: [Double]) {
        var stream = RandomStream(seed: seed)
        func score(_ shift: Double) -> Double {
            let x = stream.gaussian() + shift
            return ties ? (x * 4).rounded() : x
        }
        return ((0..<rows).map { _ in score(0) }, (0..<rows / 2).map { _ in score(1.5) })
    }

    /// A resample measured through counts is the resample measured row by row.
    @Test(arguments: [false, true]) func countsAreRows(ties: Bool) throws {
        let (known, novel) = sets(60, seed: 4, ties: ties)
        let groups = try ScoreGroups(known: known, novel: novel)
        var stream = RandomStream(seed: 8)
        for convention in DetectionConvention.allCases {
            var (knownCounts, novelCounts) = (groups.known.map { _ in Int32(0) }, groups.novel.map { _ in Int32(0) })
            var (knownRows, novelRows): ([Double], [Double]) = ([], [])
            for _ in known { knownRows.append(known[stream.integer(below: 60)]) }
            for _ in novel { novelRows.append(novel[stream.integer(below: 30)]) }
            for row in knownRows { knownCounts[try #require(groups.scores.firstIndex(of: row))] += 1 }
            for row in novelRows { novelCounts[try #require(groups.scores.firstIndex(of: row))] += 1 }
            for point in [ReceiverOperatingCharacteristic.OperatingPoint.first, .nearest] {
                let expected = try DetectionMetrics(
                    known: knownRows, novel: novelRows, convention: convention, operatingPoint: point)
                #expect(
                    groups.metrics(known: knownCounts, novel: novelCounts, convention: convention, point) == expected)
            }
        }
    }

    @Test func theSameSeedGivesTheSameIntervalWhateverTheThreads() throws {
        let (known, novel) = sets(300, seed: 5, ties: true)
        let one = try Parallelism.withThreads(1) { try DetectionIntervals(known: known, novel: novel, draws: 50, seed: 3) }
        #expect(try DetectionIntervals(known: known, novel: novel, draws: 50, seed: 3) == one)
        #expect(try DetectionIntervals(known: known, novel: novel, draws: 50, seed: 4) != one)
        let none = try DetectionIntervals(known: known, novel: novel, draws: 0)
        #expect(none.auroc == nil && none.metrics == one.metrics)
        let interval = try #require(one.auroc)
        #expect(interval.lower < one.metrics.auroc && one.metrics.auroc < interval.upper)
    }

    /// The interval of the AUROC covers the true one, Φ(1.5/√2) = 0.8556, in about 95 % of the cases: of 120 fewer than
    /// 103 would be by chance in 1 of 10⁴ runs.
    @Test func theIntervalCovers() throws {
        let truth = 0.5 * (1 + erf(1.5 / 2))
        let covered = try (0..<120).count { run in
            let (known, novel) = sets(150, seed: 1000 + UInt64(run), ties: false)
            let interval = try #require(DetectionIntervals(known: known, novel: novel, draws: 200, seed: 1).auroc)
            return interval.lower <= truth && truth <= interval.upper
        }
        #expect(covered >= 103)
    }
}
