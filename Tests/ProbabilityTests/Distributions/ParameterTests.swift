import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Invalid parameters are refused with an error that names the distribution, the parameter, its value and what it may be.
@Suite struct ParameterTests {
    /// One wrong construction of each parameter of each family, and the parameter's name.
    static let wrong: [(String, @Sendable () throws -> any Distribution)] = [
        ("mean", { try Normal(mean: .nan, standardDeviation: 1) }),
        ("standardDeviation", { try Normal(mean: 0, standardDeviation: -1) }),
        ("location", { try LogNormal(location: .infinity, scale: 1) }), ("scale", { try LogNormal(location: 0, scale: 0) }),
        ("scale", { try HalfNormal(scale: -2) }), ("scale", { try TruncatedNormal(location: 0, scale: 0, lower: 0, upper: 1) }),
        ("upper", { try TruncatedNormal(location: 0, scale: 1, lower: 1, upper: 1) }),
        ("lower", { try TruncatedNormal(location: 0, scale: 1, lower: .nan, upper: 1) }),
        ("degreesOfFreedom", { try StudentT(degreesOfFreedom: 0) }),
        ("location", { try StudentT(degreesOfFreedom: 1, location: .nan) }), ("scale", { try StudentT(degreesOfFreedom: 1, scale: 0) }),
        ("location", { try Cauchy(location: .nan, scale: 1) }), ("scale", { try Cauchy(location: 0, scale: .nan) }),
        ("scale", { try HalfCauchy(scale: 0) }), ("scale", { try Laplace(location: 0, scale: 0) }),
        ("location", { try Laplace(location: .nan, scale: 1) }), ("scale", { try Logistic(location: 0, scale: 0) }),
        ("location", { try Logistic(location: .nan, scale: 1) }), ("scale", { try Gumbel(location: 0, scale: 0) }),
        ("location", { try Gumbel(location: .nan, scale: 1) }), ("scale", { try Weibull(scale: 0, concentration: 1) }),
        ("concentration", { try Weibull(scale: 1, concentration: 0) }), ("rate", { try Exponential(rate: 0) }),
        ("concentration", { try Gamma(concentration: 0, rate: 1) }), ("rate", { try Gamma(concentration: 1, rate: -1) }),
        ("concentration", { try InverseGamma(concentration: 0, rate: 1) }), ("rate", { try InverseGamma(concentration: 1, rate: 0) }),
        ("degreesOfFreedom", { try ChiSquared(degreesOfFreedom: 0) }),
        ("degreesOfFreedom1", { try FisherF(degreesOfFreedom1: 0, degreesOfFreedom2: 1) }),
        ("degreesOfFreedom2", { try FisherF(degreesOfFreedom1: 1, degreesOfFreedom2: 0) }),
        ("concentration1", { try Beta(concentration1: 0, concentration0: 1) }),
        ("concentration0", { try Beta(concentration1: 1, concentration0: .infinity) }),
        ("concentration1", { try Kumaraswamy(concentration1: 0, concentration0: 1) }),
        ("concentration0", { try Kumaraswamy(concentration1: 1, concentration0: 0) }),
        ("upper", { try Uniform(lower: 1, upper: 1) }), ("lower", { try Uniform(lower: .nan, upper: 1) }),
        ("scale", { try Pareto(scale: 0, concentration: 1) }), ("concentration", { try Pareto(scale: 1, concentration: 0) }),
        ("scale", { try Rayleigh(scale: 0) }), ("location", { try VonMises(location: .nan, concentration: 1) }),
        ("concentration", { try VonMises(location: 0, concentration: 0) }),
        ("probability", { try ContinuousBernoulli(probability: 1) }), ("value", { try Delta(.nan) }),
        ("probability", { try Bernoulli(probability: 1.5) }), ("logOdds", { try Bernoulli(logOdds: .nan) }),
        ("totalCount", { try Binomial(totalCount: -1, probability: 0.5) }),
        ("probability", { try Binomial(totalCount: 1, probability: -0.5) }),
        ("totalCount", { try NegativeBinomial(totalCount: 0, probability: 0.5) }),
        ("probability", { try NegativeBinomial(totalCount: 1, probability: 1) }),
        ("probability", { try Geometric(probability: 0) }), ("rate", { try Poisson(rate: -1) }),
        ("populationCount", { try Hypergeometric(populationCount: -1, markedCount: 0, drawCount: 0) }),
        ("markedCount", { try Hypergeometric(populationCount: 5, markedCount: 6, drawCount: 0) }),
        ("drawCount", { try Hypergeometric(populationCount: 5, markedCount: 3, drawCount: 6) }),
        ("probabilities[0]", { try Categorical(probabilities: [1.2, -0.2]) }),
        ("probabilities[1]", { try Categorical(probabilities: [0.5, 0.6]) }),
        ("logits[0]", { try Categorical(logits: [.nan, 0]) }), ("probabilities[2]", { try OneHotCategorical(probabilities: [0, 0, 0]) }),
        ("totalCount", { try Multinomial(totalCount: -1, probabilities: [1]) }),
        ("concentration[1]", { try Dirichlet(concentration: [1, 0]) }),
        ("concentration[0]", { try DirichletMultinomial(totalCount: 3, concentration: [.nan, 1]) }),
        ("mean[1]", { try MultivariateNormal(mean: [0, .nan], covariance: Matrix([[1, 0], [0, 1]])) }),
        ("covariance[1, 0]", { try MultivariateNormal(mean: [0, 0], covariance: Matrix([[1, 0], [0.5, 1]])) }),
        ("choleskyFactor[0, 0]", { try MultivariateNormal(mean: [0], choleskyFactor: Matrix([[-1]])) }),
        ("diagonal[1]", { try LowRankMultivariateNormal(mean: [0, 0], factor: Matrix([[1], [1]]), diagonal: [1, 0]) }),
        ("degreesOfFreedom", { try MultivariateStudentT(degreesOfFreedom: 0, location: [0], scale: Matrix([[1]])) }),
        ("location[1]", { try MultivariateStudentT(degreesOfFreedom: 1, location: [0, .nan], scale: Matrix([[1, 0], [0, 1]])) }),
        ("choleskyFactor[1, 1]", {
            try MultivariateStudentT(degreesOfFreedom: 1, location: [0, 0], choleskyFactor: Matrix([[1, 0], [0, -2]]))
        }),
        ("scale[0, 0]", { try MultivariateStudentT(degreesOfFreedom: 1, location: [0], scale: Matrix([[.nan]])) }),
        ("precision[0, 0]", { try MultivariateNormal(mean: [0], precision: Matrix([[.infinity]])) }),
        ("mean[1]", { try DiagonalNormal(mean: [0, .infinity], standardDeviation: [1, 1]) }),
        ("standardDeviation[0]", { try DiagonalNormal(mean: [0, 0], standardDeviation: [0, 1]) }),
        ("mean[0]", { try LowRankMultivariateNormal(mean: [.nan, 0], factor: Matrix([[1], [1]]), diagonal: [1, 1]) }),
        ("factor[1]", { try LowRankMultivariateNormal(mean: [0, 0], factor: Matrix([[1], [.nan]]), diagonal: [1, 1]) }),
        ("probabilities[1]", { try Multinomial(totalCount: 2, probabilities: [0.5, 0.6]) }),
        ("totalCount", { try DirichletMultinomial(totalCount: -1, concentration: [1, 1]) }),
        ("scale[1, 1]", { try Wishart(degreesOfFreedom: 3, scale: Matrix([[1, 0], [0, .nan]])) }),
        ("scale[1, 0]", { try Wishart(degreesOfFreedom: 3, scale: Matrix([[1, 0], [0.5, 1]])) }),
        ("scale[1, 0]", { try InverseWishart(degreesOfFreedom: 3, scale: Matrix([[1, 0.2], [0.5, 1]])) }),
        ("values[1]", { try Empirical([1, .nan]) }), ("weights[1]", { try Empirical([1, 2], weights: [1, -1]) }),
        ("weights' sum", { try Empirical([1, 2], weights: [0, 0]) }),
        ("weights[0]", {
            try Mixture(weights: [-0.5, 1.5], components: [Normal(mean: 0, standardDeviation: 1), Normal(mean: 1, standardDeviation: 1)])
        }),
        ("degreesOfFreedom", { try Wishart(degreesOfFreedom: 1, scale: Matrix([[1, 0], [0, 1]])) }),
        ("degreesOfFreedom", { try InverseWishart(degreesOfFreedom: 0.5, scale: Matrix([[1, 0], [0, 1]])) }),
        ("size", { try LKJCholesky(size: 1, concentration: 1) }), ("concentration", { try LKJCholesky(size: 2, concentration: 0) }),
    ]

