import Foundation
import Matrices
import TestSupport
import Testing

@testable import Probability

/// The laws of `ContinuousDistribution`, for every one of them; a new distribution is added here.
@Suite struct ContinuousDistributionLaws {
    static let distributions: [any ContinuousDistribution] = (try? [
        Normal.standard, Normal(mean: -3, standardDeviation: 0.25), Normal(mean: 1e6, standardDeviation: 40),
    ]) ?? []

    static let probabilities = [1e-12, 1e-6, 1e-3, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999, 1 - 1e-6]

    @Test func thereAreDistributions() { #expect(Self.distributions.count == 3) }

    /// Simpson's rule between far quantiles, 4000 intervals: the integral, mean, variance and entropy.
    @Test(arguments: distributions.indices)
    func theDensityIntegrates(index: Int) {
        let d = Self.distributions[index]
        let (a, b, n) = (d.quantile(1e-14), d.quantile(1 - 1e-14), 4000)
        let h = (b - a) / Double(n)
        var (mass, mean, square, entropy) = (0.0, 0.0, 0.0, 0.0)
        for i in 0...n {
            let x = a + Double(i) * h
            let logDensity = d.logDensity(x)
            let weight = (i == 0 || i == n ? 1.0 : i % 2 == 1 ? 4.0 : 2.0) * h / 3 * exp(logDensity)
            mass += weight
            mean += weight * x
            square += weight * (x - d.mean) * (x - d.mean)
            entropy -= weight * logDensity
        }
        expectClose(mass, 1, relative: 1e-9)
        expectClose(mean, d.mean, absolute: 1e-9 * (abs(d.mean) + d.standardDeviation))
        expectClose(square, d.variance, relative: 1e-9)
        expectClose(entropy, d.entropy, absolute: 1e-8)
    }

    @Test(arguments: distributions.indices)
    func theQuantileInvertsTheDistributionFunction(index: Int) {
        let d = Self.distributions[index]
        for p in Self.probabilities {
            let x = d.quantile(p)
            // The rounding of x itself is what limits the way back.
            let slack = 4 * x.ulp * exp(d.logDensity(x)) + 1e-13 * p
            #expect(abs(d.cdf(x) - p) <= slack, "p = \(p)")
            expectClose(d.cdf(x) + d.survival(x), 1, relative: 1e-15)
        }
        #expect(d.quantile(-0.1).isNaN && d.quantile(1.1).isNaN && d.quantile(.nan).isNaN)
        #expect(d.cdf(.infinity) == 1 && d.cdf(-.infinity) == 0 && d.survival(.infinity) == 0)
        #expect(d.logDensity(.infinity) == -.infinity)
    }

    /// 100,000 draws: mean within 5 standard errors, variance within 5 of its (kurtosis of the sample), and the
    /// Kolmogorov–Smirnov distance √n·D below 2.2253, exceeded with probability 1e-4.
    @Test(arguments: distributions.indices)
    func drawsHaveTheDistribution(index: Int) {
        let d = Self.distributions[index]
        var stream = RandomStream(seed: 21).split(index)
        let x = d.sample(100_000, &stream).sorted()
        let n = Double(x.count)
        let mean = x.reduce(0) { $0 + ($1 - d.mean) } / n
        #expect(abs(mean) < 5 * d.standardDeviation / n.squareRoot())
        let second = x.reduce(0) { $0 + pow($1 - d.mean, 2) } / n
        let fourth = x.reduce(0) { $0 + pow($1 - d.mean, 4) } / n
        #expect(abs(second - d.variance) < 5 * ((fourth - second * second) / n).squareRoot())
        var distance = 0.0
        for (i, x) in x.enumerated() {
            distance = max(distance, d.cdf(x) - Double(i) / n, Double(i + 1) / n - d.cdf(x))
        }
        #expect(n.squareRoot() * distance < 2.2253)
        #expect(x.allSatisfy { d.support.contains($0) })
    }

    @Test(arguments: distributions.indices)
    func theDivergenceFromItselfIsZero(index: Int) throws {
        let d = Self.distributions[index]
        #expect(try KLDivergence.standard(d, d) == 0)
        for other in Self.distributions where KLDivergence.standard.knows(type(of: d), type(of: other)) {
            #expect(try KLDivergence.standard(d, other) >= 0)
        }
    }

    @Test(arguments: distributions.indices)
    func parametersKeepTheirConstraints(index: Int) {
        for parameter in Self.distributions[index].parameters {
            #expect(parameter.constraint.firstViolation(in: parameter.values) == nil)
        }
    }
}

@Suite struct NormalTests {
    @Test(.enabled(if: Golden.has("distributions", "normal"), "golden distributions are not there"))
    func golden() throws {
        let golden = try Golden.load("distributions", "normal")
        let (loc, scale): ([Double], [Double]) = try (golden.values("in.loc"), golden.values("in.scale"))
        let x: Matrix<Double> = try golden.matrix("in.x")
        let q: [Double] = try golden.values("in.q")
        func rows(_ name: String) throws -> Matrix<Double> { try golden.matrix(name) }
        let (logDensity, cdf, survival, quantile) = try (
            rows("scipy.log_prob"), rows("scipy.cdf"), rows("scipy.sf"), rows("scipy.icdf")
        )
        let (entropy, mean, variance): ([Double], [Double], [Double]) = try (
            golden.values("scipy.entropy"), golden.values("scipy.mean"), golden.values("scipy.variance")
        )
        for row in loc.indices {
            let normal = try Normal(mean: loc[row], standardDeviation: scale[row])
            let points = x.row(row)
            expectClose(points.map(normal.logDensity), logDensity.row(row), elementwise: 1e-13, absolute: 1e-13)
            expectClose(points.map(normal.cdf), cdf.row(row), elementwise: 1e-12)
            expectClose(points.map(normal.survival), survival.row(row), elementwise: 1e-12)
            expectClose(q.map(normal.quantile), quantile.row(row), elementwise: 1e-14, absolute: 1e-13 * scale[row])
            expectClose(normal.entropy, entropy[row], relative: 1e-14, absolute: 1e-14)
            expectClose(normal.mean, mean[row], relative: 1e-15)
            expectClose(normal.variance, variance[row], relative: 1e-15)
        }
    }

