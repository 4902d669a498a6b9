import Foundation
import Gradients
import Matrices
import Probability
import TestSupport
import Testing

/// The laws of every guide; a new one is added to `Guide`.
@Suite struct VariationalGuideTests {
    enum Guide: CaseIterable {
        case meanField, fullRank

        /// With parameters away from their start.
        func make() -> any VariationalGuide<Double> {
            switch self {
            case .meanField:
                let guide = MeanFieldGuide<Double>(dimension: 3)
                guide.location.value = normalMatrix(1, 3, seed: 1)
                guide.logScale.value = normalMatrix(1, 3, seed: 2, scale: 0.5)
                return guide
            case .fullRank:
                let guide = FullRankGuide<Double>(dimension: 3)
                guide.location.value = normalMatrix(1, 3, seed: 1)
                guide.logScale.value = normalMatrix(1, 3, seed: 2, scale: 0.5)
                guide.lower.value = normalMatrix(3, 3, seed: 3)
                return guide
            }
        }
    }

    @Test(arguments: Guide.allCases) func gradientsAreExact(kind: Guide) {
        let guide = kind.make()
        let noise = normalMatrix(5, 3, seed: 4)
        let functions: [(Tape<Double>) -> Variable<Double>] = [
            { weightedSum(guide.draw(from: noise, on: $0).values) },
            { weightedSum(guide.draw(from: noise, on: $0).logDensities) }, { guide.entropy(on: $0) },
        ]
        for function in functions { #expect(gradientError(of: guide.parameters, function) < 1e-8) }
        let (mean, deviation) = (normalMatrix(1, 3, seed: 5), normalMatrix(1, 3, seed: 6).map { exp($0) })
        let error = gradientError(of: guide.parameters) {
            guide.divergence(fromNormalWithMean: mean, standardDeviation: deviation, on: $0)
        }
        #expect(error < 1e-8)
    }

    /// The log density of N(mean, covariance) by its Cholesky factor, at the draws themselves.
    @Test(arguments: Guide.allCases) func logDensitiesAreThoseOfTheGaussian(kind: Guide) throws {
        let guide = kind.make()
        var noise = NormalNoise(seed: 7)
        let (positions, logDensities) = guide.sample(50, noise: &noise)
        let cholesky = try CholeskyFactorization(guide.covariance)
        for row in 0..<50 {
            let centred = zip(positions.row(row), guide.mean).map { $0 - $1 }
            let z = cholesky.solveFactor(Matrix(rows: 3, columns: 1, elements: centred)).elements
            let square = z.reduce(0) { $0 + $1 * $1 }
            let expected = -0.5 * (square + cholesky.logDeterminant + 3 * log(2 * Double.pi))
            expectClose(logDensities[row], expected, absolute: 1e-11)
        }
        let entropy = 0.5 * (3 + 3 * log(2 * Double.pi) + cholesky.logDeterminant)
        expectClose(guide.entropy(on: Tape()).scalar, entropy, relative: 1e-12)
        expectClose(guide.standardDeviation, (0..<3).map { guide.covariance[$0, $0].squareRoot() }, relative: 1e-14)
    }

    /// Means and covariance of 100,000 draws, 5 standard errors.
    @Test(arguments: Guide.allCases) func drawsHaveTheirMoments(kind: Guide) {
        let guide = kind.make()
        var noise = NormalNoise(seed: 8)
        let n = 100_000
        let (x, _) = guide.sample(n, noise: &noise)
        let (mean, covariance) = (guide.mean, guide.covariance)
        for i in 0..<3 {
            let error = (covariance[i, i] / Double(n)).squareRoot()
            #expect(abs((0..<n).reduce(0) { $0 + x[$1, i] } / Double(n) - mean[i]) < 5 * error)
            for j in 0...i {
                let product = (0..<n).reduce(0) { $0 + (x[$1, i] - mean[i]) * (x[$1, j] - mean[j]) } / Double(n)
                let variance = covariance[i, i] * covariance[j, j] + covariance[i, j] * covariance[i, j]
                #expect(abs(product - covariance[i, j]) < 5 * (variance / Double(n)).squareRoot())
            }
        }
    }

    /// The closed form against the mean of ln q − ln p over 100,000 draws, 5 standard errors; for independent
    /// coordinates also against the distributions' own.
    @Test(arguments: Guide.allCases) func divergencesAreMeanLogRatios(kind: Guide) throws {
        let guide = kind.make()
        let prior = try DiagonalNormal(mean: [0.5, -1, 0], standardDeviation: [2, 1, 1.5])
        let divergence = guide.divergence(
            fromNormalWithMean: Matrix([prior.mean]), standardDeviation: Matrix([prior.standardDeviation]), on: Tape()
        ).scalar
        var noise = NormalNoise(seed: 9)
        let (x, logDensities) = guide.sample(100_000, noise: &noise)
        let ratios = logDensities.indices.map { logDensities[$0] - prior.logDensity(x.row($0)) }
        let mean = ratios.reduce(0, +) / 100_000
        let variance = ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000
        #expect(abs(mean - divergence) < 5 * (variance / 100_000).squareRoot())
        if kind == .meanField {
            let same = try DiagonalNormal(mean: guide.mean, standardDeviation: guide.standardDeviation)
            expectClose(divergence, try same.klDivergence(to: prior), relative: 1e-12)
        }
    }

    /// The whole gradient of ln q is the pathwise one plus that at fixed draws, which is here taken by differences of
    /// the Gaussian's formula.
    @Test(arguments: Guide.allCases) func pathwiseGradientsLeaveOutTheScore(kind: Guide) throws {
        let guide = kind.make()
        let noise = normalMatrix(4, 3, seed: 10)
        let fixed = guide.draw(from: noise, on: Tape()).values.value
        func logDensity() throws -> Double {
            let cholesky = try CholeskyFactorization(guide.covariance)
            return (0..<4).reduce(0) { sum, row in
                let centred = zip(fixed.row(row), guide.mean).map { $0 - $1 }
                let z = cholesky.solveFactor(Matrix(rows: 3, columns: 1, elements: centred)).elements
                return sum - 0.5 * (z.reduce(0) { $0 + $1 * $1 } + cholesky.logDeterminant)
            }
        }
        func gradients(_ pick: (GuideDraws<Double>) -> Variable<Double>) -> [Matrix<Double>] {
            for parameter in guide.parameters { parameter.clearGradient() }
            let tape = Tape<Double>()
            tape.backward(from: pick(guide.draw(from: noise, on: tape)).sum())
            return guide.parameters.map { $0.gradient ?? Matrix(rows: $0.value.rows, columns: $0.value.columns) }
        }
        let (whole, pathwise) = (gradients(\.logDensities), gradients(\.pathwiseLogDensities))
        for (index, parameter) in guide.parameters.enumerated() {
            for row in 0..<parameter.value.rows {
                for column in 0..<parameter.value.columns {
                    let center = parameter.value[row, column]
                    parameter.value[row, column] = center + 1e-5
                    let above = try logDensity()
                    parameter.value[row, column] = center - 1e-5
                    let below = try logDensity()
                    parameter.value[row, column] = center
                    let score = (above - below) / 2e-5
                    expectClose(whole[index][row, column], pathwise[index][row, column] + score, absolute: 1e-6)
                }
            }
        }
    }
}
