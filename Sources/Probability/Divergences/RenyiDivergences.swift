// Rényi's divergence within exponential families (Nielsen and Nock 2011, arXiv:1105.3259): with the log-normaliser F of the
// natural parameters θ, (F(αθ₁ + (1 − α)θ₂) − αF(θ₁) − (1 − α)F(θ₂))/(α − 1), infinite where the mixed θ has no F.

import Foundation

/// The formula above. At α = 1 the Kullback–Leibler divergence.
private func mixedDivergence<Parameters>(
    _ alpha: Double, _ p: Parameters, _ q: Parameters, _ mixed: (Double, Double) -> Parameters?,
    logNormaliser: (Parameters) -> Double, atOne: () throws -> Double
) rethrows -> Double {
    precondition(alpha > 0, "a divergence of order \(alpha)")
    if abs(alpha - 1) < 1e-9 { return try atOne() }
    guard let middle = mixed(alpha, 1 - alpha) else { return .infinity }
    let gap = logNormaliser(middle) - alpha * logNormaliser(p) - (1 - alpha) * logNormaliser(q)
    return max(0, gap / (alpha - 1))
}

/// ln Γ(shape) − shape·ln rate of a pair (shape, rate).
private func gammaLogNormaliser(_ parameters: (shape: Double, rate: Double)) -> Double {
    logGamma(parameters.shape) - parameters.shape * log(parameters.rate)
}

private func gammaRenyi(
    _ alpha: Double, _ p: (shape: Double, rate: Double), _ q: (shape: Double, rate: Double), atOne: () -> Double
) -> Double {
    mixedDivergence(
        alpha, p, q,
        { a, b in
            let middle = (shape: a * p.shape + b * q.shape, rate: a * p.rate + b * q.rate)
            return middle.shape > 0 && middle.rate > 0 ? middle : nil
        }, logNormaliser: gammaLogNormaliser, atOne: atOne)
}

extension Gamma {
    /// Rényi's divergence of order α > 0 in nats; infinite where the mixed shape or rate is not above 0.
    public func renyiDivergence(order alpha: Double, to other: Gamma) -> Double {
        gammaRenyi(alpha, (concentration, rate), (other.concentration, other.rate)) { klDivergence(to: other) }
    }
}

extension InverseGamma {
    /// That of the gamma distributions of 1/x, in nats.
    public func renyiDivergence(order alpha: Double, to other: InverseGamma) -> Double {
        gammaRenyi(alpha, (concentration, rate), (other.concentration, other.rate)) { klDivergence(to: other) }
    }
}

/// ln B of concentrations.
private func dirichletLogNormaliser(_ concentration: [Double]) -> Double {
    concentration.reduce(-logGamma(concentration.reduce(0, +))) { $0 + logGamma($1) }
}

private func dirichletRenyi(
    _ alpha: Double, _ p: [Double], _ q: [Double], atOne: () throws -> Double
) rethrows -> Double {
    try mixedDivergence(
        alpha, p, q,
        { a, b in
            let middle = zip(p, q).map { a * $0 + b * $1 }
            return middle.allSatisfy { $0 > 0 } ? middle : nil
        }, logNormaliser: dirichletLogNormaliser, atOne: atOne)
}

extension Beta {
    /// Rényi's divergence of order α > 0 in nats; infinite where a mixed concentration is not above 0.
    public func renyiDivergence(order alpha: Double, to other: Beta) -> Double {
        dirichletRenyi(
            alpha, [concentration1, concentration0], [other.concentration1, other.concentration0]
        ) { klDivergence(to: other) }
    }
}

extension Dirichlet {
    /// Rényi's divergence of order α > 0 in nats; infinite where a mixed concentration is not above 0.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func renyiDivergence(order alpha: Double, to other: Dirichlet) throws -> Double {
        try checkDimension(other.dimension)
        return try dirichletRenyi(alpha, concentration, other.concentration) { try klDivergence(to: other) }
    }
}

extension Poisson {
    /// (λ₁ᵅλ₂¹⁻ᵅ − αλ₁ − (1 − α)λ₂)/(α − 1), in nats; infinite where λ₂ is 0, λ₁ is not and α ≥ 1.
    public func renyiDivergence(order alpha: Double, to other: Poisson) -> Double {
        precondition(alpha > 0, "a divergence of order \(alpha)")
        if abs(alpha - 1) < 1e-9 { return klDivergence(to: other) }
        if other.rate == 0, rate > 0, alpha > 1 { return .infinity }
        let mixed = rate == 0 || other.rate == 0 ? 0 : exp(alpha * log(rate) + (1 - alpha) * log(other.rate))
        return max(0, (mixed - alpha * rate - (1 - alpha) * other.rate) / (alpha - 1))
    }
}

extension Bernoulli {
    /// That of the two classes, in nats.
    public func renyiDivergence(order alpha: Double, to other: Bernoulli) -> Double {
        precondition(alpha > 0, "a divergence of order \(alpha)")
        if abs(alpha - 1) < 1e-9 { return klDivergence(to: other) }
        func term(_ p: Double, _ q: Double) -> Double {
            if p == 0 { return 0 }
            if q == 0 { return alpha > 1 ? .infinity : 0 }
            return exp(alpha * log(p) + (1 - alpha) * log(q))
        }
        let sum = term(probability, other.probability) + term(1 - probability, 1 - other.probability)
        return max(0, log(sum) / (alpha - 1))
    }
}
