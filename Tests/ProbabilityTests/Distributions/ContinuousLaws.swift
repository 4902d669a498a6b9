import Foundation
import Matrices
import TestSupport
import Testing

@testable import Probability

/// The laws of `ContinuousDistribution`, for every one of them.
@Suite struct ContinuousLaws {
    static let distributions = LawSubjects.continuous
    static let probabilities = [1e-12, 1e-6, 1e-3, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999, 1 - 1e-6]

    @Test func thereAreDistributions() { #expect(Self.distributions.count > 30) }

    /// ∫ g(x, ln f(x))·f(x) dx over what lies between two far quantiles, cut at quantiles, by Gauss and Legendre's rule.
    private func integral(_ d: any ContinuousDistribution, _ g: (Double, Double) -> Double) -> Double {
        guard case .interval(let lower, let upper) = d.support else { return .nan }
        // Beside a finite end other than 0 numbers have no digits for what is nearer.
        let levels = [1e-30, 1e-18, 1e-12, 1e-8, 1e-5, 1e-3, 0.02, 0.1, 0.25, 0.4, 0.5]
        let low = lower.isInfinite || lower == 0 ? levels : Array(levels.dropFirst(2))
        let high = upper.isInfinite ? levels : Array(levels.dropFirst(2))
        let cuts = low.map(d.quantile) + high.reversed().dropFirst().map(d.upperQuantile)
        // Distances from the ends, or from the middle where there is none, are integrated on a logarithmic scale.
        let (below, above) = (lower.isFinite ? lower : d.median, upper.isFinite ? upper : d.median)
        var sum = 0.0
        for (a, b) in zip(cuts, cuts.dropFirst()) where b > a {
            let fromBelow = b < d.quantile(0.3) && a != below
            let fromAbove = a > d.quantile(0.7) && b != above
            for piece in 0..<4 {
                for (node, weight) in legendreNodes {
                    for t in [(Double(piece) + 0.5 - 0.5 * node) / 4, (Double(piece) + 0.5 + 0.5 * node) / 4] {
                        var (x, slope) = (a + t * (b - a), b - a)
                        if fromBelow || fromAbove {
                            let end = fromBelow ? below : above
                            let ratio = log((b - end) / (a - end))
                            x = end + (a - end) * exp(t * ratio)
                            slope = (x - end) * ratio
                        }
                        let logDensity = d.logDensity(x)
                        sum += weight / 8 * slope * g(x, logDensity) * exp(logDensity)
                    }
                }
            }
        }
        return sum
    }

    @Test(arguments: distributions.indices)
    func theDensityIntegrates(index: Int) {
        let d = Self.distributions[index]
        expectClose(integral(d) { _, _ in 1 }, 1, relative: 1e-9, "\(d)")
        expectClose(integral(d) { -$1 }, d.entropy, absolute: 1e-7, "entropy of \(d)")
        guard d.variance.isFinite else { return }
        let centre = d.quantile(0.5)
        let shift = integral(d) { x, _ in x - centre }
        expectClose(centre + shift, d.mean, absolute: 1e-8 * (abs(d.mean) + d.standardDeviation), "mean of \(d)")
        expectClose(integral(d) { x, _ in (x - d.mean) * (x - d.mean) }, d.variance, relative: 1e-7, "variance of \(d)")
    }

    @Test(arguments: distributions.indices)
    func theQuantileInvertsTheDistributionFunction(index: Int) {
        let d = Self.distributions[index]
        for p in Self.probabilities {
            let (x, y) = (d.quantile(p), d.upperQuantile(p))
            // The rounding of x itself is what limits the way back.
            let slack = 4 * x.ulp * exp(d.logDensity(x)) + 1e-12 * p
            #expect(abs(d.cdf(x) - p) <= slack, "\(d), p = \(p)")
            #expect(abs(d.survival(y) - p) <= 4 * y.ulp * exp(d.logDensity(y)) + 1e-12 * p, "\(d), q = \(p)")
            expectClose(d.cdf(x) + d.survival(x), 1, relative: 1e-14, "\(d)")
            expectClose(exp(d.logCdf(x)), d.cdf(x), relative: 1e-13, "\(d)")
            expectClose(exp(d.logSurvival(x)), d.survival(x), relative: 1e-13, "\(d)")
        }
        #expect(d.quantile(-0.1).isNaN && d.quantile(1.1).isNaN && d.quantile(.nan).isNaN)
        #expect(d.upperQuantile(-0.1).isNaN && d.upperQuantile(1.1).isNaN && d.upperQuantile(.nan).isNaN)
        expectClose(d.median, d.quantile(0.5), relative: 1e-15)
    }

    @Test(arguments: distributions.indices)
    func theEndsOfTheSupportAreRight(index: Int) throws {
        let d = Self.distributions[index]
        guard case .interval(let lower, let upper) = d.support else { return #expect(Bool(false), "\(d) has no interval") }
        #expect(d.cdf(.infinity) == 1 && d.cdf(-.infinity) == 0, "\(d)")
        #expect(d.survival(.infinity) == 0 && d.survival(-.infinity) == 1, "\(d)")
        #expect(d.logCdf(-.infinity) == -.infinity && d.logSurvival(.infinity) == -.infinity, "\(d)")
        #expect(d.logCdf(.infinity) == 0 && d.logSurvival(-.infinity) == 0, "\(d)")
        #expect(d.logDensity(.infinity) == -.infinity && d.logDensity(-.infinity) == -.infinity, "\(d)")
        expectClose(d.quantile(0), lower, absolute: 1e-300 + abs(lower.isFinite ? lower : 0) * 1e-15, "\(d)")
        expectClose(d.quantile(1), upper, absolute: abs(upper.isFinite ? upper : 0) * 1e-15, "\(d)")
        for outside in [lower - 0.5 * max(1, abs(lower)), upper + 0.5 * max(1, abs(upper))] where outside.isFinite {
            #expect(d.logDensity(outside) == -.infinity, "\(d) at \(outside)")
        }
        if lower.isFinite { #expect(d.cdf(lower - 1) == 0 && d.survival(lower - 1) == 1, "\(d)") }
        if upper.isFinite { #expect(d.cdf(upper + 1) == 1 && d.survival(upper + 1) == 0, "\(d)") }
        #expect(d.logDensity(.nan).isNaN && d.cdf(.nan).isNaN && d.survival(.nan).isNaN, "\(d)")
    }

    /// The density at the mode is not below that beside it.
    @Test(arguments: distributions.indices)
    func theModeIsTheTop(index: Int) {
        let d = Self.distributions[index]
        let mode = d.mode
        guard !mode.isNaN else { return }
        let top = d.logDensity(mode)
        for p in Self.probabilities { #expect(d.logDensity(d.quantile(p)) <= top + 1e-9, "\(d)") }
        let step = 1e-4 * (d.quantile(0.75) - d.quantile(0.25))
        for x in [mode - step, mode + step] { #expect(d.logDensity(x) <= top + 1e-9, "\(d)") }
    }

    /// The distribution function's slope is the density.
    @Test(arguments: distributions.indices)
    func theDensityIsTheSlope(index: Int) {
        let d = Self.distributions[index]
        for p in [0.02, 0.2, 0.45, 0.6, 0.9, 0.99] {
            let x = d.quantile(p)
            let step = 1e-5 * (d.quantile(0.75) - d.quantile(0.25)) * min(p, 1 - p)
            let slope = p < 0.5
                ? (d.cdf(x + step) - d.cdf(x - step)) / (2 * step)
                : (d.survival(x - step) - d.survival(x + step)) / (2 * step)
            expectClose(slope, exp(d.logDensity(x)), relative: 1e-5, "\(d), p = \(p)")
        }
    }

    /// Bulk log densities are the single ones to rounding, the ends of the support and NaN among them.
    @Test(arguments: distributions.indices)
    func bulkDensitiesAreTheSingleOnes(index: Int) {
        let d = Self.distributions[index]
        var stream = RandomStream(seed: 5).split(index)
        var values = d.sample(70_000, &stream)
        if case .interval(let lower, let upper) = d.support { values += [lower, upper, lower - 1, upper + 1] }
        values += [.infinity, -.infinity, 0, 1]
        let single = values.map(d.logDensity)
        let scale = single.reduce(1) { $1.isFinite ? max($0, abs($1)) : $0 }
        expectClose(d.logDensities(values), single, absolute: 1e-13 * scale, "\(d)")
        #expect(d.logDensities([.nan])[0].isNaN, "\(d)")
        #expect(d.logDensities([Double]()).isEmpty)
    }
}
