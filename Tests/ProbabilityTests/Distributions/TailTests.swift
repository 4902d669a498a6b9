import Foundation
import Probability
import TestSupport
import Testing

/// Log density, log cdf and log survival far in the tails and for extreme shapes, against 60-digit arithmetic.
@Suite struct TailTests {
    static let continuous: [String: @Sendable ([Double]) throws -> any ContinuousDistribution] = [
        "normal": { try Normal(mean: $0[0], standardDeviation: $0[1]) },
        "log_normal": { try LogNormal(location: $0[0], scale: $0[1]) },
        "half_normal": { try HalfNormal(scale: $0[0]) },
        "student_t": { try StudentT(degreesOfFreedom: $0[0], location: $0[1], scale: $0[2]) },
        "cauchy": { try Cauchy(location: $0[0], scale: $0[1]) },
        "half_cauchy": { try HalfCauchy(scale: $0[0]) },
        "laplace": { try Laplace(location: $0[0], scale: $0[1]) },
        "logistic": { try Logistic(location: $0[0], scale: $0[1]) },
        "gumbel": { try Gumbel(location: $0[0], scale: $0[1]) },
        "weibull": { try Weibull(scale: $0[0], concentration: $0[1]) },
        "exponential": { try Exponential(rate: $0[0]) },
        "rayleigh": { try Rayleigh(scale: $0[0]) },
        "gamma": { try Gamma(concentration: $0[0], rate: $0[1]) },
        "chi_squared": { try ChiSquared(degreesOfFreedom: $0[0]) },
        "inverse_gamma": { try InverseGamma(concentration: $0[0], rate: $0[1]) },
        "beta": { try Beta(concentration1: $0[0], concentration0: $0[1]) },
        "fisher_f": { try FisherF(degreesOfFreedom1: $0[0], degreesOfFreedom2: $0[1]) },
        "kumaraswamy": { try Kumaraswamy(concentration1: $0[0], concentration0: $0[1]) },
        "pareto": { try Pareto(scale: $0[0], concentration: $0[1]) },
        "von_mises": { try VonMises(location: $0[0], concentration: $0[1]) },
        "continuous_bernoulli": { try ContinuousBernoulli(probability: $0[0]) },
        "truncated_normal": { try TruncatedNormal(location: $0[0], scale: $0[1], lower: $0[2], upper: $0[3]) },
    ]
    static let discrete: [String: @Sendable ([Double]) throws -> any DiscreteDistribution] = [
        "binomial": { try Binomial(totalCount: Int($0[0]), probability: $0[1]) },
        "geometric": { try Geometric(probability: $0[0]) },
        "negative_binomial": { try NegativeBinomial(totalCount: $0[0], probability: $0[1]) },
        "poisson": { try Poisson(rate: $0[0]) },
    ]

    @Test func everyFamilyIsThere() throws {
        #expect(try Set(ExactValues.tails().keys) == Set(Self.continuous.keys).union(Self.discrete.keys))
    }

    /// Within 1e-12 relative to the logarithm, or to 1: the relative error of the probability itself.
    @Test(arguments: continuous.keys.sorted())
    func continuousTails(name: String) throws {
        let make = try #require(Self.continuous[name])
        var comparison = Comparison(name)
        for point in try ExactValues.tails()[name] ?? [] {
            let d = try make(point.parameters)
            let at = "\(point.parameters), x = \(point.x)"
            comparison.add("logDensity", d.logDensity(point.x), point.log_density, at, absolute: 1)
            comparison.add("logCdf", d.logCdf(point.x), point.log_cdf, at)
            comparison.add("logSurvival", d.logSurvival(point.x), point.log_survival, at)
        }
        comparison.report()
    }

    @Test(arguments: discrete.keys.sorted())
    func discreteTails(name: String) throws {
        let make = try #require(Self.discrete[name])
        var comparison = Comparison(name)
        for point in try ExactValues.tails()[name] ?? [] {
            let d = try make(point.parameters)
            let at = "\(point.parameters), k = \(point.x)"
            comparison.add("logMass", d.logDensity(Int(point.x)), point.log_density, at, absolute: 1)
            comparison.add("logCdf", d.logCdf(Int(point.x)), point.log_cdf, at)
            comparison.add("logSurvival", d.logSurvival(Int(point.x)), point.log_survival, at)
        }
        comparison.report()
    }
}