    @Test(.enabled(if: Golden.has("distributions", "kl_pairs"), "golden divergences are not there"))
    func goldenDivergences() throws {
        let golden = try Golden.load("distributions", "kl_pairs")
        func values(_ name: String) throws -> [Double] { try golden.values("kl.Normal.Normal\(name)") }
        let (pMean, pScale, qMean, qScale, expected) = try (
            values(".p.loc"), values(".p.scale"), values(".q.loc"), values(".q.scale"), values("")
        )
        let rows = expected.indices
        let p = try rows.map { try Normal(mean: pMean[$0], standardDeviation: pScale[$0]) }
        let q = try rows.map { try Normal(mean: qMean[$0], standardDeviation: qScale[$0]) }
        expectClose(rows.map { p[$0].klDivergence(to: q[$0]) }, expected, elementwise: 1e-13)
        expectClose(try rows.map { try KLDivergence.standard(p[$0], q[$0]) }, expected, elementwise: 1e-13)
        // All of them as one diagonal distribution.
        let (diagonal, other) = try (
            DiagonalNormal(mean: pMean, standardDeviation: pScale), DiagonalNormal(mean: qMean, standardDeviation: qScale)
        )
        expectClose(try diagonal.klDivergence(to: other), expected.reduce(0, +), relative: 1e-13)
        func row(_ x: [Double]) -> Matrix<Double> { Matrix(rows: 1, columns: x.count, elements: x) }
        expectClose(
            DiagonalNormal.klDivergences(
                mean: row(pMean), standardDeviation: row(pScale), toMean: row(qMean), standardDeviation: row(qScale)),
            [expected.reduce(0, +)], relative: 1e-13)
    }

