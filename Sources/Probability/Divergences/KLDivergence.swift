/// Closed-form Kullback–Leibler divergences KL(P‖Q) = E_P[ln p − ln q] in nats, found by the pair of types.
///
/// Where the types are known when compiling, call `p.klDivergence(to: q)`. This table serves code that is generic over
/// distributions; `standard` holds every pair of this module, and more can be added to a copy. The pairs are listed in
/// the article <doc:Divergences>. For the others there is `MonteCarloDivergence`.
public struct KLDivergence: Sendable {
    private struct Pair: Hashable, Sendable {
        let p: ObjectIdentifier
        let q: ObjectIdentifier
    }

    private var rules: [Pair: @Sendable (any Distribution, any Distribution) throws -> Double?] = [:]
    /// Whether pairs that are not registered may come from expectations in closed form, or from summing whole numbers.
    private var usesExpectations = false

    /// A table without entries.
    public init() {}

    /// The divergences of this module.
    public static let standard: KLDivergence = {
        var table = KLDivergence()
        table.usesExpectations = true
        table.registerContinuous()
        table.registerDiscrete()
        table.registerMultivariate()
        return table
    }()

    /// Adds or replaces the divergence of a pair of types.
    public mutating func register<P: Distribution, Q: Distribution>(
        _ p: P.Type, _ q: Q.Type, _ divergence: @escaping @Sendable (P, Q) throws -> Double
    ) {
        rules[Pair(p: ObjectIdentifier(p), q: ObjectIdentifier(q))] = { p, q in
            guard let p = p as? P, let q = q as? Q else { return nil }
            return try divergence(p, q)
        }
    }

    /// Whether the table has the pair for all parameters; a pair that it does not have may still be known to be infinite
    /// for some, by the supports.
    public func knows(_ p: any Distribution.Type, _ q: any Distribution.Type) -> Bool {
        if rules[Pair(p: ObjectIdentifier(p), q: ObjectIdentifier(q))] != nil { return true }
        guard usesExpectations else { return false }
        if p is any DiscreteDistribution.Type, q is any DiscreteDistribution.Type { return true }
        guard let target = q as? any CrossEntropyTarget.Type, let source = p as? any MomentSource.Type else { return false }
        return source.knows(target.requiredMoments)
    }

    /// KL(P‖Q) in nats, at least 0; infinite where P has probability outside the support of Q.
    ///
    /// - Throws: `DistributionError.noDivergence` where the table does not have the pair, and what the pair's own
    ///   divergence throws.
    public func callAsFunction(_ p: any Distribution, _ q: any Distribution) throws -> Double {
        let pair = Pair(p: ObjectIdentifier(type(of: p)), q: ObjectIdentifier(type(of: q)))
        if let value = try rules[pair]?(p, q) { return value }
        if usesExpectations, let p = p as? any ContinuousDistribution, let target = q as? any CrossEntropyTarget,
            let value = target.divergence(from: p)
        {
            return value
        }
        if usesExpectations, let p = p as? any DiscreteDistribution, let q = q as? any DiscreteDistribution {
            return p.summedDivergence(to: q)
        }
        throw DistributionError.noDivergence(from: type(of: p).name, to: type(of: q).name)
    }
}

