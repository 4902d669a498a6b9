import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@Suite struct RenyiTests {
    /// Rényi's divergence tends to KL at order 1, grows with the order, and agrees with quadrature.
    @Test func renyi() throws {
        let (p, q) = try (Normal(mean: 1, standardDeviation: 0.8), Normal(mean: 0, standardDeviation: 1.3))
        expectClose(p.renyiDivergence(order: 1 + 1e-6, to: q), p.klDivergence(to: q), relative: 1e-5)
        var last = 0.0
        for alpha in [0.3, 0.5, 0.9, 1.0, 1.7] {
            let value = p.renyiDivergence(order: alpha, to: q)
            #expect(value >= last)
            last = value
            guard alpha != 1 else { continue }
            let integral = q.expectation { exp(alpha * (p.logDensity($0) - q.logDensity($0))) }
            expectClose(value, Foundation.log(integral) / (alpha - 1), relative: 1e-9)
        }
        let wide = try Normal(mean: 0, standardDeviation: 3)
        #expect(wide.renyiDivergence(order: 2, to: q) == .infinity)
        func vector(_ d: Normal) throws -> MultivariateNormal {
            try MultivariateNormal(mean: [d.mean], covariance: Matrix([[d.variance]]))
        }
        expectClose(try vector(p).renyiDivergence(order: 0.5, to: vector(q)), p.renyiDivergence(order: 0.5, to: q), relative: 1e-13)
        expectClose(
            try DiagonalNormal(mean: [1, 1], standardDeviation: [0.8, 0.8]).renyiDivergence(
                order: 0.5, to: DiagonalNormal(mean: [0, 0], standardDeviation: [1.3, 1.3])),
            2 * p.renyiDivergence(order: 0.5, to: q), relative: 1e-13)
        let (e, f) = try (Exponential(rate: 2), Exponential(rate: 3))
        let affinity = f.expectation { exp(0.5 * (e.logDensity($0) - f.logDensity($0))) }
        expectClose(e.renyiDivergence(order: 0.5, to: f), -2 * Foundation.log(affinity), relative: 1e-9)
        let (c, d) = try (Categorical(probabilities: [0.2, 0.5, 0.3]), Categorical(probabilities: [0.6, 0.1, 0.3]))
        let squares = 0.04 / 0.6 + 0.25 / 0.1 + 0.09 / 0.3
        expectClose(try c.renyiDivergence(order: 2, to: d), Foundation.log(squares), relative: 1e-14)
    }

    /// Low rank plus diagonal: the same as the full covariances.
    @Test func lowRankDistances() throws {
        let p = try LowRankMultivariateNormal(mean: [0, 1, 2], factor: Matrix([[1], [0.5], [-0.4]]), diagonal: [0.5, 0.8, 0.9])
        let q = try LowRankMultivariateNormal(mean: [1, 1, 0], factor: Matrix([[0.3], [-1], [0.2]]), diagonal: [0.7, 0.4, 1.2])
        let (full, other) = try (
            MultivariateNormal(mean: p.mean, covariance: p.covariance), MultivariateNormal(mean: q.mean, covariance: q.covariance)
        )
        expectClose(try p.wasserstein2Distance(to: q), try full.wasserstein2Distance(to: other), relative: 1e-13)
        for alpha in [0.4, 1, 1.3] {
            expectClose(try p.renyiDivergence(order: alpha, to: q), try full.renyiDivergence(order: alpha, to: other), relative: 1e-12)
        }
        expectClose(try p.renyiDivergence(order: 1, to: q), try KLDivergence.standard(p, q), relative: 1e-13)
    }

    /// (1/(α − 1))·ln E_Q[(p/q)ᵅ] by quadrature, tending to KL at 1.
    private func check<D: ContinuousDistribution>(_ p: D, _ q: D, _ renyi: (Double) -> Double) throws {
        for alpha in [0.3, 0.9, 1.2] {
            let integral = q.expectation { Foundation.exp(alpha * (p.logDensity($0) - q.logDensity($0))) }
            expectClose(renyi(alpha), Foundation.log(integral) / (alpha - 1), relative: 1e-7, "\(p), order \(alpha)")
        }
        expectClose(renyi(1), try KLDivergence.standard(p, q), relative: 1e-14)
        expectClose(renyi(1 + 1e-6), renyi(1), relative: 1e-4)
    }

    @Test func exponentialFamilies() throws {
        let (g, h) = try (Gamma(concentration: 3, rate: 2), Gamma(concentration: 4.5, rate: 1.5))
        try check(g, h) { g.renyiDivergence(order: $0, to: h) }
        let (i, j) = try (InverseGamma(concentration: 3, rate: 2), InverseGamma(concentration: 4.5, rate: 1.5))
        try check(i, j) { i.renyiDivergence(order: $0, to: j) }
        let (b, c) = try (Beta(concentration1: 2, concentration0: 3), Beta(concentration1: 3, concentration0: 2.5))
        try check(b, c) { b.renyiDivergence(order: $0, to: c) }
        #expect(try Gamma(concentration: 1, rate: 1).renyiDivergence(order: 3, to: Gamma(concentration: 1, rate: 2)) == .infinity)
        let (d, e) = try (Dirichlet(concentration: [2, 3]), Dirichlet(concentration: [3, 2.5]))
        expectClose(try d.renyiDivergence(order: 0.7, to: e), b.renyiDivergence(order: 0.7, to: c), relative: 1e-13)
        #expect(throws: DistributionError.self) { try d.renyiDivergence(order: 2, to: Dirichlet(concentration: [1, 1, 1])) }
        for alpha in [0.5, 1.4] {
            let (p, q) = try (Poisson(rate: 3), Poisson(rate: 5))
            var sum = 0.0
            for k in 0..<80 { sum += exp(alpha * p.logDensity(k) + (1 - alpha) * q.logDensity(k)) }
            expectClose(p.renyiDivergence(order: alpha, to: q), Foundation.log(sum) / (alpha - 1), relative: 1e-12)
            let (x, y) = try (Bernoulli(probability: 0.2), Bernoulli(probability: 0.6))
            let (first, second) = try (Categorical(probabilities: [0.8, 0.2]), Categorical(probabilities: [0.4, 0.6]))
            expectClose(x.renyiDivergence(order: alpha, to: y), try first.renyiDivergence(order: alpha, to: second), relative: 1e-13)
        }
        #expect(try Poisson(rate: 1).renyiDivergence(order: 2, to: Poisson(rate: 0)) == .infinity)
        #expect(try Bernoulli(probability: 0.5).renyiDivergence(order: 2, to: Bernoulli(probability: 1)) == .infinity)
    }
}
