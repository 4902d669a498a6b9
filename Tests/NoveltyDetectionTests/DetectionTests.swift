import Foundation
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
