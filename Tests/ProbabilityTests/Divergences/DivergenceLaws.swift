import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Closed forms against samples and quadrature, and what holds for every divergence.
@Suite struct DivergenceLaws {
    static let continuous = LawSubjects.continuous

    /// Every ordered pair of the laws' subjects that the registry knows: not negative, 0 with itself, and within 5
    /// standard errors of 20,000 samples where the divergence and the terms' variance are moderate.
    @Test(arguments: continuous.indices)
    func closedFormsAgreeWithSamples(index: Int) throws {
        let p = Self.continuous[index]
        var stream = RandomStream(seed: 77).split(index)
        let draws = p.sample(20_000, &stream)
        let own = p.logDensities(draws)
        for q in Self.continuous where KLDivergence.standard.knows(type(of: p), type(of: q)) {
            let value = try KLDivergence.standard(p, q)
            #expect(value >= 0, "\(p) to \(q)")
            let others = q.logDensities(draws)
            if value == .infinity { continue }
            let terms = zip(own, others).map { $0 - $1 }
            let mean = terms.reduce(0, +) / Double(terms.count)
            let deviation = (terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(terms.count)).squareRoot()
            // Terms with tails that 20,000 draws do not show are left to the quadrature below.
            guard deviation < 20 else { continue }
            #expect(abs(mean - value) <= 6 * deviation / Double(terms.count).squareRoot() + 1e-9, "\(p) to \(q): \(value), samples \(mean)")
        }
        if KLDivergence.standard.knows(type(of: p), type(of: p)) {
            expectClose(try KLDivergence.standard(p, p), 0, absolute: 1e-12, "\(p)")
        }
    }

    /// The same by quadrature, to 1e-6, except of angles, whose intervals differ.
    @Test(arguments: continuous.indices)
    func closedFormsAgreeWithQuadrature(index: Int) throws {
        let p = Self.continuous[index]
        for q in Self.continuous where KLDivergence.standard.knows(type(of: p), type(of: q)) {
            let value = try KLDivergence.standard(p, q)
            guard value.isFinite, value < 1e4, !(p is Cauchy && q is Cauchy || p is VonMises && q is VonMises) else { continue }
            let integral = p.expectation { p.logDensity($0) - q.logDensity($0) }
            // Laplace's kink inside a piece costs the quadrature digits.
            let bound = q is Laplace ? 3e-5 : 1e-6
            expectClose(integral, value, relative: bound, absolute: bound, "\(p) to \(q)")
        }
    }

    @Test func wasserstein() throws {
        let (p, q) = try (Normal(mean: 1, standardDeviation: 2), Normal(mean: -2, standardDeviation: 6))
        expectClose(p.wasserstein2Distance(to: q), 5, relative: 1e-15)
        // Quantile coupling is optimal on the line.
        let coupling = try Uniform(lower: 0, upper: 1).expectation { pow(p.quantile(min($0, 1 - 1e-15)) - q.quantile(min($0, 1 - 1e-15)), 2) }
        expectClose(coupling.squareRoot(), 5, relative: 1e-6)
        let (a, b) = (Matrix<Double>([[2, 0.5], [0.5, 1]]), Matrix<Double>([[1, -0.3], [-0.3, 3]]))
        let (first, second) = try (MultivariateNormal(mean: [0, 1], covariance: a), MultivariateNormal(mean: [1, 1], covariance: b))
        // tr (A^½BA^½)^½ = √(tr AB + 2√det AB) in two dimensions.
        let trace: Double = 2 - 0.3 + 3
        let determinant: Double = 1.75 * 2.91
        let cross = (trace + 2 * determinant.squareRoot()).squareRoot()
        let expected: Double = 8 - 2 * cross
        expectClose(try first.wasserstein2Distance(to: second), expected.squareRoot(), relative: 1e-13)
        expectClose(try first.wasserstein2Distance(to: first), 0, absolute: 1e-7)
        expectClose(
            try DiagonalNormal(mean: [1, 0], standardDeviation: [2, 1]).wasserstein2Distance(
                to: DiagonalNormal(mean: [-2, 0], standardDeviation: [6, 1])), 5, relative: 1e-15)
    }

