import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@testable import Prediction

@Suite(.enabled(if: !Golden.cases("conformal").isEmpty, "golden conformal cases are not there"))
struct ConformalGoldenTests {
    private static func scores(_ golden: GoldenCase) throws -> [(String, ConformalScore)] {
        let parameters = try #require(golden.settings["parameters"] as? [String: NSNumber])
        let (penalty, rank) = try (#require(parameters["penalty"]), #require(parameters["kreg"]))
        return [
            ("lac", .lac), ("aps", .aps), ("raps", .raps(penalty: penalty.doubleValue, rank: rank.intValue)),
            ("saps", .saps(weight: try #require(parameters["weight"]).doubleValue)),
        ]
    }

    private struct Rows {
        let golden: GoldenCase
        let calibration: Matrix<Double>
        let labels: [Int]
        let test: Matrix<Double>
        let testLabels: [Int]
        let uniforms: ([Double], [Double])

        init(_ name: String) throws {
            golden = try Golden.load("conformal", name)
            calibration = try golden.matrix("in.calibration_logits", of: Double.self).softmax()
            labels = try golden.integers("in.calibration_labels")
            test = try golden.matrix("in.test_logits", of: Double.self).softmax()
            testLabels = try golden.integers("in.test_labels")
            uniforms = try (golden.values("in.calibration_uniforms"), golden.values("in.test_uniforms"))
        }

        /// Membership against the golden sets, but where rounding decides: a score within 1e-12 of its threshold.
        func expectSets(_ predictor: ConformalPredictor, _ thresholds: [Double], randomised: Bool, _ name: String)
            throws
        {
            let sets = try golden.integers(name + ".sets")
            for row in 0..<test.rows {
                let u = randomised ? uniforms.1[row] : 0
                let own = predictor.score.scores(test.row(row), uniform: u)
                let found = Set(predictor.set(test.row(row), thresholds: thresholds, uniform: u))
                for k in 0..<test.columns where abs(own[k] - thresholds[predictor.groups[k]]) > 1e-12 {
                    #expect(found.contains(k) == (sets[row * test.columns + k] == 1), "\(name), row \(row), class \(k)")
                }
            }
        }
    }

    @Test(arguments: Golden.cases("conformal"))
    func scoresThresholdsAndSets(name: String) throws {
        let rows = try Rows(name)
        for (label, score) in try Self.scores(rows.golden) {
            for randomised in [false, true] {
                let method = randomised ? label + "_randomised" : label
                guard rows.golden.has("own.\(method).test_scores") else { continue }
                let predictor = try ConformalPredictor(
                    score, probabilities: rows.calibration, labels: rows.labels,
                    uniforms: randomised ? rows.uniforms.0 : nil)
                let calibration: [Double] = try rows.golden.values("own.\(method).calibration_scores")
                expectClose(predictor.scores[0], calibration.sorted(), absolute: 1e-12, method)
                let expected: Matrix<Double> = try rows.golden.matrix("own.\(method).test_scores")
                for row in 0..<rows.test.rows {
                    let found = score.scores(rows.test.row(row), uniform: randomised ? rows.uniforms.1[row] : 0)
                    expectClose(found, expected.row(row), absolute: 1e-12, method)
                }
                for alpha in [0.1, 0.05] where rows.golden.has("own.\(method).alpha\(alpha).threshold") {
                    let thresholds = predictor.thresholds(alpha: alpha)
                    let own = "own.\(method).alpha\(alpha)"
                    expectClose(
                        thresholds, try rows.golden.values(own + ".threshold", of: Double.self), absolute: 1e-12)
                    #expect(
                        try rows.golden.integers(own + ".k") == [
                            ConformalPredictor.rank(alpha: alpha, rows: rows.labels.count)
                        ])
                    try rows.expectSets(predictor, thresholds, randomised: randomised, own)
                }
            }
        }
    }

    @Test(arguments: Golden.cases("conformal"))
    func classConditional(name: String) throws {
        let rows = try Rows(name)
        for (label, score, randomised) in [
            ("lac", ConformalScore.lac, false), ("aps", .aps, false), ("aps_randomised", .aps, true),
        ] {
            let predictor = try ConformalPredictor(
                score, condition: .perClass, probabilities: rows.calibration, labels: rows.labels,
                uniforms: randomised ? rows.uniforms.0 : nil)
            for alpha in [0.1, 0.05] {
                let own = "own.class_conditional.\(label).alpha\(alpha)"
                guard rows.golden.has(own + ".thresholds") else { continue }
                let thresholds = predictor.thresholds(alpha: alpha)
                expectClose(
                    thresholds, try rows.golden.values(own + ".thresholds", of: Double.self), absolute: 1e-12, own)
                try rows.expectSets(predictor, thresholds, randomised: randomised, own)
            }
        }
    }

    @Test(arguments: Golden.cases("conformal"))
    func pValues(name: String) throws {
        let rows = try Rows(name)
        let predictor = try ConformalPredictor(.lac, probabilities: rows.calibration, labels: rows.labels)
        let expected: Matrix<Double> = try rows.golden.matrix("own.lac.p_values")
        for row in 0..<rows.test.rows {
            expectClose(predictor.pValues(rows.test.row(row)), expected.row(row), absolute: 1e-12)
        }
    }
}

/// Rows with labels drawn from the probabilities of a model that is wrong by a factor of 2 in its logits.
private func rows(_ count: Int, classes: Int, seed: UInt64) -> (probabilities: Matrix<Double>, labels: [Int]) {
    var noise = NormalNoise(seed: seed)
    let logits: Matrix<Double> = noise.matrix(rows: count, columns: classes)
    let truth = logits.softmax()
    var stream = RandomStream(seed: seed)
    let labels = (0..<count).map { row -> Int in
        var left = stream.uniform()
        for k in 0..<classes {
            left -= truth[row, k]
            if left < 0 { return k }
        }
        return classes - 1
    }
    return ((2 * logits).softmax(), labels)
}

@Suite struct ConformalCoverageTests {
    /// Coverage of randomised sets on 2,000 rows after 300 calibration rows is beta-binomial: over 200 repetitions the
    /// share outside the 95 % interval is at most 0.05 in expectation, and its 99.9 % quantile over 200 is 0.105.
    @Test(arguments: [ConformalScore.lac, .aps, .raps(penalty: 0.05, rank: 2), .saps(weight: 0.1)])
    func coverageIsBetaBinomial(score: ConformalScore) throws {
        let coverage = try #require(ConformalCoverage(alpha: 0.1, calibrationRows: 300, testRows: 300))
        let interval = coverage.interval()
        var (outside, total) = (0, 0.0)
        for repetition in 0..<200 as Range<UInt64> {
            let data = rows(600, classes: 5, seed: 1000 + repetition)
            var stream = RandomStream(seed: repetition)
            let uniforms = (0..<600).map { _ in stream.uniform() }
            let predictor = try ConformalPredictor(
                score, probabilities: data.probabilities.selectingRows(Array(0..<300)),
                labels: Array(data.labels[..<300]),
                uniforms: Array(uniforms[..<300]))
            let thresholds = predictor.thresholds(alpha: 0.1)
            var covered = 0
            for row in 300..<600
            where predictor.set(data.probabilities.row(row), thresholds: thresholds, uniform: uniforms[row])
                .contains(data.labels[row])
            {
                covered += 1
            }
            let share = Double(covered) / 300
            total += share
            if share < interval.lower || share > interval.upper { outside += 1 }
        }
        #expect(Double(outside) / 200 <= 0.105)
        // The mean of the mean coverage: k/(n + 1) with a standard error of 0.0017.
        expectClose(total / 200, 271.0 / 301, absolute: 0.006)
    }

    @Test func theDistributionIsOne() throws {
        for (n, m, alpha) in [(9, 4, 0.1), (50, 200, 0.05), (499, 1000, 0.1)] {
            let coverage = try #require(ConformalCoverage(alpha: alpha, calibrationRows: n, testRows: m))
            let masses = (0...m).map(coverage.probability)
            expectClose(masses.reduce(0, +), 1, absolute: 1e-9)
            let mean = masses.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element } / Double(m)
            expectClose(mean, coverage.a / (coverage.a + coverage.b), absolute: 1e-9)
            let interval = coverage.interval(level: 0.9)
            let inside = masses.enumerated().filter {
                (interval.lower...interval.upper).contains(Double($0.offset) / Double(m))
            }.reduce(0) { $0 + $1.element }
            #expect(inside >= 0.9)
        }
        // Five rows cannot promise 90 %: k = 6.
        #expect(ConformalCoverage(alpha: 0.1, calibrationRows: 5, testRows: 10) == nil)
    }

    @Test func conditionalCoverageHoldsInEveryGroup() throws {
        let data = rows(9000, classes: 4, seed: 77)
        let (first, rest) = (Array(0..<3000), Array(3000..<9000))
        for condition in [ConformalPredictor.Condition.perClass, .perTask] {
            let predictor = try ConformalPredictor(
                .lac, condition: condition, probabilities: data.probabilities.selectingRows(first),
                labels: first.map { data.labels[$0] }, tasks: [0, 0, 0, 1])
            let thresholds = predictor.thresholds(alpha: 0.1)
            for group in 0..<thresholds.count {
                let own = rest.filter { predictor.groups[data.labels[$0]] == group }
                let covered = own.filter {
                    predictor.set(data.probabilities.row($0), thresholds: thresholds).contains(data.labels[$0])
                }.count
                let coverage = try #require(
                    ConformalCoverage(
                        alpha: 0.1, calibrationRows: predictor.scores[group].count, testRows: own.count))
                let interval = coverage.interval(level: 0.9999)
                #expect((interval.lower...interval.upper).contains(Double(covered) / Double(own.count)))
            }
        }
    }

