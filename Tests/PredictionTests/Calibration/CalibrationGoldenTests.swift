import Foundation
import Matrices
import TestSupport
import Testing

@testable import Prediction

/// Against optima found by Newton's method in another program, to a gradient of 1e-14.
@Suite(.enabled(if: !Golden.cases("calibration").isEmpty, "golden calibration cases are not there"))
struct ScalingGoldenTests {
    private struct Case {
        let golden: GoldenCase
        let fitLogits: Matrix<Double>
        let fitLabels: [Int]
        let testLogits: Matrix<Double>

        init(_ name: String) throws {
            golden = try Golden.load("calibration", name)
            fitLogits = try golden.matrix("in.fit_logits")
            fitLabels = try golden.integers("in.fit_labels")
            testLogits = try golden.matrix("in.test_logits")
        }

        func check(_ scaling: LogitScaling, _ name: String) throws {
            let probabilities = scaling(testLogits).softmax()
            let expected: Matrix<Double> = try golden.matrix("out.\(name).test_probabilities")
            expectClose(probabilities, expected, absolute: 1e-9, name)
            let logs = scaling(fitLogits).logSoftmax()
            let nll = fitLabels.enumerated().reduce(0) { $0 - logs[$1.offset, $1.element] } / Double(fitLabels.count)
            expectClose(nll, try golden.scalar("out.\(name).fit_nll", of: Double.self), absolute: 1e-11, name)
        }
    }

