import Foundation
import Probability

/// The distributions that the laws are checked on; a new one is added here. Several settings each, where shapes differ.
enum LawSubjects {
    static let continuous: [any ContinuousDistribution] = {
        do {
            return try [
                Normal.standard, Normal(mean: -3, standardDeviation: 0.25), Normal(mean: 1e6, standardDeviation: 40),
                LogNormal(location: 0.5, scale: 0.4), HalfNormal(scale: 2),
                TruncatedNormal(location: 0, scale: 1, lower: -1, upper: 2),
                TruncatedNormal(location: 0, scale: 1, lower: 8, upper: .infinity),
                TruncatedNormal(location: 5, scale: 2, lower: -.infinity, upper: 3),
                TruncatedNormal(location: 0, scale: 1, lower: 3, upper: 3.1),
                StudentT(degreesOfFreedom: 12, location: -3, scale: 2), StudentT(degreesOfFreedom: 1.5),
                Cauchy(location: 1, scale: 0.5), HalfCauchy(scale: 3), Laplace(location: -2, scale: 1.5),
                Logistic(location: 3, scale: 0.7), Gumbel(location: 1, scale: 2),
                Weibull(scale: 2, concentration: 1.7), Weibull(scale: 0.5, concentration: 0.6),
                Exponential(rate: 0.3), Gamma(concentration: 3.5, rate: 2), Gamma(concentration: 0.4, rate: 1),
                Gamma(concentration: 20_000, rate: 5), InverseGamma(concentration: 9, rate: 3),
                ChiSquared(degreesOfFreedom: 5), FisherF(degreesOfFreedom1: 7, degreesOfFreedom2: 30),
                Beta(concentration1: 2.5, concentration0: 4), Beta(concentration1: 0.6, concentration0: 0.8),
                Kumaraswamy(concentration1: 2, concentration0: 3.5), Uniform(lower: -1, upper: 4),
                Pareto(scale: 2, concentration: 9), Rayleigh(scale: 1.5), VonMises(location: 0.5, concentration: 2),
                VonMises(location: -1, concentration: 300), ContinuousBernoulli(probability: 0.8),
                ContinuousBernoulli(probability: 0.4999), ContinuousBernoulli(probability: 1e-5),
            ]
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    static let discrete: [any DiscreteDistribution] = {
        do {
            return try [
                Bernoulli(probability: 0.3), Binomial(totalCount: 12, probability: 0.4),
                Binomial(totalCount: 5000, probability: 0.02), NegativeBinomial(totalCount: 2.5, probability: 0.6),
                NegativeBinomial(totalCount: 300, probability: 0.9), Geometric(probability: 0.15),
                Hypergeometric(populationCount: 60, markedCount: 25, drawCount: 17),
                Hypergeometric(populationCount: 100_000, markedCount: 400, drawCount: 9000), Poisson(rate: 0.7),
                Poisson(rate: 14), Poisson(rate: 2500), Categorical(probabilities: [0.1, 0.25, 0, 0.6, 0.05]),
            ]
        } catch {
            preconditionFailure("\(error)")
        }
    }()
}
