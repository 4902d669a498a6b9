import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// What every distribution of vectors and matrices keeps to: sample moments, entropy as −E[ln p] and the mode, all from
/// draws with fixed seeds and stated bounds.
@Suite struct MultivariateLaws {
    static let covariance = Matrix<Double>([[2, 0.6, -0.3], [0.6, 1, 0.2], [-0.3, 0.2, 0.5]])

    static let vectors: [any MultivariateDistribution] = {
        do {
            return try [
                DiagonalNormal(mean: [1, -4], standardDeviation: [0.5, 3]),
                MultivariateNormal(mean: [1, 0, -1], covariance: covariance),
                LowRankMultivariateNormal(
                    mean: [0, 2, 1], factor: Matrix([[1, 0], [0.5, -1], [-0.4, 0.3]]), diagonal: [0.5, 0.8, 0.9]),
                MultivariateStudentT(degreesOfFreedom: 9, location: [1, 0, 2], scale: covariance),
                Dirichlet(concentration: [2, 3.5, 1.2]), Dirichlet(concentration: [0.3, 0.05, 2]),
                OneHotCategorical(probabilities: [0.2, 0.5, 0.3]), Multinomial(totalCount: 11, probabilities: [0.2, 0.5, 0.3]),
                DirichletMultinomial(totalCount: 7, concentration: [2, 1.5, 4]),
                Independent([Gamma(concentration: 2, rate: 1), Gamma(concentration: 5, rate: 3)]),
                Mixture(
                    weights: [0.3, 0.7],
                    components: [
                        DiagonalNormal(mean: [0, 0], standardDeviation: [1, 2]),
                        DiagonalNormal(mean: [3, -1], standardDeviation: [0.5, 0.5]),
                    ]),
            ]
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    static let matrices: [any MatrixDistribution] = {
        do {
            return try [
                Wishart(degreesOfFreedom: 7.5, scale: covariance), InverseWishart(degreesOfFreedom: 14, scale: covariance),
                LKJCholesky(size: 4, concentration: 1.7), LKJCholesky(size: 3, concentration: 0.6),
            ]
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// Mean within 5 standard errors of `expected`.
    private func checkMean(_ terms: [Double], _ expected: Double, _ what: String) {
        let n = Double(terms.count)
        let mean = terms.reduce(0) { $0 + ($1 - expected) } / n
        let variance = terms.reduce(0) { $0 + pow($1 - expected - mean, 2) } / n
        #expect(abs(mean) <= 5 * (variance / n).squareRoot() + 1e-12 * max(1, abs(expected)), "\(what)")
    }

    @Test(arguments: vectors.indices)
    func vectorDraws(index: Int) {
        let d = Self.vectors[index]
        var stream = RandomStream(seed: 41).split(index)
        for isBulk in [true, false] {
            let rows = isBulk ? 1_000_000 : 10_000
            let draws = isBulk
                ? d.sampleMatrix(rows: rows, &stream)
                : Matrix((0..<rows).map { _ in d.sample(&stream) })
            let (mean, covariance) = (d.mean, d.covariance)
            for i in 0..<d.dimension {
                checkMean((0..<rows).map { draws[$0, i] }, mean[i], "mean \(i) of \(d)")
                expectClose(covariance[i, i], d.variance[i], relative: 1e-12)
                for j in 0...i {
                    let products = (0..<rows).map { (draws[$0, i] - mean[i]) * (draws[$0, j] - mean[j]) }
                    checkMean(products, covariance[i, j], "covariance \(i), \(j) of \(d)")
                }
            }
            for row in stride(from: 0, to: rows, by: 997) { #expect(d.support.contains(draws.row(row)), "\(d)") }
            let logDensities = d.logDensities(draws)
            for row in stride(from: 0, to: rows, by: 101) {
                expectClose(logDensities[row], d.logDensity(draws.row(row)), absolute: 1e-10 * max(1, abs(logDensities[row])), "\(d)")
            }
            if !d.entropy.isNaN { checkMean(logDensities.map { -$0 }, d.entropy, "entropy of \(d)") }
            guard !d.mode.contains(where: \.isNaN) else { continue }
            let top = d.logDensity(d.mode)
            #expect(logDensities.allSatisfy { $0 <= top + 1e-9 }, "mode of \(d)")
        }
    }

    @Test(arguments: vectors.indices)
    func theSameSeedGivesTheSameDraws(index: Int) {
        let d = Self.vectors[index]
        func draws(_ threads: Int) -> Matrix<Double> {
            var stream = RandomStream(seed: 3).split(index)
            return Parallelism.withThreads(threads) { d.sampleMatrix(rows: 5000, &stream) }
        }
        #expect(draws(1) == draws(3))
        // The caller's own matrix, twice: the same numbers first, others then.
        var own = Matrix<Double>(rows: 5000, columns: d.dimension, repeating: .nan)
        var stream = RandomStream(seed: 3).split(index)
        d.fill(&own, &stream)
        #expect(own == draws(1))
        d.fill(&own, &stream)
        #expect(own != draws(1))
    }

    @Test(arguments: matrices.indices)
    func theSameSeedGivesTheSameMatrices(index: Int) {
        let d = Self.matrices[index]
        func draws(_ threads: Int) -> [Matrix<Double>] {
            var stream = RandomStream(seed: 3).split(index)
            return Parallelism.withThreads(threads) { d.sample(3000, &stream) }
        }
        let first = draws(1)
        #expect(first == draws(3) && Set(first).count == 3000)
        var stream = RandomStream(seed: 3)
        #expect(d.sample(0, &stream).isEmpty)
    }

    @Test(arguments: matrices.indices)
    func matrixDraws(index: Int) {
        let d = Self.matrices[index]
        var stream = RandomStream(seed: 43).split(index)
        let draws = d.sample(1_000_000, &stream)
        let (mean, variance) = (d.mean, d.variance)
        for draws in [draws, (0..<10_000).map { _ in d.sample(&stream) }] {
            for i in 0..<d.size {
                for j in 0...i {
                    checkMean(draws.map { $0[i, j] }, mean[i, j], "mean \(i), \(j) of \(d)")
                    checkMean(draws.map { pow($0[i, j] - mean[i, j], 2) }, variance[i, j], "variance \(i), \(j) of \(d)")
                }
            }
        }
        let logDensities = draws.prefix(50_000).map { d.logDensity($0) }
        checkMean(logDensities.map { -$0 }, d.entropy, "entropy of \(d)")
        #expect(draws.prefix(100).allSatisfy { d.support.contains($0) })
        let mode = d.mode
        if mode.elements.allSatisfy(\.isFinite) {
            let top = d.logDensity(mode)
            #expect(logDensities.allSatisfy { $0 <= top + 1e-9 }, "mode of \(d)")
        }
    }

    /// In one dimension the matrix and vector families are the univariate ones.
    @Test func oneDimensionalCases() throws {
        func one(_ x: Double) -> Matrix<Double> { Matrix([[x]]) }
        let wishart = try Wishart(degreesOfFreedom: 5, scale: one(2))
        let gamma = try Gamma(concentration: 2.5, rate: 0.25)
        expectClose(wishart.logDensity(one(7)), gamma.logDensity(7), relative: 1e-13)
        expectClose(wishart.entropy, gamma.entropy, relative: 1e-13)
        let inverse = try InverseWishart(degreesOfFreedom: 5, scale: one(2))
        let inverseGamma = try InverseGamma(concentration: 2.5, rate: 1)
        expectClose(inverse.logDensity(one(0.7)), inverseGamma.logDensity(0.7), relative: 1e-13)
        expectClose(inverse.entropy, inverseGamma.entropy, relative: 1e-13)
        expectClose(inverse.variance[0, 0], inverseGamma.variance, relative: 1e-13)
        let t = try MultivariateStudentT(degreesOfFreedom: 4, location: [1], scale: one(9))
        let univariate = try StudentT(degreesOfFreedom: 4, location: 1, scale: 3)
        expectClose(t.logDensity([2.5]), univariate.logDensity(2.5), relative: 1e-13)
        expectClose(t.entropy, univariate.entropy, relative: 1e-13)
        let beta = try Beta(concentration1: 2, concentration0: 3.3)
        let dirichlet = try Dirichlet(concentration: [2, 3.3])
        expectClose(dirichlet.logDensity([0.3, 0.7]), beta.logDensity(0.3), relative: 1e-13)
        expectClose(dirichlet.entropy, beta.entropy, relative: 1e-12)
        // LKJ in two dimensions: the correlation is 2·Beta(η, η) − 1; its density through L₂₁ = r.
        let lkj = try LKJCholesky(size: 2, concentration: 1.7)
        let correlation = try Beta(concentration1: 1.7, concentration0: 1.7)
        let r = 0.4
        let l = Matrix<Double>([[1, 0], [r, (1 - r * r).squareRoot()]])
        expectClose(lkj.logDensity(l), correlation.logDensity((r + 1) / 2) - log(2), relative: 1e-13)
        // Counts: the masses of all vectors sum to 1.
        for d in [
            try Multinomial(totalCount: 6, probabilities: [0.2, 0.5, 0.3]) as any MultivariateDistribution,
            try DirichletMultinomial(totalCount: 6, concentration: [2, 0.5, 4]),
        ] {
            var mass = 0.0
            for a in 0...6 { for b in 0...(6 - a) { mass += exp(d.logDensity([Double(a), Double(b), Double(6 - a - b)])) } }
            expectClose(mass, 1, relative: 1e-13)
            #expect(d.logDensity([1, 1, 1]) == -.infinity && d.logDensity([7, -1, 0]) == -.infinity)
        }
    }

    @Test func pointMasses() throws {
        let d = try Delta(2.5)
        #expect(d.logDensity(2.5) == 0 && d.logDensity(2) == -.infinity && d.cdf(2.4) == 0 && d.cdf(2.5) == 1)
        #expect(d.mean == 2.5 && d.variance == 0 && d.quantile(0.3) == 2.5)
        let e = try Empirical([3, 1, 2, 1], weights: [1, 2, 3, 2])
        #expect(e.values == [1, 2, 3] && e.probabilities == [0.5, 0.375, 0.125])
        #expect(e.quantile(0.5) == 1 && e.quantile(0.51) == 2 && e.upperQuantile(0.125) == 2 && e.upperQuantile(0.12) == 3)
        #expect(e.cdf(1.5) == 0.5 && e.survival(1.5) == 0.5 && e.logDensity(1.5) == -.infinity && e.mode == 1)
        expectClose(e.mean, 1.625, relative: 1e-15)
        var stream = RandomStream(seed: 2)
        let draws = e.sample(40_000, &stream)
        for (value, p) in zip(e.values, e.probabilities) {
            let share = Double(draws.count { $0 == value }) / 40_000
            #expect(abs(share - p) < 5 * (p * (1 - p) / 40_000).squareRoot())
        }
        #expect(throws: DistributionError.self) { try Empirical([]) }
        #expect(throws: DistributionError.self) { try Empirical([1, 2], weights: [0, 0]) }
        #expect(throws: DistributionError.self) { try Empirical([1, .nan]) }
    }
}
