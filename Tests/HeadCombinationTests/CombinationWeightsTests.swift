import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import HeadCombination

@Suite struct CombinationWeightsTests {
    private let tasks = [0, 0, 0, 1, 1]

    private func posterior(_ rows: Int, seed: UInt64, variance: Double = 0) -> LogitPosterior {
        var stream = RandomStream(seed: seed)
        func matrix(_ f: (Double) -> Double) -> Matrix<Float> {
            Matrix((0..<rows).map { _ in tasks.map { _ in Float(f(stream.gaussian())) } })
        }
        let mean = matrix { 1.5 * $0 }
        return LogitPosterior(mean: mean, variance: matrix { variance * $0 * $0 })
    }

    /// Draws labels from softmax of logits.
    private func labels(_ logits: Matrix<Float>, seed: UInt64) -> [Int] {
        var stream = RandomStream(seed: seed)
        let probabilities = logits.softmax()
        return (0..<logits.rows).map { row in
            var left = stream.uniform()
            for k in 0..<logits.columns - 1 {
                left -= Double(probabilities[row, k])
                if left < 0 { return k }
            }
            return logits.columns - 1
        }
    }

    @Test func momentsAreThoseOfAWeightedSum() {
        let (a, b) = (posterior(7, seed: 1, variance: 1), posterior(7, seed: 2, variance: 2))
        var weights = CombinationWeights(heads: [0.7, 1.3])
        weights.scale = 1.5
        let combined = weights.combine([a, b], tasks: tasks)
        expectClose(combined.mean, 1.5 * (0.7 * a.mean + 1.3 * b.mean), relative: 1e-6)
        expectClose(combined.variance, 2.25 * (0.49 * a.variance + 1.69 * b.variance), relative: 1e-6)

        weights.corrections = [[0.1, 0], [0, -0.2]]
        weights.constants = [0.3, 0.1, 0, 0, -0.3]
        let corrected = weights.combine([a, b], tasks: tasks)
        let (na, nb) = (a.mean.logSoftmax(), b.mean.logSoftmax())
        for row in 0..<7 {
            for k in 0..<5 {
                let extra = (k < 3 ? 0.1 * na[row, k] : -0.2 * nb[row, k]) + Float(weights.constants[k])
                expectClose(corrected.mean[row, k], combined.mean[row, k] + 1.5 * extra, absolute: 1e-5)
                let expected = 2.25 * (k < 3
                    ? 0.64 * a.variance[row, k] + 1.69 * b.variance[row, k]
                    : 0.49 * a.variance[row, k] + 1.21 * b.variance[row, k])
                expectClose(corrected.variance[row, k], expected, absolute: 1e-5)
            }
        }
    }

    /// Labels drawn from known weights: the fit finds them within the standard error, near 0.04 with 4,000 rows.
    @Test func knownWeightsAreFound() {
        let (a, b) = (posterior(4000, seed: 3), posterior(4000, seed: 4))
        let truth = labels(CombinationWeights(heads: [0.5, 1.2]).combine([a, b], tasks: tasks).mean, seed: 5)
        let found = CombinationWeights.fit([a, b], labels: truth, tasks: tasks)
        expectClose(found.heads, [0.5, 1.2], absolute: 0.15)
        #expect(found.scale == 1 && found.corrections.isEmpty)
    }

    /// The same for constants; their prior takes away less than the standard error, near 0.07.
    @Test func constantsOfClassesAreFound() {
        let (a, b) = (posterior(4000, seed: 3), posterior(4000, seed: 4))
        var known = CombinationWeights(heads: [0.8, 0.6])
        known.constants = [0.5, 0.5, -0.5, 0, -0.5]
        let truth = labels(known.combine([a, b], tasks: tasks).mean, seed: 6)
        let found = CombinationWeights.fit([a, b], labels: truth, tasks: tasks)
        expectClose(found.heads, [0.8, 0.6], absolute: 0.15)
        let mean = found.constants.reduce(0, +) / 5
        expectClose(found.constants.map { $0 - mean }, known.constants, absolute: 0.2)
    }

    @Test func correctionsOfTasksAreFound() {
        let (a, b) = (posterior(4000, seed: 3), posterior(4000, seed: 4))
        var known = CombinationWeights(heads: [0.8, 0.6])
        known.corrections = [[0.2, -0.2], [-0.2, 0.2]]
        known.constants = [0.5, 0.5, -0.5, 0, -0.5]
        let truth = labels(known.combine([a, b], tasks: tasks).mean, seed: 6)
        let found = CombinationWeights.fit([a, b], labels: truth, tasks: tasks, rule: .init(taskPenalty: 1e-4))
        let recovered = found.combine([a, b], tasks: tasks).mean.softmax()
        expectClose(recovered, known.combine([a, b], tasks: tasks).mean.softmax(), absolute: 0.12)
        let held = CombinationWeights.fit(
            [a, b], labels: truth, tasks: tasks, rule: .init(taskPenalty: 1e6, classDeviation: 1e-4))
        expectClose(held.constants, [0, 0, 0, 0, 0], absolute: 1e-4)
        expectClose(held.corrections.flatMap { $0 }, [0, 0, 0, 0], absolute: 1e-4)
        let none = CombinationWeights.fit([a, b], labels: truth, tasks: tasks, rule: .init(classDeviation: 0))
        #expect(none.constants.isEmpty && none.corrections.isEmpty)
    }

    @Test func aHeadThatMisleadsIsLeftOut() {
        let a = posterior(500, seed: 7)
        let truth = labels(a.mean, seed: 8)
        let found = CombinationWeights.fit([a, LogitPosterior(mean: -1 * a.mean + 0.3 * posterior(500, seed: 9).mean)], labels: truth, tasks: tasks)
        #expect(found.heads.allSatisfy { $0 >= 0 })
        #expect(found.heads[0] > 0.5)
    }

    /// Variance alone makes probabilities too flat where the means were already calibrated: the scale makes up for it.
    @Test func theScaleMakesMeansAndVariancesCalibrated() {
        let a = posterior(3000, seed: 10)
        let truth = labels(a.mean, seed: 11)
        let wide = LogitPosterior(mean: a.mean, variance: Matrix(rows: 3000, columns: 5, repeating: 0.7))
        let found = CombinationWeights.fit([wide], labels: truth, tasks: tasks)
        #expect(found.scale > 1.05)
        func loss(_ scale: Double) -> Double {
            var weights = found
            weights.scale = scale
            let logs = weights.combine([wide], tasks: tasks).logProbabilities(.exact)
            return truth.indices.reduce(0) { $0 - Double(logs[$1, truth[$1]]) } / 3000
        }
        #expect(loss(found.scale) <= min(loss(found.scale * 1.05), loss(found.scale / 1.05), loss(1)))
    }

    @Test func nothingToFitGivesEqualWeights() {
        let none = LogitPosterior(mean: Matrix(rows: 0, columns: 5))
        #expect(CombinationWeights.fit([none, none], labels: [], tasks: tasks) == .equal(2))
        let one = LogitPosterior(mean: Matrix(rows: 2, columns: 1))
        #expect(CombinationWeights.fit([one], labels: [0, 0], tasks: [0]) == .equal(1))
        // Every row right with certainty: weights stay finite.
        let sure = LogitPosterior(mean: Matrix([[9, 0, 0, 0, 0], [0, 9, 0, 0, 0]]))
        let found = CombinationWeights.fit([sure], labels: [0, 1], tasks: tasks)
        #expect(found.heads[0].isFinite && found.heads[0] > 0)
    }
}
