import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@testable import Prediction

@Suite struct RowUncertaintyTests {
    private static let methods: [PredictiveMethod] = [
        .softmaxOfMean, .meanField, .pairwiseMeanField, .laplaceBridge, .monteCarlo, .quasiMonteCarlo(samples: 64),
        .exact,
    ]

    private func posterior(_ deviation: Float) -> LogitPosterior {
        var noise = NormalNoise(seed: 12)
        var mean: Matrix<Float> = noise.matrix(rows: 60, columns: 7)
        mean.scale(by: 3)
        let variance = Matrix<Float>(
            rows: 60, columns: 7, elements: (0..<420).map { Float($0 % 5) * deviation * deviation / 2 })
        return LogitPosterior(mean: mean, variance: variance)
    }

    @Test(arguments: methods, [0, 1e-3, 1, 40] as [Float])
    func partsAddUpAndNothingIsNegative(method: PredictiveMethod, deviation: Float) {
        let p = posterior(deviation)
        let found = p.rowUncertainty(method)
        for row in 0..<p.rows {
            let (total, aleatoric, epistemic) = (
                found.uncertainty.total[row], found.uncertainty.aleatoric[row], found.uncertainty.epistemic[row]
            )
            #expect(aleatoric >= 0 && epistemic >= 0 && found.margin[row] >= 0 && found.winnerVariance[row] >= 0)
            expectClose(aleatoric + epistemic, total, absolute: 2e-7)
            let values = found.probabilities.row(row)
            #expect(values[found.winner[row]] == values.max())
            #expect(found.winnerVariance[row] == p.variance[row, found.winner[row]])
            let sorted = values.sorted(by: >)
            #expect(found.margin[row] == sorted[0] - sorted[1])
            expectClose(found.energy[row], -log(p.mean.row(row).reduce(0) { $0 + exp($1) }), absolute: 1e-5)
            if deviation == 0 {
                #expect(epistemic < 1e-6)
            }
            #expect((found.logDirichletPrecision == nil) == (method != .laplaceBridge))
            if let precision = found.logDirichletPrecision {
                #expect(deviation == 0 ? precision[row] == .infinity : precision[row].isFinite)
            }
        }
    }

    /// Closed form against samples: the split of the quadrature and that of 20,000 samples.
    @Test func theSplitsAgree() {
        let p = posterior(1.5)
        let (exact, sampled) = (p.prediction(.exact).uncertainty, p.prediction(samples: 20_000).uncertainty)
        expectClose(sampled.aleatoric, exact.aleatoric, absolute: 0.02)
        expectClose(sampled.epistemic, exact.epistemic, absolute: 0.02)
    }

    @Test func oneClass() {
        let found = LogitPosterior(mean: Matrix([[3]]), variance: Matrix([[2]])).rowUncertainty(.exact)
        #expect(found.margin == [1] && found.winner == [0] && found.uncertainty.total == [0])
    }
}
