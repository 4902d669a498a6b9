import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Closed forms of whole numbers, vectors, matrices and points, against sums and samples.
@Suite struct OtherFamiliesTests {
    @Test func discreteClosedFormsAgreeWithSums() throws {
        let subjects = LawSubjects.discrete
        var count = 0
        for p in subjects {
            for q in subjects {
                let value = try KLDivergence.standard(p, q)
                var sum = 0.0
                for k in p.quantile(1e-25)...p.upperQuantile(1e-25) where p.logDensity(k) > -.infinity {
                    sum += exp(p.logDensity(k)) * (p.logDensity(k) - q.logDensity(k))
                }
                // Beyond the quantiles a tiny mass may reach outside the other's support.
                if case .integers(_, let upper) = p.support, case .integers(_, let end?) = q.support, upper ?? .max > end { sum = .infinity }
                #expect(value >= 0 && KLDivergence.standard.knows(type(of: p), type(of: q)))
                expectClose(value, sum, relative: 1e-9, absolute: 1e-11, "\(p) to \(q)")
                count += 1
            }
        }
        #expect(count == subjects.count * subjects.count)
    }

    @Test func multivariateClosedFormsAgreeWithSamples() throws {
        let covariance = Matrix<Double>([[2, 0.6, -0.3], [0.6, 1, 0.2], [-0.3, 0.2, 0.5]])
        let full = try MultivariateNormal(mean: [1, 0, -1], covariance: covariance)
        let diagonal = try DiagonalNormal(mean: [0.5, 0.2, 0], standardDeviation: [1, 2, 0.7])
        let lowRank = try LowRankMultivariateNormal(
            mean: [0, 0, 0], factor: Matrix([[1], [0.5], [-0.4]]), diagonal: [0.5, 0.8, 0.9])
        let gaussians: [any MultivariateDistribution] = [full, diagonal, lowRank]
        var stream = RandomStream(seed: 9)
        for p in gaussians {
            let draws = p.sampleMatrix(rows: 40_000, &stream)
            for q in gaussians {
                let value = try KLDivergence.standard(p, q)
                let terms = zip(p.logDensities(draws), q.logDensities(draws)).map { $0 - $1 }
                let mean = terms.reduce(0, +) / 40_000
                let deviation = (terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000).squareRoot()
                #expect(abs(mean - value) <= 5 * deviation / 200 + 1e-9, "\(type(of: p)) to \(type(of: q))")
            }
        }
        let (p, q) = try (
            InverseWishart(degreesOfFreedom: 6, scale: covariance),
            InverseWishart(degreesOfFreedom: 8, scale: Matrix([[1, 0, 0], [0, 2, 0], [0, 0, 1]]))
        )
        let estimate = MonteCarloDivergence.kl(from: p, to: q, samples: 20_000, &stream)
        #expect(abs(estimate.value - (try p.klDivergence(to: q))) <= 5 * estimate.standardError)
        let (first, second) = try (
            NegativeBinomial(totalCount: 3, probability: 0.4), NegativeBinomial(totalCount: 3, probability: 0.6)
        )
        let counts = MonteCarloDivergence.kl(from: first, to: second, samples: 20_000, &stream)
        #expect(abs(counts.value - first.klDivergence(to: second)) <= 5 * counts.standardError)
        let independent = Independent([try Normal(mean: 0, standardDeviation: 1), try Normal(mean: 1, standardDeviation: 2)])
        let shifted = Independent([try Normal(mean: 1, standardDeviation: 1), try Normal(mean: 1, standardDeviation: 1)])
        expectClose(
            try independent.klDivergence(to: shifted),
            independent.marginals[0].klDivergence(to: shifted.marginals[0])
                + independent.marginals[1].klDivergence(to: shifted.marginals[1]), relative: 1e-15)
    }

    /// An estimate by samples within 5 standard errors of the closed form, and 0 from a distribution to itself.
    private func check<P: Distribution, Q: Distribution>(_ p: P, _ q: Q) throws where P.Value == Q.Value {
        var stream = RandomStream(seed: 31)
        let value = try KLDivergence.standard(p, q)
        let estimate = MonteCarloDivergence.kl(from: p, to: q, samples: 20_000, &stream)
        #expect(abs(estimate.value - value) <= 5 * estimate.standardError, "\(P.name) to \(Q.name): \(value), samples \(estimate)")
        #expect(value > 0 && estimate.standardError < 0.1 * value)
    }

