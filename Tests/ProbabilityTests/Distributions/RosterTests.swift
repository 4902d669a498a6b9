import Probability
import TestSupport
import Testing

/// Every distribution of the module is on the lists that the laws run over.
@Suite struct RosterTests {
    static let univariate: Set<String> = [
        "Normal", "LogNormal", "HalfNormal", "TruncatedNormal", "StudentT", "Cauchy", "HalfCauchy", "Laplace", "Logistic",
        "Gumbel", "Weibull", "Exponential", "Gamma", "InverseGamma", "ChiSquared", "FisherF", "Beta", "Kumaraswamy", "Uniform",
        "Pareto", "Rayleigh", "VonMises", "ContinuousBernoulli", "Bernoulli", "Binomial", "NegativeBinomial", "Geometric",
        "Hypergeometric", "Poisson", "Categorical",
    ]
    static let multivariate: Set<String> = [
        "OneHotCategorical", "Multinomial", "Dirichlet", "DirichletMultinomial", "MultivariateNormal", "DiagonalNormal",
        "LowRankMultivariateNormal", "MultivariateStudentT",
    ]
    static let matrices: Set<String> = ["Wishart", "InverseWishart", "LKJCholesky"]

    @Test func lawsRunOverAll() {
        let numbers = LawSubjects.continuous.map { type(of: $0).name } + LawSubjects.discrete.map { type(of: $0).name }
        #expect(Set(numbers) == Self.univariate)
        let vectors = Set(MultivariateLaws.vectors.map { type(of: $0).name })
        #expect(vectors.isSuperset(of: Self.multivariate))
        #expect(vectors.subtracting(Self.multivariate) == ["Independent<Gamma>", "Mixture<DiagonalNormal>"])
        #expect(Set(MultivariateLaws.matrices.map { type(of: $0).name }) == Self.matrices)
    }

    /// Every golden file of distributions has a test; the list of disagreements is prose.
    @Test func everyGoldenFileIsRead() {
        let files = Set(Golden.cases("distributions"))
        let univariate = Set(GoldenFamilies.continuous.keys).union(GoldenFamilies.discrete.keys)
        let others: Set = [
            "categorical", "dirichlet", "kl_pairs", "low_rank_multivariate_normal", "multinomial", "multivariate_normal", "wishart",
            "disagreements_torch_scipy",
        ]
        #expect(files.subtracting(univariate).subtracting(others).isEmpty)
        let chains: Set = ["diagnostics", "importance_psis", "eight_schools", "logistic_regression", "linear_regression"]
        #expect(Set(Golden.cases("mcmc")).subtracting(chains).isEmpty)
    }

    /// Wrong values of every family's parameters are on the list of `ParameterTests`.
    @Test func everyFamilyRefusesWrongParameters() {
        var names: Set<String> = []
        for (_, make) in ParameterTests.wrong {
            do {
                _ = try make()
            } catch let DistributionError.invalidParameter(distribution, _, _, _) {
                names.insert(distribution)
            } catch {
                Issue.record("\(error)")
            }
        }
        #expect(names == Self.univariate.union(Self.multivariate).union(Self.matrices).union(["Delta", "Empirical", "Mixture<Normal>"]))
    }
}
