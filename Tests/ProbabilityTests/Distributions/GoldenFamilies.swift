import Foundation
import Probability
import TestSupport

/// How the golden files of univariate families name their parameters.
enum GoldenFamilies {
    typealias Parameters = [String: Double]

    static let continuous: [String: @Sendable (Parameters) throws -> any ContinuousDistribution] = [
        "normal": { try Normal(mean: $0.get("loc"), standardDeviation: $0.get("scale")) },
        "log_normal": { try LogNormal(location: $0.get("loc"), scale: $0.get("scale")) },
        "half_normal": { try HalfNormal(scale: $0.get("scale")) },
        "student_t": { try StudentT(degreesOfFreedom: $0.get("df"), location: $0.get("loc"), scale: $0.get("scale")) },
        "cauchy": { try Cauchy(location: $0.get("loc"), scale: $0.get("scale")) },
        "half_cauchy": { try HalfCauchy(scale: $0.get("scale")) },
        "laplace": { try Laplace(location: $0.get("loc"), scale: $0.get("scale")) },
        "gumbel": { try Gumbel(location: $0.get("loc"), scale: $0.get("scale")) },
        "weibull": { try Weibull(scale: $0.get("scale"), concentration: $0.get("concentration")) },
        "exponential": { try Exponential(rate: $0.get("rate")) },
        "gamma": { try Gamma(concentration: $0.get("concentration"), rate: $0.get("rate")) },
        "inverse_gamma": { try InverseGamma(concentration: $0.get("concentration"), rate: $0.get("rate")) },
        "beta": { try Beta(concentration1: $0.get("concentration1"), concentration0: $0.get("concentration0")) },
        "kumaraswamy": {
            try Kumaraswamy(concentration1: $0.get("concentration1"), concentration0: $0.get("concentration0"))
        },
        "uniform": { try Uniform(lower: $0.get("low"), upper: $0.get("high")) },
        "pareto": { try Pareto(scale: $0.get("scale"), concentration: $0.get("alpha")) },
        "von_mises": { try VonMises(location: $0.get("loc"), concentration: $0.get("concentration")) },
    ]

    static let discrete: [String: @Sendable (Parameters) throws -> any DiscreteDistribution] = [
        "bernoulli": { try Bernoulli(probability: $0.get("probs")) },
        "binomial": { try Binomial(totalCount: Int($0.get("total_count")), probability: $0.get("probs")) },
        "geometric": { try Geometric(probability: $0.get("probs")) },
        "negative_binomial": { try NegativeBinomial(totalCount: $0.get("total_count"), probability: $0.get("probs")) },
        "poisson": { try Poisson(rate: $0.get("rate")) },
    ]
}

extension [String: Double] {
    struct MissingParameter: Error { let name: String }

    func get(_ name: String) throws -> Double {
        guard let value = self[name] else { throw MissingParameter(name: name) }
        return value
    }
}

extension GoldenCase {
    /// The parameters of each row.
    func parameterRows() throws -> [[String: Double]] {
        let names = strings("parameters") ?? []
        let columns: [[Double]] = try names.map { try values("in.\($0)") }
        return (0..<(columns.first?.count ?? 0)).map { row in
            Dictionary(uniqueKeysWithValues: zip(names, columns.map { $0[row] }))
        }
    }
}