    @Test(arguments: wrong.indices)
    func wrongParametersAreNamed(index: Int) {
        let (name, make) = Self.wrong[index]
        let error = #expect(throws: DistributionError.self) { _ = try make() }
        guard case .invalidParameter(let distribution, let parameter, let value, let expected)? = error else {
            Issue.record("\(name): \(error.map { "\($0)" } ?? "no error")")
            return
        }
        #expect(parameter == name)
        let text = error?.description ?? ""
        #expect(text.contains(distribution) && text.contains(name) && text.contains("\(value)") && text.contains("\(expected)"))
    }

    @Test func wrongShapesAndMatricesAreNamed() {
        #expect(
            throws: DistributionError.dimensionMismatch(
                distribution: "MultivariateNormal", parameter: "covariance", expected: 2, found: 1)
        ) { try MultivariateNormal(mean: [0, 0], covariance: Matrix([[1]])) }
        #expect(
            throws: DistributionError.invalidMatrix(
                distribution: "MultivariateNormal", parameter: "covariance", problem: .notPositiveDefinite(leadingMinor: 2))
        ) { try MultivariateNormal(mean: [0, 0], covariance: Matrix([[1, 2], [2, 1]])) }
        #expect(throws: DistributionError.self) { try LowRankMultivariateNormal(mean: [0], factor: Matrix([[1], [2]]), diagonal: [1]) }
        #expect(throws: DistributionError.self) { try Dirichlet(concentration: [1]) }
    }

    @Test func parametersKeepTheirConstraints() {
        for d in LawSubjects.continuous as [any Distribution] + LawSubjects.discrete + MultivariateLaws.vectors {
            #expect(!d.parameters.isEmpty)
            for parameter in d.parameters where !(d is any MultivariateDistribution) || parameter.constraint != .simplex {
                #expect(parameter.constraint.firstViolation(in: parameter.values) == nil, "\(d): \(parameter.name)")
            }
        }
    }
}