    @Test func batchDivergencesToTheStandardNormal() throws {
        var noise = NormalNoise(seed: 4)
        let mean: Matrix<Double> = noise.matrix(rows: 5, columns: 7)
        var sigma: Matrix<Double> = noise.matrix(rows: 5, columns: 7)
        sigma.withUnsafeMutableElements { for i in $0.indices { $0[i] = abs($0[i]) + 0.01 } }
        let unit = try DiagonalNormal(
            mean: Array(repeating: 0, count: 7), standardDeviation: Array(repeating: 1, count: 7))
        let expected = try (0..<5).map {
            try DiagonalNormal(mean: mean.row($0), standardDeviation: sigma.row($0)).klDivergence(to: unit)
        }
        let found: [Double] = DiagonalNormal.klDivergencesToStandardNormal(mean: mean, standardDeviation: sigma)
        expectClose(found, expected, elementwise: 1e-14)
        let ones = Matrix<Float>(rows: 2, columns: 3, repeating: 1)
        #expect(DiagonalNormal.klDivergencesToStandardNormal(
            mean: Matrix<Float>(rows: 2, columns: 3), standardDeviation: ones) == [0, 0])
    }

    @Test func divergencesNearZeroKeepTheirDigits() throws {
        // KL(N(0, (1 + e)²) ‖ N(0, 1)) = e² − e³/3 + O(e⁴).
        let e = 1e-6
        let close = try Normal(mean: 0, standardDeviation: 1 + e)
        let step = (1 + e) - 1
        expectClose(close.klDivergence(to: .standard), step * step - step * step * step / 3, relative: 1e-9)
    }

    @Test func invalidParametersAreNamed() {
        #expect(
            throws: DistributionError.invalidParameter(
                distribution: "Normal", parameter: "standardDeviation", value: 0, expected: .positive)
        ) { try Normal(mean: 0, standardDeviation: 0) }
        for sigma in [-1, .nan, .infinity] {
            #expect(throws: DistributionError.self) { try Normal(mean: 0, standardDeviation: sigma) }
        }
        for mean in [Double.nan, .infinity] {
            #expect(throws: DistributionError.self) { try Normal(mean: mean, standardDeviation: 1) }
        }
        let error = #expect(throws: DistributionError.self) {
            try DiagonalNormal(mean: [0, 0], standardDeviation: [1, -2])
        }
        #expect(
            error?.description == "DiagonalNormal: standardDeviation[1] is -2.0, expected a finite number above 0.0")
        #expect(
            throws: DistributionError.dimensionMismatch(
                distribution: "DiagonalNormal", parameter: "standardDeviation", expected: 2, found: 1)
        ) { try DiagonalNormal(mean: [0, 0], standardDeviation: [1]) }
    }

    @Test func anUnknownPairIsAnError() throws {
        let diagonal = try DiagonalNormal(mean: [0], standardDeviation: [1])
        #expect(throws: DistributionError.noDivergence(from: "Normal", to: "DiagonalNormal")) {
            try KLDivergence.standard(Normal.standard, diagonal)
        }
        var table = KLDivergence.standard
        table.register(Normal.self, DiagonalNormal.self) { p, q in
            p.klDivergence(to: try Normal(mean: q.mean[0], standardDeviation: q.standardDeviation[0]))
        }
        #expect(try table(Normal.standard, diagonal) == 0)
    }

    /// The pathwise gradient against central differences of the transport.
    @Test func pathwiseGradientsAreThoseOfTheTransport() throws {
        let (mean, sigma, z, step) = (0.7, 1.3, -0.9, 1e-6)
        let normal = try Normal(mean: mean, standardDeviation: sigma)
        func value(_ mean: Double, _ sigma: Double) throws -> Double {
            try Normal(mean: mean, standardDeviation: sigma).transport(z)
        }
        let gradient = normal.pathwiseGradient(at: normal.transport(z), cotangent: 2)
        let differences = try [
            [(value(mean + step, sigma) - value(mean - step, sigma)) / step],
            [(value(mean, sigma + step) - value(mean, sigma - step)) / step],
        ]
        expectClose(gradient.flatMap { $0 }, differences.flatMap { $0 }, absolute: 1e-8)
        let diagonal = try DiagonalNormal(mean: [mean, 1], standardDeviation: [sigma, 2])
        let vector = diagonal.pathwiseGradient(at: diagonal.transport([z, 0.5]), cotangent: [2, 3])
        expectClose(vector[0], [2, 3], absolute: 1e-15)
        expectClose(vector[1], [2 * z, 3 * 0.5], absolute: 1e-14)
    }
}

