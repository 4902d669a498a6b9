import Foundation
import Matrices
import TestSupport
import Testing

@testable import Prediction

@Suite(.enabled(if: !Golden.cases("calibration", prefix: "metrics").isEmpty, "golden calibration cases are not there"))
struct ReliabilityGoldenTests {
    private struct Rows {
        let golden: GoldenCase
        let probabilities: Matrix<Double>
        let labels: [Int]
        let confidences: [Double]
        let correct: [Bool]

        init(_ name: String) throws {
            golden = try Golden.load("calibration", name)
            probabilities = try golden.matrix("in.probabilities")
            labels = try golden.integers("in.labels")
            let best = probabilities.rowArgmaxima()
            confidences = best.enumerated().map { [probabilities] in probabilities[$0, $1] }
            correct = zip(best, labels).map { $0 == $1 }
        }

        func expect(_ value: Double?, _ name: String) throws {
            expectClose(try #require(value), try golden.scalar("out." + name, of: Double.self), absolute: 1e-12, name)
        }
    }

    static let cases = Golden.cases("calibration", prefix: "metrics")

    @Test(arguments: cases)
    func calibrationErrors(name: String) throws {
        let rows = try Rows(name)
        for (binning, suffix, counts) in [
            (ReliabilityBins.Binning.equalWidth, "equal_width", "bin_"), (.equalMass, "equal_mass", "equal_mass_bin_"),
        ] {
            let bins = ReliabilityBins(confidences: rows.confidences, correct: rows.correct, binning: binning)
            expectClose(
                bins.counts.map(Double.init), try rows.golden.values("out.\(counts)counts", of: Double.self),
                absolute: 0)
            try rows.expect(bins.expectedError, "ece_" + suffix)
            try rows.expect(bins.rootMeanSquareError, "ece_\(suffix)_l2")
            try rows.expect(bins.debiasedMeanSquare, "ece_\(suffix)_l2_squared_debiased")
            try rows.expect(bins.debiasedRootMeanSquare, "ece_\(suffix)_l2_debiased")
            try rows.expect(bins.debiasedExpectedError, "ece_\(suffix)_l1_debiased")
            try rows.expect(bins.maximumError, binning == .equalWidth ? "mce" : "mce_equal_mass")
            let byClass = (0..<rows.probabilities.columns).map { k in
                (0..<rows.labels.count).map { rows.probabilities[$0, k] }
            }
            let errors = ReliabilityBins.classwiseErrors(
                probabilitiesByClass: byClass, labels: rows.labels, binning: binning)
            try rows.expect(
                errors.reduce(0, +) / Double(errors.count),
                binning == .equalWidth ? "classwise_ece" : "classwise_ece_equal_mass")
        }
    }

    @Test(arguments: cases)
    func murphy(name: String) throws {
        let rows = try Rows(name)
        let bins = ReliabilityBins(confidences: rows.confidences, correct: rows.correct)
        let parts = try #require(bins.murphy)
        try rows.expect(parts.reliability, "murphy_reliability")
        try rows.expect(parts.resolution, "murphy_resolution")
        try rows.expect(parts.uncertainty, "murphy_uncertainty")
        try rows.expect(parts.withinVariance, "murphy_within_bin_variance")
        try rows.expect(parts.withinCovariance, "murphy_within_bin_covariance")
        try rows.expect(parts.score, "murphy_brier")
    }

    @Test(arguments: cases)
    func selective(name: String) throws {
        let rows = try Rows(name)
        let selective = SelectivePrediction(confidences: rows.confidences, correct: rows.correct)
        expectClose(selective.risks, try rows.golden.values("out.risk_coverage", of: Double.self), absolute: 1e-14)
        try rows.expect(selective.area, "aurc")
        try rows.expect(selective.optimalArea, "aurc_optimal")
        try rows.expect(selective.excessArea, "e_aurc")
        try rows.expect(selective.optimalAreaOfManyRows, "aurc_optimal_geifman")
        let area = try #require(selective.area)
        let optimal = try #require(selective.optimalAreaOfManyRows)
        try rows.expect(area - optimal, "e_aurc_geifman")
    }

