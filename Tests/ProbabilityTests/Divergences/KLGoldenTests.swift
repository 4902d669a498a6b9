import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Every pair of `golden/distributions/kl_pairs`, the always infinite ones too, found through the registry.
@Suite struct KLGoldenTests {
    /// A distribution from the tensors `kl.P.Q.p.*` of one row.
    static let makers: [String: @Sendable (Row) throws -> any Distribution] = [
        "Normal": { try Normal(mean: $0("loc"), standardDeviation: $0("scale")) },
        "LogNormal": { try LogNormal(location: $0("loc"), scale: $0("scale")) },
        "HalfNormal": { try HalfNormal(scale: $0("scale")) },
        "Beta": { try Beta(concentration1: $0("concentration1"), concentration0: $0("concentration0")) },
        "Gamma": { try Gamma(concentration: $0("concentration"), rate: $0("rate")) },
        "InverseGamma": { try InverseGamma(concentration: $0("concentration"), rate: $0("rate")) },
        "Exponential": { try Exponential(rate: $0("rate")) },
        "Laplace": { try Laplace(location: $0("loc"), scale: $0("scale")) },
        "Gumbel": { try Gumbel(location: $0("loc"), scale: $0("scale")) },
        "Uniform": { try Uniform(lower: $0("low"), upper: $0("high")) },
        "Pareto": { try Pareto(scale: $0("scale"), concentration: $0("alpha")) },
        "Cauchy": { try Cauchy(location: $0("loc"), scale: $0("scale")) },
        "ContinuousBernoulli": { try ContinuousBernoulli(probability: $0("probs")) },
        "Poisson": { try Poisson(rate: $0("rate")) },
        "Binomial": { try Binomial(totalCount: Int($0("total_count")), probability: $0("probs")) },
        "Geometric": { try Geometric(probability: $0("probs")) },
        "Bernoulli": { try Bernoulli(probability: $0("probs")) },
        "Categorical": { try Categorical(probabilities: $0.vector("probs")) },
        "OneHotCategorical": { try OneHotCategorical(probabilities: $0.vector("probs")) },
        "Dirichlet": { try Dirichlet(concentration: $0.vector("concentration")) },
        "MultivariateNormal": {
            try MultivariateNormal(mean: $0.vector("loc"), covariance: $0.matrix("covariance_matrix", columns: 3))
        },
        "LowRankMultivariateNormal": {
            try LowRankMultivariateNormal(
                mean: $0.vector("loc"), factor: $0.matrix("cov_factor", columns: 2), diagonal: $0.vector("cov_diag"))
        },
        "Wishart": { try Wishart(degreesOfFreedom: $0("df"), scale: $0.matrix("covariance_matrix", columns: 3)) },
    ]

    /// The tensors of one side of one row.
    struct Row {
        let golden: GoldenCase
        let prefix: String
        let row: Int

        func vector(_ name: String) throws -> [Double] {
            let values: [Double] = try golden.values(prefix + name)
            let size = values.count / 4
            return Array(values[row * size..<(row + 1) * size])
        }
        func callAsFunction(_ name: String) throws -> Double { try vector(name)[0] }
        func matrix(_ name: String, columns: Int) throws -> Matrix<Double> {
            let values = try vector(name)
            return Matrix(rows: values.count / columns, columns: columns, elements: values)
        }
    }

    static let pairs: [String] = {
        guard Golden.has("distributions", "kl_pairs"), let golden = try? Golden.load("distributions", "kl_pairs") else { return [] }
        return golden.strings("pairs") ?? []
    }()

    @Test(.enabled(if: Golden.has("distributions", "kl_pairs"), "golden divergences are not there"))
    func allPairsAreThere() { #expect(Self.pairs.count == 87) }

    /// Within 1e-12, relative to 1 where the divergence is smaller: torch's own float64 sums cancel to it.
    @Test(arguments: pairs)
    func pair(_ pair: String) throws {
        let names = pair.split(separator: "|").map(String.init)
        let golden = try Golden.load("distributions", "kl_pairs")
        let base = "kl.\(names[0]).\(names[1])"
        let expected: [Double] = try golden.values(base)
        let (makeP, makeQ) = try (#require(Self.makers[names[0]]), #require(Self.makers[names[1]]))
        for row in 0..<4 {
            let p = try makeP(Row(golden: golden, prefix: base + ".p.", row: row))
            let q = try makeQ(Row(golden: golden, prefix: base + ".q.", row: row))
            let found = try KLDivergence.standard(p, q)
            let bound = 1e-12 * max(1, expected[row])
            #expect(found == expected[row] || abs(found - expected[row]) <= bound, "\(pair) \(row): \(found), expected \(expected[row])")
        }
    }
}
