import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@testable import Prediction

/// The table against the quadrature in Double, which has another grid and no series.
@Suite struct GumbelMaxTableTests {
    /// Logits with means of spread 3 around 20 and variances of 0.25 to 2.25 times the square of `deviation`.
    private func posterior(rows: Int, classes: Int, deviation: Float, seed: UInt64) -> LogitPosterior {
        var noise = NormalNoise(seed: seed)
        var stream = RandomStream(seed: seed)
        var mean: Matrix<Float> = noise.matrix(rows: rows, columns: classes)
        var variance = mean
        for row in 0..<rows {
            for k in 0..<classes {
                mean[row, k] = 20 + 3 * mean[row, k]
                let scale = deviation * (0.5 + Float(stream.uniform()))
                variance[row, k] = scale * scale
            }
        }
        return LogitPosterior(mean: mean, variance: variance)
    }

    @Test(arguments: [0.001, 0.05, 0.3, 0.7, 1, 1.5, 2, 3, 4] as [Float], [1, 2, 9, 100, 300])
    func agreesWithTheQuadrature(deviation: Float, classes: Int) {
        let p = posterior(rows: 40, classes: classes, deviation: deviation, seed: 61)
        let (found, exact) = (GumbelMaxTable.shared.predict(p), p.exact(.double))
        for row in 0..<p.rows {
            let (values, expected) = (found.probabilities.row(row), exact.probabilities.row(row))
            #expect(zip(values, expected).reduce(0) { $0 + abs(Double($1.0) - $1.1) } / 2 < 1e-5, "row \(row)")
            expectClose(values.reduce(0) { $0 + Double($1) }, 1, absolute: 1e-5)
        }
        expectClose(found.totalEntropy.map { Double($0) }, exact.totalEntropy, absolute: 5e-5)
        expectClose(found.expectedEntropy.map { Double($0) }, exact.expectedEntropy, absolute: 1e-4)
    }

    /// Improbable classes too: 1 − φ is stored, so that no digits are lost to 1.
    @Test(arguments: [0.3, 1, 2] as [Float])
    func smallProbabilitiesKeepTheirDigits(deviation: Float) {
        var p = posterior(rows: 20, classes: 12, deviation: deviation, seed: 62)
        var mean = p.mean
        for row in 0..<p.rows { for k in 0..<6 { mean[row, k] -= 4 * Float(k) } }
        p = LogitPosterior(mean: mean, variance: p.variance)
        let (found, exact) = (GumbelMaxTable.shared.predict(p).probabilities, p.exact(.double).probabilities)
        for row in 0..<p.rows {
            for k in 0..<12 where exact[row, k] > 1e-9 {
                expectClose(Double(found[row, k]) / exact[row, k], 1, absolute: 1e-3)
            }
        }
    }

    @Test func classesThatCannotWinAndKnownLogits() {
        let inf = Float.infinity
        let mean = Matrix<Float>([[0, -inf, 1, -300], [0, 1, 2, 3], [3, 3, -1e30, 3], [-inf, -inf, 5, -inf]])
        let variance = Matrix<Float>([[1, 4, 0.5, 2], [0, 0, 0, 0], [0, 2, 0, 1], [1, 1, 1, 1]])
        let p = LogitPosterior(mean: mean, variance: variance)
        let (found, exact) = (GumbelMaxTable.shared.predict(p), p.exact(.double))
        expectClose(found.probabilities.elements.map { Double($0) }, exact.probabilities.elements, absolute: 1e-5)
        expectClose(found.expectedEntropy.map { Double($0) }, exact.expectedEntropy, absolute: 1e-5)
        #expect(found.probabilities[0, 1] == 0 && found.probabilities[3, 2] == 1)
        #expect(found.expectedEntropy[1] == found.totalEntropy[1])
    }

    @Test func rowsBeyondTheTableGoThroughTheQuadrature() {
        let wide = posterior(rows: 6, classes: 5, deviation: 12, seed: 63)
        let narrow = posterior(rows: 6, classes: 5, deviation: 1, seed: 64)
        let both = LogitPosterior(
            mean: Matrix(stacking: [wide.mean, narrow.mean]), variance: Matrix(stacking: [wide.variance, narrow.variance]))
        let found = GumbelMaxTable.shared.predict(both)
        let exact = wide.exact(.single)
        for row in 0..<6 {
            #expect(found.probabilities.row(row) == exact.probabilities.row(row).map { Float($0) })
            #expect(found.expectedEntropy[row] == Float(exact.expectedEntropy[row]))
            #expect(found.probabilities.row(6 + row) == GumbelMaxTable.shared.predict(narrow).probabilities.row(row))
        }
        var nan = narrow.mean
        nan[2, 1] = .nan
        let bad = GumbelMaxTable.shared.predict(LogitPosterior(mean: nan, variance: narrow.variance)).probabilities
        #expect(bad.row(2).allSatisfy { $0.isNaN } && bad.row(1) == found.probabilities.row(7))
    }

    @Test func aRowDependsOnItselfAlone() {
        let p = posterior(rows: 150, classes: 21, deviation: 1.5, seed: 65)
        let all = GumbelMaxTable.shared.predict(p)
        for row in [0, 63, 64, 149] {
            let alone = GumbelMaxTable.shared.predict(
                LogitPosterior(mean: p.mean.rows(row..<row + 1), variance: p.variance.rows(row..<row + 1)))
            #expect(alone.probabilities.row(0) == all.probabilities.row(row))
            #expect(alone.expectedEntropy[0] == all.expectedEntropy[row])
        }
    }
}
