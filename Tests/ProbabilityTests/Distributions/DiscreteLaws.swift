import Foundation
import TestSupport
import Testing

@testable import Probability

/// The laws of `DiscreteDistribution`, for every one of them.
@Suite struct DiscreteLaws {
    static let distributions = LawSubjects.discrete

    /// Every value between two far quantiles: sums, running sums, moments, entropy, mode.
    @Test(arguments: distributions.indices)
    func theMassesSum(index: Int) {
        let d = Self.distributions[index]
        let (first, last) = (d.quantile(1e-25), d.upperQuantile(1e-25))
        var (mass, mean, square, entropy, top) = (0.0, 0.0, 0.0, 0.0, -Double.infinity)
        for k in first...last {
            let logMass = d.logDensity(k)
            let p = exp(logMass)
            mass += p
            mean += p * Double(k)
            square += p * pow(Double(k) - d.mean, 2)
            if p > 0 { entropy -= p * logMass }
            top = max(top, logMass)
            if k % max(1, (last - first) / 200) == 0 {
                expectClose(d.cdf(k), mass, relative: 1e-11, absolute: 1e-13, "cdf of \(d) at \(k)")
                expectClose(d.cdf(k) + d.survival(k), 1, relative: 1e-13, "\(d)")
                expectClose(exp(d.logCdf(k)), d.cdf(k), relative: 1e-12, "\(d)")
                expectClose(exp(d.logSurvival(k)), d.survival(k), relative: 1e-12, absolute: 1e-300, "\(d)")
            }
        }
        expectClose(mass, 1, relative: 1e-11, "\(d)")
        expectClose(mean, d.mean, relative: 1e-11, "mean of \(d)")
        expectClose(square, d.variance, relative: 1e-10, "variance of \(d)")
        expectClose(entropy, d.entropy, relative: 1e-11, "entropy of \(d)")
        expectClose(d.logDensity(d.mode), top, absolute: 1e-12, "mode of \(d)")
    }

    @Test(arguments: distributions.indices)
    func theQuantileInvertsTheDistributionFunction(index: Int) {
        let d = Self.distributions[index]
        for p in [1e-12, 1e-6, 1e-3, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999, 1 - 1e-6] {
            let (k, m) = (d.quantile(p), d.upperQuantile(p))
            #expect(d.cdf(k) >= p * (1 - 1e-13) && d.cdf(k - 1) < p, "\(d), p = \(p): \(k)")
            #expect(d.survival(m) <= p * (1 + 1e-13) && d.survival(m - 1) > p, "\(d), q = \(p): \(m)")
        }
        for k in d.quantile(0.01)...d.quantile(0.99) where d.logDensity(k) > -30 {
            #expect(d.quantile(d.cdf(k)) == k, "\(d) at \(k)")
        }
    }

    @Test(arguments: distributions.indices)
    func theEndsOfTheSupportAreRight(index: Int) {
        let d = Self.distributions[index]
        guard case .integers(let lower, let upper) = d.support else { return #expect(Bool(false), "\(d)") }
        #expect(d.logDensity(lower - 1) == -.infinity && d.cdf(lower - 1) == 0 && d.survival(lower - 1) == 1, "\(d)")
        #expect(d.logCdf(lower - 1) == -.infinity && d.logSurvival(lower - 1) == 0, "\(d)")
        #expect(d.quantile(0) == lower && d.quantile(1) == upper ?? .max, "\(d)")
        #expect(d.upperQuantile(1) == lower && d.upperQuantile(0) == upper ?? .max, "\(d)")
        #expect(d.logDensity(.min) == -.infinity)
        if let upper {
            #expect(d.logDensity(upper + 1) == -.infinity && d.cdf(upper) == 1 && d.survival(upper) == 0, "\(d)")
            #expect(d.logDensity(.max) == -.infinity)
        }
        let values = Array((lower - 2)...(lower + 40))
        #expect(d.logDensities(values) == values.map(d.logDensity), "\(d)")
    }

    /// Wide negative binomials, whose entropy is partly an integral, against their sums.
    @Test(arguments: [(0.3, 0.999), (1, 0.9995), (3.5, 0.9998), (400, 0.99), (0.02, 0.9999)])
    func wideNegativeBinomialEntropy(totalCount: Double, probability: Double) throws {
        let d = try NegativeBinomial(totalCount: totalCount, probability: probability)
        var sum = 0.0
        for k in d.quantile(1e-20)...d.upperQuantile(1e-20) {
            let logMass = d.logDensity(k)
            sum -= exp(logMass) * logMass
        }
        expectClose(d.entropy, sum, relative: 1e-12)
    }
}