extension KLDivergence {
    private mutating func registerContinuous() {
        register(Normal.self, Normal.self) { $0.klDivergence(to: $1) }
        register(LogNormal.self, LogNormal.self) { $0.klDivergence(to: $1) }
        register(HalfNormal.self, HalfNormal.self) { $0.klDivergence(to: $1) }
        register(Rayleigh.self, Rayleigh.self) { $0.klDivergence(to: $1) }
        register(Exponential.self, Exponential.self) { $0.klDivergence(to: $1) }
        register(Gamma.self, Gamma.self) { $0.klDivergence(to: $1) }
        register(InverseGamma.self, InverseGamma.self) { $0.klDivergence(to: $1) }
        register(ChiSquared.self, ChiSquared.self) { $0.klDivergence(to: $1) }
        register(Beta.self, Beta.self) { $0.klDivergence(to: $1) }
        register(Laplace.self, Laplace.self) { $0.klDivergence(to: $1) }
        register(Gumbel.self, Gumbel.self) { $0.klDivergence(to: $1) }
        register(Weibull.self, Weibull.self) { $0.klDivergence(to: $1) }
        register(Pareto.self, Pareto.self) { $0.klDivergence(to: $1) }
        register(Uniform.self, Uniform.self) { $0.klDivergence(to: $1) }
        register(Cauchy.self, Cauchy.self) { $0.klDivergence(to: $1) }
        register(HalfCauchy.self, HalfCauchy.self) { $0.klDivergence(to: $1) }
        register(VonMises.self, VonMises.self) { $0.klDivergence(to: $1) }
        register(ContinuousBernoulli.self, ContinuousBernoulli.self) { $0.klDivergence(to: $1) }
        register(Delta.self, Delta.self) { $0.klDivergence(to: $1) }
        register(Delta.self, Empirical.self) { $0.klDivergence(to: $1) }
        register(Empirical.self, Delta.self) { $0.klDivergence(to: $1) }
        register(Empirical.self, Empirical.self) { $0.klDivergence(to: $1) }
    }

    private mutating func registerDiscrete() {
        register(Bernoulli.self, Bernoulli.self) { $0.klDivergence(to: $1) }
        register(Bernoulli.self, Poisson.self) { $0.klDivergence(to: $1) }
        register(Binomial.self, Binomial.self) { $0.klDivergence(to: $1) }
        register(Geometric.self, Geometric.self) { $0.klDivergence(to: $1) }
        register(NegativeBinomial.self, NegativeBinomial.self) { $0.klDivergence(to: $1) }
        register(Poisson.self, Poisson.self) { $0.klDivergence(to: $1) }
        register(Categorical.self, Categorical.self) { try $0.klDivergence(to: $1) }
    }

    private mutating func registerMultivariate() {
        register(OneHotCategorical.self, OneHotCategorical.self) { try $0.klDivergence(to: $1) }
        register(OneHotCategorical.self, Multinomial.self) { try $0.klDivergence(to: $1) }
        register(Multinomial.self, Multinomial.self) { try $0.klDivergence(to: $1) }
        register(Multinomial.self, OneHotCategorical.self) { try $0.klDivergence(to: $1) }
        register(Dirichlet.self, Dirichlet.self) { try $0.klDivergence(to: $1) }
        register(Wishart.self, Wishart.self) { try $0.klDivergence(to: $1) }
        register(Wishart.self, InverseWishart.self) { try $0.klDivergence(to: $1) }
        register(InverseWishart.self, Wishart.self) { try $0.klDivergence(to: $1) }
        register(InverseWishart.self, InverseWishart.self) { try $0.klDivergence(to: $1) }
        register(LKJCholesky.self, LKJCholesky.self) { try $0.klDivergence(to: $1) }
        register(MultivariateStudentT.self, DiagonalNormal.self) { try $0.gaussianDivergence(to: $1) }
        register(MultivariateStudentT.self, MultivariateNormal.self) { try $0.gaussianDivergence(to: $1) }
        register(MultivariateStudentT.self, LowRankMultivariateNormal.self) { try $0.gaussianDivergence(to: $1) }
        register(DiagonalNormal.self, DiagonalNormal.self) { try $0.klDivergence(to: $1) }
        register(DiagonalNormal.self, MultivariateNormal.self) { try $0.gaussianDivergence(to: $1) }
        register(DiagonalNormal.self, LowRankMultivariateNormal.self) { try $0.gaussianDivergence(to: $1) }
        register(MultivariateNormal.self, DiagonalNormal.self) { try $0.gaussianDivergence(to: $1) }
        register(MultivariateNormal.self, MultivariateNormal.self) { try $0.klDivergence(to: $1) }
        register(MultivariateNormal.self, LowRankMultivariateNormal.self) { try $0.gaussianDivergence(to: $1) }
        register(LowRankMultivariateNormal.self, DiagonalNormal.self) { try $0.gaussianDivergence(to: $1) }
        register(LowRankMultivariateNormal.self, MultivariateNormal.self) { try $0.gaussianDivergence(to: $1) }
        register(LowRankMultivariateNormal.self, LowRankMultivariateNormal.self) { try $0.gaussianDivergence(to: $1) }
    }
}
