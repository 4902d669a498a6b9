import Foundation
import Gradients
import Matrices
import TestSupport
import Testing

@testable import CLAP

/// Whole runs of gradient descent with the schedule, against the reference (golden/clap/s_…): losses of every step and
/// the parameters afterwards.
@Suite struct GoldenTrainingTests {
    static let cases = Golden.cases("clap", prefix: "s_")

    @Test(arguments: cases) func runInFloat(_ name: String) throws {
        try check(GoldenCLAP<Float>(name, parameterPrefix: "before."), losses: 2e-5, parameters: 3e-6)
    }

    @Test(arguments: cases) func runInDouble(_ name: String) throws {
        try check(GoldenCLAP<Double>(name, parameterPrefix: "before."), losses: 1e-6, parameters: 2e-7)
    }

    private func check<Scalar: MatrixScalar>(
        _ golden: GoldenCLAP<Scalar>, losses tolerance: Double, parameters parameterTolerance: Double
    ) throws {
        let file = golden.file
        let steps = try #require(file.int("steps"))
        let peak = try #require(file.double("effective_lr"))
        let schedule = WarmupCosine(
            steps: steps, warmupSteps: try #require(file.int("warmup_steps")), peak: peak,
            final: peak * (try #require(file.double("final_lr_fraction"))))
        let rates: [Double] = try file.values("out.learning_rates")
        #expect((0..<steps).allSatisfy { abs(schedule.rate(at: $0) - rates[$0]) < 1e-12 })
        #expect(
            abs(peak - CLAPRecipe.peakLearningRate(
                base: try #require(file.double("base_lr")), batchSize: file.int("train_batch_for_lr") ?? 32)
                * (golden.phase == .fineTune ? 0.1 : 1)) < 1e-12)

        let expected: [Scalar] = try file.values("out.losses")
        let objective = CLAPObjective(network: golden.network, text: golden.text, logitScale: golden.logitScale)
        var dropout = DropoutNoise(seed: 0)
        for step in 0..<steps {
            let losses = objective.losses(of: try golden.batch(step: step), phase: golden.phase, dropout: &dropout)
            let found = [losses.total, losses.crossEntropy, losses.textRegularizer, losses.priorMatching]
            for (column, loss) in found.enumerated() {
                let target = Double(expected[step * 4 + column])
                #expect(abs(Double(loss?.scalar ?? 0) - target) <= tolerance * max(abs(target), 1), "step \(step)")
            }
            losses.total.tape.descend(from: losses.total, rate: Scalar(schedule.rate(at: step)))
        }
        for name in file.names where name.hasPrefix("after.") {
            let own = GoldenCLAP<Scalar>.ourName(String(name.dropFirst("after.".count)))
            let parameter = try #require(golden.network.parameters[own])
            let target: Matrix<Scalar> = try file.matrix(name)
            // Entries that start at zero stay small; the reference's own float32 run is this far off in absolute terms.
            let allowed = parameterTolerance * (largestEntry(target) + (Scalar.self == Float.self ? 1 : 0.1))
            #expect(largestDifference(parameter.value, target) < allowed, "\(own)")
        }
    }

    /// Updates folded into the gradient products must be the same as collecting gradients and stepping.
    @Test func foldedDescentEqualsSGD() throws {
        let folded = try GoldenCLAP<Double>("c_third_task_lasp_d16")
        let plain = try GoldenCLAP<Double>("c_third_task_lasp_d16")
        var dropout = DropoutNoise(seed: 0)
        for (golden, folds) in [(folded, true), (plain, false)] {
            let objective = CLAPObjective(network: golden.network, text: golden.text, logitScale: golden.logitScale)
            let loss = objective.losses(of: try golden.batch(), phase: .train, dropout: &dropout).total
            if folds {
                loss.tape.descend(from: loss, rate: 0.01)
            } else {
                loss.tape.backward(from: loss)
                var sgd = SGD<Double>()
                sgd.step(golden.network.sortedParameters, learningRate: 0.01)
            }
        }
        for (name, parameter) in folded.network.parameters {
            let other = try #require(plain.network.parameters[name])
            #expect(largestError(parameter.value, other.value) < 1e-14, "\(name)")
        }
    }
}