@Suite struct DiagonalNormalTests {
    @Test func densityAndEntropyAreThoseOfTheParts() throws {
        let (mean, sigma, x) = ([0.5, -2, 3], [0.1, 2, 30], [0.4, 1, -50.0])
        let diagonal = try DiagonalNormal(mean: mean, standardDeviation: sigma)
        let parts = try (0..<3).map { try Normal(mean: mean[$0], standardDeviation: sigma[$0]) }
        expectClose(
            diagonal.logDensity(x), zip(parts, x).reduce(0) { $0 + $1.0.logDensity($1.1) }, relative: 1e-14)
        expectClose(diagonal.entropy, parts.reduce(0) { $0 + $1.entropy }, relative: 1e-14)
        #expect(diagonal.variance == sigma.map { $0 * $0 })
        #expect(diagonal.support.contains(x) && !diagonal.support.contains([1]))
    }

    /// Means and variances of 200,000 rows within 5 standard errors, correlations too.
    @Test func drawsHaveTheirMoments() throws {
        let diagonal = try DiagonalNormal(mean: [1, -4], standardDeviation: [0.5, 3])
        var noise = NormalNoise(seed: 31)
        var stream = RandomStream(seed: 32)
        for draws in [
            diagonal.sampleMatrix(Double.self, rows: 200_000, noise: &noise),
            diagonal.sampleMatrix(rows: 200_000, &stream),
        ] {
            let n = Double(draws.rows)
            var (first, second, cross) = ([0.0, 0], [0.0, 0], 0.0)
            for row in 0..<draws.rows {
                let z = (0..<2).map { (draws[row, $0] - diagonal.mean[$0]) / diagonal.standardDeviation[$0] }
                for d in 0..<2 {
                    first[d] += z[d]
                    second[d] += z[d] * z[d]
                }
                cross += z[0] * z[1]
            }
            for d in 0..<2 {
                #expect(abs(first[d]) < 5 * n.squareRoot())
                #expect(abs(second[d] - n) < 5 * (2 * n).squareRoot())
            }
            #expect(abs(cross) < 5 * n.squareRoot())
        }
    }
}

@Suite struct ConstraintTests {
    @Test func constraintsFindTheFirstViolation() {
        #expect(Constraint.positive.firstViolation(in: [1, 0, -1]) == 1)
        #expect(Constraint.atLeast(0).firstViolation(in: [1, 0, -1]) == 2)
        #expect(Constraint.closedInterval(0, 1).firstViolation(in: [0, 1]) == nil)
        #expect(Constraint.openInterval(0, 1).firstViolation(in: [0.5, 1]) == 1)
        #expect(Constraint.integer(from: 1, through: 3).firstViolation(in: [1, 2.5]) == 1)
        #expect(Constraint.integer(from: 1, through: nil).firstViolation(in: [1, .nan]) == 1)
        #expect(Constraint.simplex.firstViolation(in: [0.5, 0.5]) == nil)
        #expect(Constraint.simplex.firstViolation(in: [0.5, 0.6]) == 1)
        #expect(Constraint.simplex.firstViolation(in: []) == 0)
        #expect(Constraint.real.firstViolation(in: [0, .infinity]) == 1)
    }
}