    @Test func studentVectorsToNormal() throws {
        let covariance = MultivariateLaws.covariance
        let t = try MultivariateStudentT(degreesOfFreedom: 9, location: [1, 0, 2], scale: covariance)
        try check(t, MultivariateNormal(mean: [0, 0, 1], covariance: 2 * covariance))
        try check(t, DiagonalNormal(mean: [0, 0, 1], standardDeviation: [2, 1.5, 1]))
        try check(t, LowRankMultivariateNormal(mean: [0, 0, 1], factor: Matrix([[1], [0.5], [-0.4]]), diagonal: [2, 1, 1]))
        let heavy = try MultivariateStudentT(degreesOfFreedom: 2, location: [1, 0, 2], scale: covariance)
        #expect(try heavy.klDivergence(to: MultivariateNormal(mean: [0, 0, 1], covariance: covariance)) == .infinity)
        // One dimension: the univariate pair.
        let one = try MultivariateStudentT(degreesOfFreedom: 5, location: [1], choleskyFactor: Matrix([[2]]))
        let expected = try KLDivergence.standard(
            StudentT(degreesOfFreedom: 5, location: 1, scale: 2), Normal(mean: 0.5, standardDeviation: 3))
        expectClose(try one.klDivergence(to: MultivariateNormal(mean: [0.5], covariance: Matrix([[9]]))), expected, relative: 1e-12)
    }

    @Test func matricesAcrossFamilies() throws {
        let covariance = MultivariateLaws.covariance
        let (w, v) = try (
            Wishart(degreesOfFreedom: 11, scale: covariance), InverseWishart(degreesOfFreedom: 12, scale: 40 * covariance)
        )
        try check(w, v)
        try check(v, w)
        try check(LKJCholesky(size: 4, concentration: 1.5), LKJCholesky(size: 4, concentration: 3))
        let l = try LKJCholesky(size: 4, concentration: 1.5)
        expectClose(try l.klDivergence(to: l), 0, absolute: 1e-14)
        #expect(throws: DistributionError.self) { try l.klDivergence(to: LKJCholesky(size: 3, concentration: 1)) }
        #expect(throws: DistributionError.self) { try w.klDivergence(to: InverseWishart(degreesOfFreedom: 5, scale: Matrix([[1]]))) }
        #expect(try Wishart(degreesOfFreedom: 4, scale: covariance).klDivergence(to: v) == .infinity)
        // One dimension: gamma and inverse gamma.
        let expected = try KLDivergence.standard(Gamma(concentration: 4, rate: 0.25), InverseGamma(concentration: 3, rate: 1.5))
        expectClose(
            try Wishart(degreesOfFreedom: 8, scale: Matrix([[2]])).klDivergence(to: InverseWishart(degreesOfFreedom: 6, scale: Matrix([[3]]))),
            expected, relative: 1e-12)
    }

    @Test func pointsAndIndicators() throws {
        let (p, q) = ([0.2, 0.5, 0.3], [0.6, 0.1, 0.3])
        let expected = try Categorical(probabilities: p).klDivergence(to: Categorical(probabilities: q))
        let (hot, counts) = try (OneHotCategorical(probabilities: p), Multinomial(totalCount: 1, probabilities: q))
        expectClose(try KLDivergence.standard(hot, counts), expected, relative: 1e-14)
        expectClose(
            try KLDivergence.standard(Multinomial(totalCount: 1, probabilities: p), OneHotCategorical(probabilities: q)), expected,
            relative: 1e-14)
        #expect(try KLDivergence.standard(hot, Multinomial(totalCount: 2, probabilities: q)) == .infinity)
        let (a, b) = try (Empirical([1, 2, 4], weights: p), Empirical([1, 2, 4, 7], weights: [0.6, 0.1, 0.3, 0]))
        expectClose(try KLDivergence.standard(a, b), expected, relative: 1e-13)
        #expect(try KLDivergence.standard(a, Empirical([1, 2])) == .infinity)
        expectClose(try KLDivergence.standard(Delta(2), a), Foundation.log(2.0), relative: 1e-14)
        #expect(try KLDivergence.standard(a, Delta(2)) == .infinity)
        #expect(try KLDivergence.standard(Empirical([2, 2]), Delta(2)) == 0)
    }

    @Test func oneMapLeavesTheDivergence() throws {
        let (p, q) = try (Normal(mean: 0, standardDeviation: 1), Normal(mean: 1, standardDeviation: 2))
        let (first, second) = (Transformed(p, ExpTransform()), Transformed(q, ExpTransform()))
        expectClose(
            try first.klDivergence(to: second),
            try LogNormal(location: 0, scale: 1).klDivergence(to: LogNormal(location: 1, scale: 2)), relative: 1e-15)
        let (shifted, other) = try (
            Transformed(p, AffineTransform(location: 0, scale: 2)), Transformed(p, AffineTransform(location: 1, scale: 2))
        )
        #expect(throws: DistributionError.self) { try shifted.klDivergence(to: other) }
    }
}
