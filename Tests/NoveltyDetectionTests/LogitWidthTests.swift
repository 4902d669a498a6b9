import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import NoveltyDetection

/// The scores of logits by their kernels against plain sums in Double, at widths around those of vector registers, with
/// equal logits, classes that cannot win, and spreads from flat to sure.
@Suite struct LogitWidthTests {
    /// `[rows, classes]`; every seventh logit is a whole number, so that maxima and edges of selections tie.
    private func logits(_ classes: Int, rows: Int = 53) -> Matrix<Float> {
        var noise = NormalNoise(seed: 31)
        var logits: Matrix<Float> = .standardNormal(rows: rows, columns: classes, noise: &noise)
        for row in 0..<rows {
            for k in 0..<classes {
                logits[row, k] *= [0.1, 1, 4, 20][row % 4]
                if (row * classes + k) % 7 == 0 { logits[row, k].round() }
                if row % 9 == 5, k % 3 == 1 { logits[row, k] = -.infinity }
            }
        }
        return logits
    }

    private struct SoftMax {
        /// ln Σ exp(z/T).
        let logSum: Double
        /// Descending, and 1 − p of each.
        let p: [Double]
        let q: [Double]

        init(_ logits: [Float], temperature: Double) {
            let z = logits.map { Double($0) / temperature }.sorted(by: >)
            let terms = z.map { exp($0 - z[0]) }
            let rest = terms.dropFirst().reduce(0, +)
            logSum = z[0] + log1p(rest)
            p = terms.map { $0 / (1 + rest) }
            q = [rest / (1 + rest)] + p.dropFirst().map { 1 - $0 }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 47, 48, 49, 100, 257])
    func plainSums(classes: Int) throws {
        let logits = logits(classes)
        let posterior = LogitPosterior(mean: logits)
        for temperature in [1.0, 3.7] {
            let rows = (0..<logits.rows).map { SoftMax(Array(logits.row($0)), temperature: temperature) }
            expectClose(
                try Energy(temperature: Float(temperature)).scores(for: posterior),
                rows.map { -temperature * $0.logSum }, elementwise: 1e-6, absolute: 2e-6)
            // What is left beside the largest keeps its digits, but for the rounding of logits up to 80: 80·2⁻²³.
            expectClose(
                try MaximumSoftmaxProbability(temperature: Float(temperature)).scores(for: posterior),
                rows.map { $0.q[0] }, elementwise: 1e-5, absolute: 1e-36)
            guard temperature == 1 else { continue }
            let entropies = rows.map { row in
                zip(row.p, row.q).enumerated().reduce(0.0) { sum, next in
                    let (p, q) = next.element
                    // ln p of the largest, next to 1, by its q.
                    return p == 0 ? sum : sum - p * (next.offset == 0 ? log1p(-q) : log(p))
                }
            }
            expectClose(try Entropy().scores(for: posterior), entropies, elementwise: 2e-6, absolute: 5e-7)
            for (exponent, most, floor) in [(0.1, 1000, 0.0), (0.1, 1, 0), (0.5, 4, 0), (0.3, 20, 1e-3), (0.1, 100, 1e-7)] {
                let expected = rows.map { row in
                    zip(row.p, row.q).prefix(most).reduce(0) { sum, next in
                        let (p, q) = (min(max(next.0, floor), 1 - floor), min(max(next.1, floor), 1 - floor))
                        return sum + pow(p, exponent) * pow(q, exponent)
                    }
                }
                let score = GeneralizedEntropy(
                    exponent: Float(exponent), classes: most, smallestProbability: Float(floor))
                expectClose(
                    try score.scores(for: posterior), expected, elementwise: 4e-6, absolute: 1e-12,
                    "\(classes) classes, exponent \(exponent), \(most) of them, floor \(floor)")
            }
        }
    }

    /// Nothing that is not a number becomes one.
    @Test func infinityAndNaN() throws {
        let rows = LogitPosterior(
            mean: Matrix([
                [1, .nan, 0], [1, .infinity, 0], [-.infinity, -.infinity, -.infinity], [.infinity, .nan, 0], [3, 2, 1],
            ]))
        let energies = try Energy().scores(for: rows)
        #expect(energies[0].isNaN && energies[1] == -.infinity && energies[2] == .infinity && energies[3].isNaN)
        #expect(abs(energies[4] + 3.4076059) < 1e-6)
        for score in [MaximumSoftmaxProbability(), Entropy(), GeneralizedEntropy()] as [any NoveltyScore] {
            let values = try score.scores(for: rows)
            #expect(values[0].isNaN && values[1].isNaN && values[4].isFinite, "\(score.name)")
        }
    }
}
