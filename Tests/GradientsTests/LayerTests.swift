import Gradients
import Matrices
import Testing

@Suite struct LayerTests {
    /// A decoder layer of width 4 with inner width 5 and random parameters.
    private func decoder(heads: Int) -> TransformerDecoderLayer<Double> {
        var seed: UInt64 = 10
        return TransformerDecoderLayer(heads: heads) { name in
            seed += 1
            let shape: (Int, Int)
            if name.hasSuffix("in_proj_weight") {
                shape = (12, 4)
            } else if name.hasSuffix("in_proj_bias") {
                shape = (1, 12)
            } else if name == "linear1.weight" {
                shape = (5, 4)
            } else if name == "linear1.bias" {
                shape = (1, 5)
            } else if name == "linear2.weight" {
                shape = (4, 5)
            } else if name.hasSuffix("out_proj.weight") {
                shape = (4, 4)
            } else {
                shape = (1, 4)
            }
            return Parameter(name: name, value: normalMatrix(shape.0, shape.1, seed: seed))
        }
    }

    @Test(arguments: [(1, 1, 0.0), (2, 1, 0.0), (2, 2, 0.0), (1, 1, 0.3)])
    func decoderLayerGradients(_ heads: Int, _ sequences: Int, _ dropout: Double) {
        let layer = decoder(heads: heads)
        let (x, memory) = (normalParameter(3 * sequences, 4, seed: 1), normalParameter(2 * sequences, 4, seed: 2))
        var mask = Matrix<Double>(rows: 3, columns: 3)
        mask[0, 2] = -.infinity
        let error = gradientError(of: layer.parameters + [x, memory]) { tape in
            var noise = DropoutNoise(seed: 3)
            return weightedSum(
                layer(
                    tape.parameter(x), memory: tape.parameter(memory), mask: mask, sequences: sequences,
                    dropoutRate: dropout, noise: &noise))
        }
        #expect(error < 1e-7)
    }

    @Test func sequencesOfABatchDoNotSeeEachOther() {
        let layer = decoder(heads: 2)
        let (x, memory) = (normalMatrix(6, 4, seed: 1), normalMatrix(4, 4, seed: 2))
        var noise = DropoutNoise(seed: 0)
        let tape = Tape<Double>()
        let together = layer(tape.constant(x), memory: tape.constant(memory), sequences: 2, noise: &noise).value
        for sequence in 0..<2 {
            let alone = layer(
                tape.constant(x).rows(sequence * 3..<sequence * 3 + 3),
                memory: tape.constant(memory).rows(sequence * 2..<sequence * 2 + 2), noise: &noise
            ).value
            for row in 0..<3 {
                for column in 0..<4 { #expect(abs(alone[row, column] - together[sequence * 3 + row, column]) < 1e-12) }
            }
        }
    }

    @Test func frozenParametersGetNoGradientAndOthersTheSame() {
        let layer = decoder(heads: 1)
        let input = normalMatrix(3, 4, seed: 1)
        func run() {
            for parameter in layer.parameters { parameter.clearGradient() }
            var noise = DropoutNoise(seed: 0)
            let tape = Tape<Double>()
            tape.backward(from: weightedSum(layer(tape.constant(input), memory: tape.constant(input), noise: &noise)))
        }
        run()
        let free = layer.parameters.map(\.gradient)
        for parameter in layer.feedForward.parameters { parameter.isFrozen = true }
        run()
        for (parameter, before) in zip(layer.parameters, free) {
            if parameter.isFrozen {
                #expect(parameter.gradient == nil)
            } else {
                #expect(parameter.gradient?.elements == before?.elements)
            }
        }
    }

    @Test func gradientsOfTwoPassesAddUp() {
        let x = normalParameter(2, 2, seed: 1)
        for _ in 0..<2 {
            let tape = Tape<Double>()
            tape.backward(from: tape.parameter(x).sum())
        }
        #expect(x.gradient?.elements == [2, 2, 2, 2])
    }

    /// Kept share within 5 standard deviations of 1 − rate (seed fixed), kept values scaled, and the mean kept.
    @Test func dropoutKeepsTheStatedShare() {
        let tape = Tape<Double>()
        let count = 100_000
        var noise = DropoutNoise(seed: 7)
        let result = tape.constant(Matrix(rows: 100, columns: count / 100, repeating: 1)).dropout(rate: 0.1, noise: &noise)
        // The rate is a multiple of 2⁻¹⁶: 6554/65536 is the nearest to 0.1.
        let scale = 65536.0 / (65536 - 6554)
        let kept = result.value.elements.count { $0 != 0 }
        #expect(result.value.elements.allSatisfy { $0 == 0 || abs($0 - scale) < 1e-12 })
        #expect(abs(Double(kept) / Double(count) - 0.9) < 5 * (0.09 / Double(count)).squareRoot())
    }
}
