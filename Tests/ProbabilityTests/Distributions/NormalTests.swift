import Foundation
import Matrices
import TestSupport
import Testing

@testable import Probability

@Suite struct NormalTests {
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