    @Test func thresholdsOfTooFewRowsTakeEverything() throws {
        let predictor = try ConformalPredictor(
            .aps, condition: .perClass, probabilities: Matrix([[0.6, 0.4], [0.7, 0.3]]), labels: [0, 0])
        #expect(predictor.thresholds(alpha: 0.1) == [.infinity, .infinity])
        #expect(predictor.set([0.2, 0.8], thresholds: [.infinity, .infinity]) == [1, 0])
    }
}

@Suite struct OnlineConformalTests {
    /// The bound holds for every sequence, also where the model turns wrong half-way and new classes come.
    @Test(arguments: [ConformalScore.lac, .aps, .saps()])
    func errorsStayWithinTheBound(score: ConformalScore) {
        var online = OnlineConformal(score, target: 0.1, step: 0.02, window: 300)
        for (part, classes) in [3, 5, 5, 8].enumerated() {
            let data = rows(1500, classes: classes, seed: UInt64(part))
            for row in 0..<1500 {
                // In the third part the labels are shifted: a model that is wrong.
                let label = part == 2 ? (data.labels[row] + 1) % classes : data.labels[row]
                let held = online.set(data.probabilities.row(row)).contains(label)
                let before = online.errors
                online.update(data.probabilities.row(row), label: label)
                #expect(online.errors - before == (held ? 0 : 1))
            }
            #expect(abs(Double(online.errors) / Double(online.rows) - 0.1) <= online.bound(rows: online.rows))
        }
        #expect(online.rows == 6000)
        let alpha = online.alpha
        online.update([0.5, 0.5], label: nil)
        #expect(online.unknown == 1 && online.rows == 6000 && online.alpha == alpha)
    }
}