    @Test(arguments: Golden.cases("calibration", prefix: "scaling"))
    func temperature(name: String) throws {
        let data = try Case(name)
        let found = try LogitScaling.fitTemperature(logits: data.fitLogits, labels: data.fitLabels)
        guard case .temperature(let temperatures, _) = found else { return #expect(Bool(false)) }
        expectClose(temperatures[0], try data.golden.scalar("out.temperature", of: Double.self), relative: 1e-10)
        try data.check(found, "temperature")
    }

    @Test(arguments: Golden.cases("calibration", prefix: "scaling"), [0.001, 0.1])
    func vectorAndMatrix(name: String, penalty: Double) throws {
        let data = try Case(name)
        let vector = try LogitScaling.fitVector(logits: data.fitLogits, labels: data.fitLabels, penalty: penalty)
        guard case .vector(let scale, let bias) = vector else { return #expect(Bool(false)) }
        let prefix = "out.vector_l2_\(penalty)"
        expectClose(scale, try data.golden.values(prefix + ".scale", of: Double.self), absolute: 1e-9)
        expectClose(bias, try data.golden.values(prefix + ".bias", of: Double.self), absolute: 1e-9)
        try data.check(vector, "vector_l2_\(penalty)")
        for (kind, option) in [("l2", LogitScaling.Penalty.l2(penalty)), ("odir", .offDiagonal(penalty))] {
            let matrix = try LogitScaling.fitMatrix(logits: data.fitLogits, labels: data.fitLabels, penalty: option)
            guard case .matrix(let weight, let bias) = matrix else { return #expect(Bool(false)) }
            let name = "matrix_\(kind)_\(penalty)"
            // Adding one row to all rows of W changes no probability: only the penalty holds that direction.
            let tolerance = kind == "l2" ? 1e-9 : 1e-7
            expectClose(
                weight, try data.golden.matrix("out.\(name).weight", of: Double.self), absolute: tolerance, name)
            expectClose(bias, try data.golden.values("out.\(name).bias", of: Double.self), absolute: tolerance, name)
            try data.check(matrix, name)
        }
    }
}

@Suite(.enabled(if: !Golden.cases("calibration").isEmpty, "golden calibration cases are not there"))
struct BinaryMapGoldenTests {
    private static let cases = Golden.cases("calibration", prefix: "binary_maps")

    private func fit(_ golden: GoldenCase, _ kind: BinaryMap.Kind) throws -> BinaryMap {
        try BinaryMap.fit(
            kind, logOdds: try golden.values("in.fit_scores"),
            labels: try golden.integers("in.fit_labels").map { $0 == 1 })
    }

    private func expectProbabilities(_ map: BinaryMap, _ golden: GoldenCase, _ name: String) throws {
        let scores: [Double] = try golden.values("in.test_scores")
        expectClose(
            scores.map { map(logOdds: $0) }, try golden.values(name, of: Double.self), absolute: 1e-9, name)
    }

    @Test(arguments: cases)
    func plattAndLogistic(name: String) throws {
        let golden = try Golden.load("calibration", name)
        for (kind, names, probabilities) in [
            (BinaryMap.Kind.platt, "own.platt", "own.platt.test_probabilities"),
            (.logistic, "out.logistic", "out.logistic.test_probabilities"),
        ] {
            let map = try fit(golden, kind)
            guard case .logistic(let slope, let intercept) = map else { return #expect(Bool(false)) }
            expectClose(slope, try golden.scalar(names + ".slope", of: Double.self), absolute: 1e-8)
            expectClose(intercept, try golden.scalar(names + ".intercept", of: Double.self), absolute: 1e-8)
            try expectProbabilities(map, golden, probabilities)
        }
    }

    @Test(arguments: cases)
    func beta(name: String) throws {
        let golden = try Golden.load("calibration", name)
        for (kind, suffix) in [(BinaryMap.Kind.beta, "abm"), (.betaTwoSlopes, "ab"), (.betaOneSlope, "am")] {
            let map = try fit(golden, kind)
            guard case .beta(let a, let b, let c) = map else { return #expect(Bool(false)) }
            let expected: [Double] = try golden.values("own.beta_\(suffix).coefficients")
            let found = suffix == "abm" ? [a, b, c] : suffix == "ab" ? [a, b] : [a, c]
            expectClose(found, expected, absolute: 1e-7, suffix)
            try expectProbabilities(map, golden, "own.beta_\(suffix).test_probabilities")
        }
    }

    @Test(arguments: cases, ["isotonic", "isotonic_rounded"])
    func isotonic(name: String, variant: String) throws {
        let golden = try Golden.load("calibration", name)
        let inputs: [Double] = try golden.values("in.\(variant).fit")
        let function = IsotonicRegression(
            inputs: inputs, labels: try golden.integers("in.fit_labels").map { $0 == 1 })
        expectClose(
            inputs.map { function($0) }, try golden.values("out.\(variant).fit_values", of: Double.self),
            absolute: 1e-12)
        let test: [Double] = try golden.values("in.\(variant).test")
        expectClose(
            test.map { function($0) }, try golden.values("out.\(variant).test_values", of: Double.self), absolute: 1e-12
        )
        expectClose(function.inputs, try golden.values("out.\(variant).x_thresholds", of: Double.self), absolute: 0)
        expectClose(function.values, try golden.values("out.\(variant).y_thresholds", of: Double.self), absolute: 1e-12)
    }

    @Test(arguments: cases, [10, 15])
    func histogram(name: String, bins: Int) throws {
        let golden = try Golden.load("calibration", name)
        try expectProbabilities(try fit(golden, .histogram(bins: bins)), golden, "own.histogram\(bins).test_values")
    }

    @Test(arguments: cases)
    func histogramOfManyClasses(name: String) throws {
        let golden = try Golden.load("calibration", name)
        let fit: Matrix<Double> = try golden.matrix("in.multiclass_fit_probabilities")
        let test: Matrix<Double> = try golden.matrix("in.multiclass_test_probabilities")
        let calibration = try Calibration.fit(
            .histogram, logProbabilities: fit.log(), labels: try golden.integers("in.multiclass_fit_labels"),
            options: .init(bins: 10))
        let expected: Matrix<Double> = try golden.matrix("out.histogram10_multiclass.netcal_test_probabilities")
        expectClose(calibration.logProbabilities(test.log()).exp(), expected, absolute: 1e-12)
    }
}
