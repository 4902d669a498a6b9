import Foundation
import Matrices
import TestSupport
import Testing

@testable import Prediction

@Suite struct MetricsGoldenTests {
    static let cases = Golden.cases("metrics", prefix: "ece_")

    @Test(.enabled(if: !cases.isEmpty, "golden metrics are not there"), arguments: cases)
    func calibrationAndLosses(name: String) throws {
        let golden = try Golden.load("metrics", name)
        let probabilities: Matrix<Float> = try golden.matrix("in.probabilities")
        let labels = try golden.integers("in.labels")
        func value(_ name: String) throws -> Double { try golden.scalar(name) }
        func values(_ name: String) throws -> [Double] { try golden.values(name) }
        var metrics = ClassificationMetrics()
        try metrics.add(probabilities: probabilities, labels: labels)
        #expect(metrics.calibration.counts == (try golden.integers("out.bin_counts")))
        expectClose(metrics.calibration.confidenceSums, try values("out.bin_confidence_sum"), elementwise: 1e-6)
        expectClose(metrics.calibration.correct.map { Double($0) }, try values("out.bin_correct"))
        try expectClose(#require(metrics.ece), value("out.ece"), absolute: 1e-6)
        try expectClose(#require(metrics.calibration.rootMeanSquareError), value("out.ece_l2"), absolute: 1e-6)
        try expectClose(#require(metrics.calibration.maximumError), value("out.ece_max"), absolute: 1e-6)
        try expectClose(#require(metrics.accuracy), value("out.accuracy"), absolute: 1e-12)
        try expectClose(#require(metrics.nll), value("out.nll"), relative: 1e-6)
        try expectClose(#require(metrics.brier), value("out.brier"), relative: 1e-6)
        var ten = ClassificationMetrics(bins: 10)
        try ten.add(probabilities: probabilities, labels: labels)
        try expectClose(#require(ten.ece), value("out.ece_10bins"), absolute: 1e-6)
    }

    static let calibration = Golden.cases("calibration", prefix: "metrics_")

    @Test(.enabled(if: !calibration.isEmpty, "golden calibration is not there"), arguments: calibration)
    func theRuleOfTheLiterature(name: String) throws {
        let golden = try Golden.load("calibration", name)
        var metrics = ClassificationMetrics(rule: .upperEdge)
        try metrics.add(probabilities: golden.matrix("in.probabilities"), labels: golden.integers("in.labels"))
        try expectClose(#require(metrics.ece), golden.scalar("out.ece_equal_width", of: Double.self), absolute: 1e-6)
        try expectClose(#require(metrics.brier), golden.scalar("out.brier", of: Double.self), relative: 1e-6)
    }
}

@Suite struct MetricsTests {
    private let probabilities = Matrix<Float>([
        [0.7, 0.2, 0.1], [0.4, 0.4, 0.2], [0.1, 0.3, 0.6], [0, 0, 1], [1 / 3.0, 1 / 3.0, 1 / 3.0],
    ])
    private let labels = [0, 1, 1, 2, 2]

    @Test func cuttingRowsIntoBlocksChangesNoBit() throws {
        var whole = ClassificationMetrics()
        try whole.add(probabilities: probabilities, labels: labels)
        var parts = ClassificationMetrics()
        for range in [0..<1, 1..<1, 1..<4, 4..<5] {
            try parts.add(probabilities: probabilities.rows(range), labels: Array(labels[range]))
        }
        #expect(parts == whole)
        #expect(whole.count == 5)
    }

    @Test func ranksAndTies() throws {
        var metrics = ClassificationMetrics()
        try metrics.add(probabilities: probabilities, labels: labels)
        #expect(metrics.accuracy == 0.4)
        #expect(metrics.topAccuracy(1) == metrics.accuracy)
        #expect(metrics.topAccuracy(2) == 0.8)
        #expect(metrics.topAccuracy(3) == 1)
        #expect(metrics.topAccuracy(9) == 1)
    }

    @Test func logProbabilitiesServeTheLikelihood() throws {
        var metrics = ClassificationMetrics()
        try metrics.add(probabilities: Matrix([[1, 0]]), logProbabilities: Matrix([[0, -150]]), labels: [1])
        #expect(metrics.nll == 150)
        var infinite = ClassificationMetrics()
        try infinite.add(probabilities: Matrix([[1, 0]]), labels: [1])
        #expect(infinite.nll == .infinity)
        #expect(infinite.brier == 2)
        #expect(infinite.ece == 1)
    }

    @Test func nothingCountedIsNothingKnown() {
        let metrics = ClassificationMetrics()
        #expect(metrics.accuracy == nil && metrics.nll == nil && metrics.brier == nil && metrics.ece == nil)
        #expect(metrics.calibration.maximumError == nil && metrics.calibration.rootMeanSquareError == nil)
    }

    @Test func edgesBelongToOneSide() {
        for bins in [1, 2, 4, 15] {
            var (lower, upper) = (CalibrationBins(bins: bins), CalibrationBins(bins: bins, rule: .upperEdge))
            for confidence in [0, 1] as [Float] {
                lower.add(confidence: confidence, isCorrect: true)
                upper.add(confidence: confidence, isCorrect: true)
            }
            #expect(lower.counts[0] == 1 && lower.counts[bins] == 1)
            #expect(upper.counts.count == bins && upper.counts.reduce(0, +) == 2 && upper.counts[0] >= 1)
        }
        var (lower, upper) = (CalibrationBins(bins: 4), CalibrationBins(bins: 4, rule: .upperEdge))
        lower.add(confidence: 0.5, isCorrect: false)
        upper.add(confidence: 0.5, isCorrect: false)
        #expect(lower.counts == [0, 0, 1, 0, 0])
        #expect(upper.counts == [0, 1, 0, 0])
        lower.merge(lower)
        #expect(lower.counts == [0, 0, 2, 0, 0] && lower.expectedError == 0.5)
    }

    @Test func badRowsAreNamedAndNotCounted() throws {
        var metrics = ClassificationMetrics()
        try metrics.add(probabilities: probabilities, labels: labels)
        let before = metrics
        #expect(throws: MetricsError.labelOutOfRange(row: 6, label: 3, classes: 3)) {
            try metrics.add(probabilities: probabilities.rows(0..<2), labels: [0, 3])
        }
        #expect(throws: MetricsError.rowCount(rows: 5, labels: 1)) {
            try metrics.add(probabilities: probabilities, labels: [0])
        }
        #expect(throws: MetricsError.self) { try metrics.add(probabilities: Matrix([[.nan, 1]]), labels: [1]) }
        #expect(throws: MetricsError.notAProbability(row: 5, column: 1, value: -1)) {
            try metrics.add(probabilities: Matrix([[1, -1]]), labels: [0])
        }
        #expect(metrics == before)
    }
}
