import Foundation
import Gradients
import Matrices
import TestSupport
import Testing

@testable import CLAP

/// Losses, intermediate values and every gradient of one step, against the reference (golden/clap).
@Suite struct GoldenForwardTests {
    static let cases = Golden.cases("clap").filter { !$0.hasPrefix("i_") && !$0.hasPrefix("j_") && !$0.hasPrefix("s_") }

    @Test(arguments: cases) func stepInFloat(_ name: String) throws {
        try check(GoldenCLAP<Float>(name), values: 1e-5, gradients: 1e-4)
    }

    /// The stored values are rounded to float32: 6e-8 relative.
    @Test(arguments: cases) func stepInDouble(_ name: String) throws {
        try check(GoldenCLAP<Double>(name), values: 5e-7, gradients: 5e-7)
    }

    private func check<Scalar: MatrixScalar>(
        _ golden: GoldenCLAP<Scalar>, values: Double, gradients: Double
    ) throws {
        let objective = CLAPObjective(
            network: golden.network, text: golden.text, logitScale: golden.logitScale, previous: try golden.previous)
        var dropout = DropoutNoise(seed: 0)
        let losses = objective.losses(of: try golden.batch(), phase: golden.phase, dropout: &dropout)
        let file = golden.file
        if let attended = losses.latents.attended {
            #expect(largestError(attended.value, try file.matrix("mid.vga")) < values)
        }
        for (task, latent) in losses.latents.tasks.enumerated() {
            #expect(largestError(latent.mean.value, try file.matrix("mid.mu.task\(task)")) < values)
            #expect(largestError(latent.standardDeviation.value, try file.matrix("mid.sigma.task\(task)")) < values)
        }
        func close(_ variable: Variable<Scalar>?, _ name: String) throws {
            let expected: Scalar = try file.scalar(name)
            let found = variable?.scalar ?? 0
            #expect(abs(Double(found - expected)) <= values * max(abs(Double(expected)), 1e-3), "\(name)")
        }
        try close(losses.crossEntropy, "out.cross_entropy")
        try close(losses.priorMatching, "out.prior_matching")
        try close(losses.textRegularizer, "out.text_regulariser")
        try close(losses.total, "out.total")

        losses.total.tape.backward(from: losses.total)
        var compared = 0
        let largestGradient = try #require(file.double("largest_abs_gradient"))
        for name in file.names where name.hasPrefix("grad.") {
            let own = GoldenCLAP<Scalar>.ourName(String(name.dropFirst("grad.".count)))
            let parameter = try #require(golden.network.parameters[own], "\(own)")
            let expected: Matrix<Scalar> = try file.matrix(name)
            let found = parameter.gradient ?? Matrix(rows: expected.rows, columns: expected.columns)
            // Some tensors' true gradient is zero or nearly so (key biases, which softmax does not see; the mean's
            // bias where all classes share an adapter): what is left is the rounding of terms that cancel, and a few
            // units in the last place of the case's largest gradient are allowed for it.
            let rounding = 4 * Double(Scalar.ulpOfOne) * largestGradient
            #expect(largestDifference(found, expected) <= gradients * largestEntry(expected) + rounding, "\(own)")
            compared += 1
        }
        let trainable = golden.network.parameters.values.filter { $0.gradient != nil }.map(\.name)
        #expect(compared == (file.settings["trainable"] as? [String])?.count)
        #expect(Set(trainable).isSubset(of: Set((file.settings["trainable"] as? [String] ?? []).map(GoldenCLAP<Scalar>.ourName))))
    }
}
