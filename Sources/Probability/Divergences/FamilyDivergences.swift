// KL(P‖Q) within one family, written so that close pairs keep their digits: what the cross-entropies' differences lose.

import Foundation

/// x − 1 − ln x, with its digits near 1; `excess` is x − 1.
private func logGap(excess: Double) -> Double { excess > -1 ? -logOnePlusMinus(excess) : .infinity }

extension LogNormal {
    /// That of the normal distributions of ln x, in nats.
    public func klDivergence(to other: LogNormal) -> Double {
        normalDivergence(difference: location - other.location, sigma: scale, otherSigma: other.scale)
    }
}

extension HalfNormal {
    /// ½(r² − 1) − ln r, r = σ₁/σ₂, in nats.
    public func klDivergence(to other: HalfNormal) -> Double {
        normalDivergence(difference: 0, sigma: scale, otherSigma: other.scale)
    }
}

extension Rayleigh {
    /// r² − 1 − ln r², r = σ₁/σ₂, in nats.
    public func klDivergence(to other: Rayleigh) -> Double {
        2 * normalDivergence(difference: 0, sigma: scale, otherSigma: other.scale)
    }
}

extension Exponential {
    /// r − 1 − ln r, r = rate₂/rate₁, in nats.
    public func klDivergence(to other: Exponential) -> Double { logGap(excess: (other.rate - rate) / rate) }
}

extension Gamma {
    /// (α₁ − α₂)ψ(α₁) − ln Γ(α₁)/Γ(α₂) + α₂·ln(β₁/β₂) + α₁(β₂ − β₁)/β₁, in nats.
    public func klDivergence(to other: Gamma) -> Double {
        gammaDivergence(concentration, other.concentration, rateRatioExcess: (other.rate - rate) / rate)
    }
}

extension InverseGamma {
    /// That of the gamma distributions of 1/x, in nats.
    public func klDivergence(to other: InverseGamma) -> Double {
        gammaDivergence(concentration, other.concentration, rateRatioExcess: (other.rate - rate) / rate)
    }
}

extension ChiSquared {
    /// That of gamma distributions of one rate, in nats.
    public func klDivergence(to other: ChiSquared) -> Double {
        gammaDivergence(0.5 * degreesOfFreedom, 0.5 * other.degreesOfFreedom, rateRatioExcess: 0)
    }
}

/// With e = β₂/β₁ − 1: α₂·(e − ln(1 + e)) + (α₁ − α₂)·e, and the part of the shapes alone.
private func gammaDivergence(_ a: Double, _ b: Double, rateRatioExcess e: Double) -> Double {
    max(0, b * logGap(excess: e) + (a - b) * e + shapeDivergence(a, b))
}

/// ln Γ(b) − ln Γ(a) − (b − a)ψ(a), ≥ 0: by Taylor's series where b is near a.
private func shapeDivergence(_ a: Double, _ b: Double) -> Double {
    let difference = b - a
    if a >= 10, b >= 10 {
        // Stirling's parts: b·ln(b/a) − difference and so on cancel among themselves.
        let ratio = difference / a
        let main = b * log1p(ratio) - difference - 0.5 * log1p(ratio)
        return main + stirlingError(b) - stirlingError(a) - difference * digammaMinusLog(a)
    }
    return logGamma(b) - logGamma(a) - difference * digamma(a)
}

extension Beta {
    /// ln B(α₂, β₂)/B(α₁, β₁) + (α₁ − α₂)ψ(α₁) + (β₁ − β₂)ψ(β₁) + (α₂ − α₁ + β₂ − β₁)ψ(α₁ + β₁), in nats.
    public func klDivergence(to other: Beta) -> Double {
        dirichletDivergence([concentration1, concentration0], [other.concentration1, other.concentration0])
    }
}

/// Each concentration's shape divergence less that of the totals.
func dirichletDivergence(_ p: [Double], _ q: [Double]) -> Double {
    let parts = zip(p, q).reduce(0) { $0 + shapeDivergence($1.0, $1.1) }
    return max(0, parts - shapeDivergence(p.reduce(0, +), q.reduce(0, +)))
}

extension Dirichlet {
    /// ln Γ(α₀)/Γ(β₀) − Σ ln Γ(αᵢ)/Γ(βᵢ) + Σ (αᵢ − βᵢ)(ψ(αᵢ) − ψ(α₀)), in nats.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: Dirichlet) throws(DistributionError) -> Double {
        try checkDimension(other.dimension)
        return dirichletDivergence(concentration, other.concentration)
    }
}

