import Foundation
import Matrices
import TestSupport
import Testing

@testable import CLAP

/// Inference against the reference: logits of given draws, their mean, probabilities, and the dependence on the batch
/// that transductive prediction has (golden/clap/j_…).
@Suite struct GoldenInferenceTests {
    static let cases = Golden.cases("clap", prefix: "j_")

    @Test(arguments: cases) func inferenceInFloat(_ name: String) throws { try check(GoldenCLAP<Float>(name), 1e-5) }
    @Test(arguments: cases) func inferenceInDouble(_ name: String) throws { try check(GoldenCLAP<Double>(name), 5e-7) }

    private func check<Scalar: MatrixScalar>(_ golden: GoldenCLAP<Scalar>, _ tolerance: Double) throws {
        let batch = try golden.batch()
        let classes = golden.network.classCount
        for half in [false, true] {
            let rows = half ? batch.rows.rows(0..<batch.rows.rows / 2) : batch.rows
            let posterior = ClassPosterior(
                network: golden.network, text: golden.text, context: rows, globalNoise: batch.globalNoise)
            let draws = posterior.draws(noise: batch.noise)
            let logits = posterior.sampledLogits(of: rows, draws: draws, logitScale: golden.logitScale)
            let count = draws.rows / classes
            let expected: [Scalar] = try golden.file.values(half ? "out.logits_first_half_batch_alone" : "out.logits")
            // Theirs is [draws, rows, classes], ours a run of classes per draw in each row.
            var ours: [Scalar] = []
            for draw in 0..<count {
                for row in 0..<rows.rows { ours += logits.row(row)[draw * classes..<(draw + 1) * classes] }
            }
            let shape = (count * rows.rows, classes)
            #expect(
                largestError(
                    Matrix(rows: shape.0, columns: shape.1, elements: ours),
                    Matrix(rows: shape.0, columns: shape.1, elements: expected)) < tolerance)
            guard !half else { continue }
            let mean = posterior.sampledMoments(of: rows, draws: draws, logitScale: golden.logitScale).mean
            #expect(largestError(mean, try golden.file.matrix("out.mean_logits")) < tolerance)
            var probabilities = mean
            let p = probabilities.mutablePointer()
            Scalar.Kernels.softmaxRows(p, p, probabilities.rows, probabilities.columns)
            #expect(largestError(probabilities, try golden.file.matrix("out.probabilities")) < max(tolerance, 5e-5))
        }
    }

    @Test func newHeadsStartFromTheTextStatistics() throws {
        let file = try Golden.load("clap", "i_new_heads_d16")
        let prompts: Matrix<Double> = try file.matrix("in.text_prompt_features")
        let shape = try file.shape("in.text_prompt_features")
        let classesPerTask = try #require(file.ints("classes_per_task"))
        let perClass = (0..<shape[0]).map { prompts.rows($0 * shape[1]..<($0 + 1) * shape[1]) }
        for task in classesPerTask.indices {
            let known = classesPerTask[...task].reduce(0, +)
            let text = CLAPText(prompts: Array(perClass[..<known]), dimension: shape[2])
            let adapters: [String: Matrix<Double>] = Initialization.adapters(
                suffix: "adapters.0", text: text, rule: .textStatistics, logitScale: 100, random: .init(seed: 1))
            let ending = task == classesPerTask.count - 1 ? "" : "_at_task\(task)"
            let mean = try #require(adapters["mu_adapters.0.weight"])
            let sigma = try #require(adapters["sigma_adapters.0.weight"])
            #expect(largestError(mean, try file.matrix("out.mu_weight" + ending)) < 5e-7)
            #expect(largestError(sigma, try file.matrix("out.sigma_weight" + ending)) < 5e-7)
        }
    }

    @Test func onePromptPerClassStillGivesFiniteHeads() {
        let text = CLAPText<Float>(prompts: [Matrix([[1, 0]]), Matrix([[0, 1]])], dimension: 2)
        let adapters = Initialization.adapters(
            suffix: "adapters.0", text: text, rule: .textStatistics, logitScale: 100, random: .init(seed: 1))
        #expect(adapters.values.allSatisfy { $0.elements.allSatisfy(\.isFinite) })
    }
}