    /// ½∫|p − q| by the integral of max(0, 1 − q/p) under p, cut where the densities cross.
    @Test func totalVariation() throws {
        let normals = try [
            Normal(mean: 0, standardDeviation: 1), Normal(mean: 1, standardDeviation: 1), Normal(mean: 0.5, standardDeviation: 3),
            Normal(mean: 0, standardDeviation: 1.001),
        ]
        var stream = RandomStream(seed: 12)
        for p in normals {
            for q in normals {
                let estimate = MonteCarloDivergence.totalVariation(p, q, samples: 100_000, &stream)
                #expect(abs(estimate.value - p.totalVariation(to: q)) <= 5 * estimate.standardError + 1e-12)
                expectClose(p.totalVariation(to: q), q.totalVariation(to: p), absolute: 1e-13)
            }
        }
        let (e, f) = try (Exponential(rate: 1), Exponential(rate: 4))
        let exponential = MonteCarloDivergence.totalVariation(e, f, samples: 100_000, &stream)
        #expect(abs(exponential.value - e.totalVariation(to: f)) <= 5 * exponential.standardError)
        let (l, m) = try (Laplace(location: 0, scale: 2), Laplace(location: 1, scale: 2))
        let laplace = MonteCarloDivergence.totalVariation(l, m, samples: 100_000, &stream)
        #expect(abs(laplace.value - (try #require(l.totalVariation(to: m)))) <= 5 * laplace.standardError)
        let (c, d) = try (Cauchy(location: 0, scale: 2), Cauchy(location: 1, scale: 2))
        let cauchy = MonteCarloDivergence.totalVariation(c, d, samples: 100_000, &stream)
        #expect(abs(cauchy.value - (try #require(c.totalVariation(to: d)))) <= 5 * cauchy.standardError)
        expectClose(try Uniform(lower: 0, upper: 2).totalVariation(to: Uniform(lower: 1, upper: 5)), 0.75, relative: 1e-15)
        let (p, q) = try (Categorical(probabilities: [0.2, 0.8]), Categorical(probabilities: [0.5, 0.5]))
        expectClose(try p.totalVariation(to: q), 0.3, relative: 1e-15)
    }

    @Test func jensenShannon() throws {
        let (p, q) = try (Categorical(probabilities: [1, 0]), Categorical(probabilities: [0, 1]))
        expectClose(try p.jensenShannonDivergence(to: q), Foundation.log(2.0), relative: 1e-15)
        let (c, d) = try (Categorical(probabilities: [0.2, 0.5, 0.3]), Categorical(probabilities: [0.6, 0.1, 0.3]))
        let middle = try Categorical(probabilities: [0.4, 0.3, 0.3])
        let exact = 0.5 * (try c.klDivergence(to: middle)) + 0.5 * (try d.klDivergence(to: middle))
        expectClose(try c.jensenShannonDivergence(to: d), exact, relative: 1e-13)
        var stream = RandomStream(seed: 3)
        let estimate = MonteCarloDivergence.jensenShannon(c, d, samples: 50_000, &stream)
        #expect(abs(estimate.value - exact) <= 5 * estimate.standardError)
    }

    @Test func unknownPairsAreErrors() throws {
        let (p, q) = try (StudentT(degreesOfFreedom: 3), Normal(mean: 0, standardDeviation: 1))
        #expect(throws: DistributionError.noDivergence(from: "Normal", to: "StudentT")) { try KLDivergence.standard(q, p) }
        #expect(!KLDivergence.standard.knows(Normal.self, StudentT.self))
        var stream = RandomStream(seed: 3)
        let estimate = try KLDivergence.standard.estimate(q, p, samples: 20_000, &stream)
        #expect(estimate.standardError > 0 && estimate.value > 0)
        #expect(try KLDivergence.standard.estimate(q, q, samples: 10, &stream) == (0, 0))
        #expect(throws: DistributionError.self) {
            try DiagonalNormal(mean: [0], standardDeviation: [1]).klDivergence(
                to: DiagonalNormal(mean: [0, 0], standardDeviation: [1, 1]))
        }
    }
}
