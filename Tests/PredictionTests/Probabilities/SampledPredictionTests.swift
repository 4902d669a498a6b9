import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@testable import Prediction

@Suite struct SampledPredictionTests {
    private func posterior(_ rows: Int, _ classes: Int) -> LogitPosterior {
        var noise = NormalNoise(seed: 31)
        let mean: Matrix<Float> = noise.matrix(rows: rows, columns: classes)
        return LogitPosterior(mean: mean, variance: Matrix(rows: rows, columns: classes, repeating: 1.5))
    }

    /// Over 200 rows × 10 classes the error over its standard error has a variance near that of Student's t with 31
    /// degrees of freedom, 1.07.
    @Test(arguments: SampleDesign.allCases)
    func theStandardErrorIsRight(design: SampleDesign) {
        let p = posterior(200, 10)
        let exact = p.exact(.double).probabilities
        var squares = 0.0
        // The samples are the same for all rows, so several seeds are needed.
        for seed in 1...8 as ClosedRange<UInt64> {
            let sampled = p.sampled(design, samples: 2048, replicates: 32, seed: seed)
            for (index, error) in sampled.standardErrors.elements.enumerated() {
                let z = (Double(sampled.probabilities.elements[index]) - exact.elements[index]) / Double(error)
                squares += z * z
            }
        }
        #expect((0.8...1.4).contains(squares / (8 * 2000)))
    }

    @Test func quasiRandomSamplesErrLess() {
        let p = posterior(100, 10)
        func error(_ design: SampleDesign) -> Double {
            p.sampled(design, samples: 8192, replicates: 8).standardErrors.elements.reduce(0) { $0 + Double($1) }
        }
        #expect(error(.quasiRandom) < 0.4 * error(.random))
    }

    /// More classes than Sobol's sequence, and than any, has dimensions.
    @Test(arguments: [41, 1230])
    func manyClasses(classes: Int) {
        let sampled = posterior(2, classes).sampled(.quasiRandom, samples: 64, replicates: 2)
        expectClose(sampled.probabilities.row(0).reduce(0.0) { $0 + Double($1) }, 1, absolute: 1e-5)
        #expect(sampled.standardErrors.elements.allSatisfy { $0 >= 0 && $0.isFinite })
    }
}

@Suite struct LaplaceBridgeTests {
    @Test func twoClassesByHand() {
        // Less their average the logits have the variance v/2, so α_k = (1 + e^{±d})/4·2/v.
        let (d, v) = (0.8, 0.4)
        let found = LaplaceBridge.dirichlet(
            of: LogitPosterior(mean: Matrix([[Float(d), 0]]), variance: Matrix([[Float(v), Float(v)]])))
        let expected = [(1 + exp(d)) / 2 / v, (1 + exp(-d)) / 2 / v]
        expectClose(found.logConcentrations.row(0).map { exp($0) }, expected, elementwise: 1e-6)
        expectClose(exp(found.logPrecision[0]), expected[0] + expected[1], relative: 1e-6)
    }

    @Test func largeOffsetsAndNoVariance() {
        let posterior = LogitPosterior(
            mean: Matrix([[300, 301, 298], [1, 2, 3]]), variance: Matrix([[1, 1, 1], [0, 0, 0]]))
        let found = LaplaceBridge.dirichlet(of: posterior)
        #expect(found.logConcentrations.row(0).allSatisfy { $0.isFinite })
        #expect(found.logPrecision[1] == .infinity)
        expectClose(posterior.probabilities(.laplaceBridge).row(1), [0.0900306, 0.2447285, 0.6652410], absolute: 1e-6)
    }
}