    @Test(arguments: cases)
    func bootstrap(name: String) throws {
        let rows = try Rows(name)
        let indices = try rows.golden.integers("in.bootstrap_indices")
        let count = rows.labels.count
        var (accuracy, width, mass, areas): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        for draw in 0..<indices.count / count {
            let drawn = indices[draw * count..<(draw + 1) * count]
            let (c, a) = (drawn.map { rows.confidences[$0] }, drawn.map { rows.correct[$0] })
            accuracy.append(Double(a.filter { $0 }.count) / Double(count))
            width.append(try #require(ReliabilityBins(confidences: c, correct: a).expectedError))
            mass.append(try #require(ReliabilityBins(confidences: c, correct: a, binning: .equalMass).expectedError))
            areas.append(try #require(SelectivePrediction(confidences: c, correct: a).area))
        }
        for (values, name) in [
            (accuracy, "accuracy"), (width, "ece_equal_width"), (mass, "ece_equal_mass"), (areas, "aurc"),
        ] {
            expectClose(values, try rows.golden.values("out.bootstrap.\(name)", of: Double.self), absolute: 1e-12, name)
            let interval = try #require(BootstrapInterval(values: values))
            expectClose(
                [interval.lower, interval.upper],
                try rows.golden.values("out.bootstrap_interval95.\(name)", of: Double.self), absolute: 1e-12, name)
        }
    }
}

@Suite struct ReliabilityTests {
    @Test func nothingIsNothing() {
        let bins = ReliabilityBins(confidences: [], correct: [])
        #expect(bins.expectedError == nil && bins.maximumError == nil && bins.murphy == nil)
        #expect(bins.debiasedExpectedError == nil && bins.debiasedMeanSquare == nil)
        let selective = SelectivePrediction(confidences: [], correct: [])
        #expect(selective.area == nil && selective.excessArea == nil && selective.accuracy(atCoverage: 1) == nil)
        #expect(ReliabilityBins.sweepError(confidences: [], correct: []) == nil)
        #expect(BootstrapInterval(values: []) == nil)
    }

    @Test func fewerRowsThanBins() {
        let bins = ReliabilityBins(confidences: [0.2, 0.9], correct: [false, true], bins: 15, binning: .equalMass)
        #expect(bins.counts.reduce(0, +) == 2)
        expectClose(bins.expectedError ?? 9, 0.15, absolute: 1e-12)
    }

    /// By hand: sorted accuracies 0, 1, 0, 1. Two bins of two have ½, ½: in order; three (2, 1, 1) ½, 0, 1: not.
    @Test func sweep() {
        let (c, a) = ([0.2, 0.4, 0.6, 0.8], [false, true, false, true])
        let two = ReliabilityBins(confidences: c, correct: a, bins: 2, binning: .equalMass).expectedError
        #expect(ReliabilityBins.sweepError(confidences: c, correct: a) == two)
    }

    @Test func selectionByHand() {
        let selective = SelectivePrediction(confidences: [0.9, 0.8, 0.7, 0.6], correct: [true, true, false, true])
        #expect(selective.accuracy(atCoverage: 0.5) == 1)
        expectClose(selective.accuracy(atCoverage: 0.75) ?? 9, 2.0 / 3, absolute: 1e-15)
        #expect(selective.coverage(atRisk: 0) == 0.5)
        #expect(selective.coverage(atRisk: 0.26) == 1)
    }

    @Test func resamplesAreRepeatable() {
        let a = Array(BootstrapInterval.draws(rows: 10, draws: 3, seed: 5))
        #expect(a == Array(BootstrapInterval.draws(rows: 10, draws: 3, seed: 5)))
        #expect(a.count == 3 && a.allSatisfy { $0.count == 10 && $0.allSatisfy((0..<10).contains) })
    }
}
