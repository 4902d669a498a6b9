import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@Suite struct MixtureTests {
    @Test func mixturesOfNumbers() throws {
        let mixture = Mixture<Normal>.self
        let d = try mixture.init(
            weights: [0.25, 0.75],
            components: [Normal(mean: -3, standardDeviation: 0.5), Normal(mean: 2, standardDeviation: 1.5)])
        for p in [1e-12, 1e-3, 0.2, 0.25, 0.5, 0.99, 1 - 1e-9] {
            expectClose(d.cdf(d.quantile(p)), p, relative: 1e-12)
            expectClose(d.survival(d.upperQuantile(p)), p, relative: 1e-12)
        }
        expectClose(d.mean, 0.75, relative: 1e-15)
        expectClose(d.expectation { $0 }, d.mean, relative: 1e-9)
        expectClose(d.expectation { ($0 - d.mean) * ($0 - d.mean) }, d.variance, relative: 1e-9)
        expectClose(d.responsibilities(-3).reduce(0, +), 1, relative: 1e-15)
        #expect(d.logCdf(-60) < -800 && d.logCdf(-60).isFinite)
        var stream = RandomStream(seed: 6)
        let draws = d.sample(50_000, &stream)
        let share = draws.reduce(0, +) / 50_000 - d.mean
        #expect(abs(share) <= 5 * d.standardDeviation / 50_000.0.squareRoot())
        let counts = try Mixture(weights: [0.5, 0.5], components: [Poisson(rate: 2), Poisson(rate: 20)])
        for p in [0.01, 0.4, 0.5, 0.6, 0.99] {
            let k = counts.quantile(p)
            #expect(counts.cdf(k) >= p && counts.cdf(k - 1) < p)
        }
        #expect(throws: DistributionError.self) { try mixture.init(weights: [1], components: []) }
    }

    private func normals(_ parts: [(weight: Double, mean: Double, deviation: Double)]) throws -> Mixture<Normal> {
        try Mixture(
            weights: parts.map(\.weight), components: parts.map { try Normal(mean: $0.mean, standardDeviation: $0.deviation) })
    }

    @Test func entropyOfNumbers() throws {
        // Equal components: the component's own.
        let same = try normals([(0.4, 1, 2), (0.6, 1, 2)])
        expectClose(same.entropy, same.components[0].entropy, relative: 1e-10)
        // Far apart: that of the weights added; a very narrow one beside a wide one as well.
        for (distance, deviation) in [(1e3, 1.0), (100, 1e-5), (1e4, 1e-3)] {
            let d = try normals([(0.25, 0, 1), (0.75, distance, deviation)])
            let parts = 0.25 * d.components[0].entropy + 0.75 * d.components[1].entropy
            // x itself is rounded to about 1e-9 of the narrow one's width.
            expectClose(d.entropy, parts + d.weights.entropy, absolute: deviation < 1 ? 1e-7 : 1e-9, "\(distance)")
        }
        // A component of weight 0 does not count.
        expectClose(try normals([(0, 50, 1), (1, 0, 1)]).entropy, Normal.standard.entropy, relative: 1e-15)
        // Two exponentials, against a fine sum; infinite density at 0; heavy tails.
        let exponentials = try Mixture(weights: [0.3, 0.7], components: [Exponential(rate: 1), Exponential(rate: 5)])
        var stream = RandomStream(seed: 3)
        for d in [
            exponentials as any ContinuousDistribution,
            try Mixture(weights: [0.5, 0.5], components: [Gamma(concentration: 0.3, rate: 1), Gamma(concentration: 4, rate: 1)]),
            try Mixture(weights: [0.5, 0.5], components: [Cauchy(location: 0, scale: 1), Cauchy(location: 9, scale: 0.1)]),
            try Mixture(weights: [0.2, 0.8], components: [Uniform(lower: 0, upper: 1), Uniform(lower: 0.5, upper: 3)]),
        ] {
            let estimate = d.estimatedEntropy(samples: 100_000, &stream)
            #expect(abs(d.entropy - estimate.value) <= 5 * estimate.standardError, "\(d): \(d.entropy), samples \(estimate)")
        }
        // Uniform pieces have it in closed form: heights 0.2, 0.2 + 0.32 and 0.32 over 0.5, 0.5 and 2.
        let pieces = try Mixture(weights: [0.2, 0.8], components: [Uniform(lower: 0, upper: 1), Uniform(lower: 0.5, upper: 3)])
        let exact = -0.1 * log(0.2) - 0.26 * log(0.52) - 0.64 * log(0.32)
        expectClose(pieces.entropy, exact, relative: 1e-9)
        let chi = try Mixture(weights: [0.5, 0.5], components: [ChiSquared(degreesOfFreedom: 4), ChiSquared(degreesOfFreedom: 4)])
        expectClose(chi.entropy, chi.components[0].entropy, relative: 1e-9)
    }

    @Test func entropyOfCounts() throws {
        let d = try Mixture(weights: [0.5, 0.5], components: [Poisson(rate: 2), Poisson(rate: 2)])
        expectClose(d.entropy, d.components[0].entropy, relative: 1e-12)
        let apart = try Mixture(weights: [0.25, 0.75], components: [Poisson(rate: 1), Poisson(rate: 900)])
        let parts = 0.25 * apart.components[0].entropy + 0.75 * apart.components[1].entropy
        expectClose(apart.entropy, parts + apart.weights.entropy, relative: 1e-12)
        let coin = try Mixture(weights: [0.5, 0.5], components: [Bernoulli(probability: 0.2), Bernoulli(probability: 0.8)])
        expectClose(coin.entropy, Foundation.log(2.0), relative: 1e-14)
        let vectors = try Mixture(
            weights: [0.5, 0.5],
            components: [DiagonalNormal(mean: [0], standardDeviation: [1]), DiagonalNormal(mean: [0], standardDeviation: [1])])
        #expect(vectors.entropy.isNaN)
        var stream = RandomStream(seed: 5)
        let estimate = vectors.estimatedEntropy(samples: 50_000, &stream)
        #expect(abs(estimate.value - Normal.standard.entropy) <= 5 * estimate.standardError)
    }

    @Test func modesOfNumbers() throws {
        // Close normals of one width have one top between them; by symmetry in the middle.
        expectClose(try normals([(0.5, -0.8, 1), (0.5, 0.8, 1)]).mode, 0, absolute: 1e-7)
        // Three with different widths, against a fine grid.
        for parts in [
            [(0.5, 0.0, 1.0), (0.3, 1.5, 0.7), (0.2, -2, 0.4)], [(0.9, 0, 10), (0.1, 3, 0.5), (0, 5, 1e-9)],
            [(0.5, -1.1, 1), (0.5, 1.2, 1), (0, 0, 1)], [(0.49, 0, 1), (0.51, 1000, 1), (0, 1, 1)],
        ] {
            let d = try normals(parts.map { (weight: $0.0, mean: $0.1, deviation: $0.2) })
            let top = d.logDensity(d.mode)
            for k in 0...20_000 {
                let x = -5 + Double(k) * 5e-4
                #expect(d.logDensity(x) <= top + 1e-12)
            }
        }
        // At a density without bound, at the edge of a support, without any mode.
        let unbounded = try Mixture(weights: [0.5, 0.5], components: [Gamma(concentration: 0.5, rate: 1), Gamma(concentration: 9, rate: 1)])
        #expect(unbounded.mode == 0)
        let edge = try Mixture(weights: [0.6, 0.4], components: [Exponential(rate: 1), Exponential(rate: 3)])
        expectClose(edge.mode, 0, absolute: 1e-9)
        let counts = try Mixture(weights: [0.5, 0.5], components: [Poisson(rate: 6), Poisson(rate: 9)])
        let best = (0...30).max { counts.logDensity($0) < counts.logDensity($1) }
        #expect(counts.mode == best)
        // Bernoulli tops that tie: the smaller value.
        #expect(try Mixture(weights: [0.5, 0.5], components: [Bernoulli(probability: 0.25), Bernoulli(probability: 0.75)]).mode == 0)
    }

    @Test func modesOfVectors() throws {
        let d = try Mixture(
            weights: [0.5, 0.5],
            components: [
                MultivariateNormal(mean: [-0.5, 0], covariance: Matrix([[1, 0], [0, 1]])),
                MultivariateNormal(mean: [0.5, 1], covariance: Matrix([[1, 0], [0, 1]])),
            ])
        expectClose(d.mode, [0, 0.5], absolute: 1e-8)
        let simplex = try Mixture(weights: [0.6, 0.4], components: [Dirichlet(concentration: [4, 3, 2]), Dirichlet(concentration: [3, 5, 2])])
        let mode = simplex.mode
        #expect(simplex.support.contains(mode))
        var stream = RandomStream(seed: 4)
        for draw in simplex.sample(20_000, &stream) { #expect(simplex.logDensity(draw) <= simplex.logDensity(mode) + 1e-12) }
        for _ in 0..<200 {
            let direction = (0..<2).map { _ in 1e-3 * stream.gaussian() }
            let near = [mode[0] + direction[0], mode[1] + direction[1], mode[2] - direction[0] - direction[1]]
            #expect(simplex.logDensity(near) <= simplex.logDensity(mode) + 1e-12)
        }
        let counts = try Mixture(
            weights: [0.5, 0.5],
            components: [
                Multinomial(totalCount: 9, probabilities: [0.5, 0.3, 0.2]), Multinomial(totalCount: 9, probabilities: [0.3, 0.5, 0.2]),
            ])
        var best = -Double.infinity
        for a in 0...9 { for b in 0...(9 - a) { best = max(best, counts.logDensity([Double(a), Double(b), Double(9 - a - b)])) } }
        expectClose(counts.logDensity(counts.mode), best, absolute: 1e-12)
    }
}