extension Laplace {
    /// d/b₂ + (b₁/b₂)·e^−d/b₁ − 1 − ln(b₁/b₂), d = |μ₁ − μ₂|, in nats.
    public func klDivergence(to other: Laplace) -> Double {
        let distance = abs(location - other.location)
        let excess = (scale - other.scale) / other.scale
        // (b₁/b₂)(e^−d/b₁ − 1 + d/b₁) and r − 1 − ln r.
        let t = distance / scale
        let bend = t < 1e-3 ? t * t * (0.5 - t / 6 + t * t / 24) : expm1(-t) + t
        return max(0, logGap(excess: excess)) + scale / other.scale * bend
    }
}

extension Gumbel {
    /// ln(β₂/β₁) + γ(β₁/β₂ − 1) + (μ₁ − μ₂)/β₂ + e^(μ₂−μ₁)/β₂·Γ(1 + β₁/β₂) − 1, in nats.
    public func klDivergence(to other: Gumbel) -> Double {
        let (ratio, shift) = (scale / other.scale, (location - other.location) / other.scale)
        let gap = exp(logGammaOnePlus(ratio) - shift) - 1
        return max(0, -log(ratio) + eulerGamma * (ratio - 1) + shift + gap)
    }
}

extension Weibull {
    /// ln(k₁/λ₁^k₁) − ln(k₂/λ₂^k₂) + (k₁ − k₂)(ln λ₁ − γ/k₁) + (λ₁/λ₂)^k₂·Γ(k₂/k₁ + 1) − 1, in nats.
    public func klDivergence(to other: Weibull) -> Double {
        let (k, m) = (concentration, other.concentration)
        let logScale = log(scale / other.scale)
        let power = exp(m * logScale + logGammaOnePlus(m / k))
        return max(0, log(k / m) - m * logScale - (k - m) * eulerGamma / k + power - 1)
    }
}

extension Pareto {
    /// r − 1 − ln r with r = α₂/α₁, and α₂·ln(m₁/m₂), in nats; infinite for m₁ < m₂.
    public func klDivergence(to other: Pareto) -> Double {
        guard scale >= other.scale else { return .infinity }
        let excess = (other.concentration - concentration) / concentration
        return logGap(excess: excess) + other.concentration * log1p((scale - other.scale) / other.scale)
    }
}

extension Uniform {
    /// ln of the widths' ratio, in nats; infinite where the interval is not inside the other.
    public func klDivergence(to other: Uniform) -> Double {
        lower >= other.lower && upper <= other.upper ? log((other.upper - other.lower) / (upper - lower)) : .infinity
    }
}

extension Cauchy {
    /// ln(((γ₁ + γ₂)² + (x₁ − x₂)²)/(4γ₁γ₂)), in nats (Chyzak and Nielsen 2019, arXiv:1905.10965).
    public func klDivergence(to other: Cauchy) -> Double {
        let (d, g) = (location - other.location, scale - other.scale)
        return log1p((d * d + g * g) / (4 * scale * other.scale))
    }
}

extension HalfCauchy {
    /// ln((γ₁ + γ₂)²/(4γ₁γ₂)), in nats: that of the Cauchy distributions about 0.
    public func klDivergence(to other: HalfCauchy) -> Double {
        let g = scale - other.scale
        return log1p(g * g / (4 * scale * other.scale))
    }
}

extension VonMises {
    /// ln(I₀(κ₂)/I₀(κ₁)) + A(κ₁)(κ₁ − κ₂·cos(μ₁ − μ₂)), A = I₁/I₀, in nats, the two seen as laws of angles.
    public func klDivergence(to other: VonMises) -> Double {
        let (k, m) = (concentration, other.concentration)
        let s = sin(0.5 * (location - other.location))
        // Scaled Bessel functions: ln I₀(κ₂)/I₀(κ₁) = κ₂ − κ₁ + ln of the scaled ratio.
        let ratio = 1 - circularVariance
        let logNormalisers = logDensity(location) - other.logDensity(other.location)
        return max(0, logNormalisers - (k - m) * circularVariance + 2 * m * ratio * s * s)
    }
}

extension ContinuousBernoulli {
    /// ln C₁/C₂ + (η₁ − η₂)·E[x], in nats.
    public func klDivergence(to other: ContinuousBernoulli) -> Double {
        max(0, logDensity(0) - other.logDensity(0) + (logOdds - other.logOdds) * mean)
    }
}

extension MultivariateDistribution {
    func checkDimension(_ other: Int) throws(DistributionError) {
        guard dimension == other else {
            throw .dimensionMismatch(distribution: Self.name, parameter: "dimension", expected: dimension, found: other)
        }
    }
}
