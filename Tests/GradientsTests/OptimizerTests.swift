import Foundation
import Gradients
import Matrices
import Testing

@Suite struct OptimizerTests {
    private func parameter(_ value: Double, gradient: Double) -> Parameter<Double> {
        let parameter = Parameter(name: "w", value: Matrix<Double>([[value]]))
        let tape = Tape<Double>()
        tape.backward(from: tape.parameter(parameter).scaled(by: gradient).sum())
        return parameter
    }

    /// By hand: g = 3 + 0.1·2 = 3.2, w = 2 − 0.5·3.2 = 0.4; then g = 3 + 0.04, v = 0.9·3.2 + 3.04 = 5.92, w = −2.56.
    @Test func sgdWithMomentumAndDecay() {
        let w = parameter(2, gradient: 3)
        var sgd = SGD<Double>(momentum: 0.9, weightDecay: 0.1)
        sgd.step([w], learningRate: 0.5)
        #expect(abs(w.value[0, 0] - 0.4) < 1e-14)
        sgd.step([w], learningRate: 0.5)
        #expect(abs(w.value[0, 0] + 2.56) < 1e-14)
    }

    /// With a constant gradient the corrected moments are g and g², so each step is rate·sign(g) after the decay.
    @Test func adamW() {
        let w = parameter(2, gradient: -3)
        var adam = AdamW<Double>(epsilon: 0, weightDecay: 0.1)
        var expected = 2.0
        for _ in 0..<3 {
            adam.step([w], learningRate: 0.5)
            expected = expected * (1 - 0.05) + 0.5
            #expect(abs(w.value[0, 0] - expected) < 1e-12)
        }
    }

    @Test func clippingScalesAllGradientsTogether() throws {
        let (a, b) = (parameter(0, gradient: 3), parameter(0, gradient: 4))
        #expect(abs(clipGradientNorm(of: [a, b], maximum: 1) - 5) < 1e-12)
        #expect(abs(try #require(a.gradient)[0, 0] - 0.6) < 1e-12)
        #expect(abs(try #require(b.gradient)[0, 0] - 0.8) < 1e-12)
        #expect(abs(clipGradientNorm(of: [a, b], maximum: 2) - 1) < 1e-12)
        #expect(abs(try #require(a.gradient)[0, 0] - 0.6) < 1e-12)
    }

    @Test func frozenParametersStay() {
        let w = parameter(2, gradient: 3)
        w.isFrozen = true
        var adam = AdamW<Double>()
        adam.step([w], learningRate: 1)
        #expect(w.value[0, 0] == 2)
    }

    @Test func warmupRisesAndCosineFalls() {
        let schedule = WarmupCosine(steps: 10, warmupSteps: 3, peak: 1, final: 0.1)
        #expect((0..<3).map(schedule.rate) == [0.25, 0.5, 0.75])
        #expect(schedule.rate(at: 3) == 1)
        #expect(zip(3..<9, 4..<10).allSatisfy { schedule.rate(at: $0) > schedule.rate(at: $1) })
        #expect(schedule.rate(at: 9) > 0.1)
    }
}
