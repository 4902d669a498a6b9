import Foundation
import Matrices
import TestSupport
import Testing

@testable import HeadCombination

@Suite struct DistributionAwareGateTests {
    static let cases = Golden.cases("diki", prefix: "weights_")

    private func gate(_ golden: GoldenCase) throws -> DistributionAwareGate {
        let dimension = try golden.shape("in.image_features")[1]
        let ridge = try #require(golden.double("ridge"))
        var densities = TaskDensities(dimension: dimension, covariance: .ridged(ridge))
        for task in 0..<(try #require(golden.int("tasks"))) {
            let rows: Matrix<Float> = try golden.matrix("in.train_features.task\(task)")
            try densities.add(normalized(rows))
        }
        return DistributionAwareGate(densities: densities, divisor: try #require(golden.double("divisor")))
    }

    /// To unit length in Double, as the golden values were made; what is kept is rounded to Float.
    private func normalized(_ rows: Matrix<Float>) -> Matrix<Float> {
        Matrix<Float>(Matrix<Double>(rows).normalizedRows())
    }

    @Test(.enabled(if: !cases.isEmpty, "golden diki is not there"), arguments: cases)
    func golden(name: String) throws {
        let golden = try Golden.load("diki", name)
        let gate = try gate(golden)
        let images = normalized(try golden.matrix("in.image_features"))
        for task in 0..<gate.densities.count {
            let means: Matrix<Double> = try golden.matrix("out.means")
            expectClose(gate.densities.mean(ofTask: task), means.row(task), absolute: 1e-8)
        }
        let expected: Matrix<Double> = try golden.matrix("out.log_probabilities")
        // Rows are Floats here, 6e-8 of their own size; a density changes by its slope times that.
        let allowed = max(try #require(golden.double("float32_log_prob_err")), 1e-5)
        expectClose(gate.densities.logDensities(images), expected, absolute: allowed)
        expectClose(gate.weights(expected), try golden.values("out.image_weights", of: Double.self), relative: 1e-12)
        expectClose(
            gate.imageWeights(images), try golden.values("out.image_weights", of: Double.self), absolute: allowed / 512)
        expectClose(gate.batchWeight(images), try golden.scalar("out.text_weight", of: Double.self), absolute: allowed / 512)
        #expect(gate.tasks(images) == (try golden.integers("out.selected_task_per_image")))
        if golden.bool("batchwise") == true {
            #expect(gate.taskOfBatch(images) == (try golden.integers("out.selected_task_for_batch"))[0])
        }
    }

    @Test func densitiesIntegrateOverFewRowsToo() throws {
        var densities = TaskDensities(dimension: 4)
        try densities.add(Matrix([[1, 0, 0, 0]]))
        try densities.add(Matrix([[0, 1, 0, 0], [0, 0.8, 0.6, 0], [0, 0.6, 0.8, 0]]))
        let values = densities.logDensities(Matrix([[1, 0, 0, 0], [0, 0.8, 0.6, 0]]))
        #expect(values.elements.allSatisfy { $0.isFinite })
        #expect(values.rowArgmaxima() == [0, 1])
        #expect(densities.logDensities(Matrix(rows: 0, columns: 4)).rows == 0)
    }

    @Test func noTasksAndNoRows() {
        let gate = DistributionAwareGate(densities: TaskDensities(dimension: 3))
        #expect(gate.tasks(Matrix(rows: 2, columns: 3)).isEmpty)
        #expect(gate.taskOfBatch(Matrix(rows: 0, columns: 3)) == nil)
        #expect(gate.batchWeight(Matrix(rows: 0, columns: 3)) == 0)
    }
}
