// Divergences between multivariate normal distributions, and between Wishart distributions.

import Foundation
import Matrices

/// ½·(‖L₂⁻¹L₁‖² + ‖L₂⁻¹(μ₁ − μ₂)‖² − d) + ln|L₂| − ln|L₁|, from lower Cholesky factors.
func factorDivergence(
    _ mean: [Double], _ factor: Matrix<Double>, _ otherMean: [Double], _ otherFactor: Matrix<Double>
) -> Double {
    let shift = otherFactor.solvingLower(zip(mean, otherMean).map { $0 - $1 })
    // The diagonal of L₂⁻¹L₁ is l₁/l₂: r² − 1 − ln r² of each, and the squares below.
    var sum = shift.reduce(0) { $0 + $1 * $1 }
    for column in mean.indices {
        let z = otherFactor.solvingLower(mean.indices.map { factor[$0, column] })
        for row in mean.indices where row != column { sum += z[row] * z[row] }
        let excess = (factor[column, column] - otherFactor[column, column]) / otherFactor[column, column]
        sum += excess * (excess + 2) - 2 * log1p(excess)
    }
    return max(0, 0.5 * sum)
}

/// A distribution that is multivariate normal.
protocol GaussianDistribution: MultivariateDistribution {
    /// The lower Cholesky factor of the covariance. O(d³) where it is not at hand.
    var gaussianFactor: Matrix<Double> { get }
}

extension MultivariateNormal: GaussianDistribution {
    var gaussianFactor: Matrix<Double> { choleskyFactor }
}

extension DiagonalNormal: GaussianDistribution {
    var gaussianFactor: Matrix<Double> { .diagonal(standardDeviation) }
}

extension LowRankMultivariateNormal: GaussianDistribution {
    var gaussianFactor: Matrix<Double> {
        // W·Wᵀ + diag D with D > 0 always has a factor, short of overflow.
        (try? CholeskyFactorization(covariance).factor) ?? .undefined(size: dimension)
    }
}

extension GaussianDistribution {
    /// KL(N(μ₁, Σ₁) ‖ N(μ₂, Σ₂)) = ½(tr Σ₂⁻¹Σ₁ + (μ₂ − μ₁)ᵀΣ₂⁻¹(μ₂ − μ₁) − d + ln|Σ₂| − ln|Σ₁|), in nats. O(d³).
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    func gaussianDivergence(to other: some GaussianDistribution) throws(DistributionError) -> Double {
        try checkDimension(other.dimension)
        return factorDivergence(mean, gaussianFactor, other.mean, other.gaussianFactor)
    }
}

extension MultivariateNormal {
    /// ½(tr Σ₂⁻¹Σ₁ + (μ₂ − μ₁)ᵀΣ₂⁻¹(μ₂ − μ₁) − d + ln|Σ₂| − ln|Σ₁|), in nats. O(d³).
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: MultivariateNormal) throws(DistributionError) -> Double {
        try gaussianDivergence(to: other)
    }
}

extension Wishart {
    /// ν₂/2·(ln|V₂| − ln|V₁|) + ν₁/2·(tr V₂⁻¹V₁ − p) + ln Γ_p(ν₂/2)/Γ_p(ν₁/2) + (ν₁ − ν₂)/2·ψ_p(ν₁/2), in nats.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: Wishart) throws(DistributionError) -> Double {
        guard size == other.size else {
            throw .dimensionMismatch(distribution: Self.name, parameter: "scale", expected: size, found: other.size)
        }
        return wishartDivergence(
            degreesOfFreedom, other.degreesOfFreedom, trace: frobeniusSquare(of: choleskyFactor, over: other.choleskyFactor),
            logDeterminants: 2 * (other.choleskyFactor.logDiagonalSum - choleskyFactor.logDiagonalSum), size: size,
            digammaSum: digammaSum)
    }
}

extension InverseWishart {
    /// That of the Wishart distributions of X⁻¹, in nats.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: InverseWishart) throws(DistributionError) -> Double {
        guard size == other.size else {
            throw .dimensionMismatch(distribution: Self.name, parameter: "scale", expected: size, found: other.size)
        }
        let digammas = (0..<size).reduce(0.0) { $0 + digamma(0.5 * (degreesOfFreedom - Double($1))) }
        // V = Ψ⁻¹: tr Ψ₂Ψ₁⁻¹ and the determinants change sides.
        return wishartDivergence(
            degreesOfFreedom, other.degreesOfFreedom, trace: frobeniusSquare(of: other.choleskyFactor, over: choleskyFactor),
            logDeterminants: 2 * (choleskyFactor.logDiagonalSum - other.choleskyFactor.logDiagonalSum), size: size,
            digammaSum: digammas)
    }
}

private func wishartDivergence(
    _ nu: Double, _ other: Double, trace: Double, logDeterminants: Double, size: Int, digammaSum: Double
) -> Double {
    let gammas = logMultivariateGamma(0.5 * other, dimension: size) - logMultivariateGamma(0.5 * nu, dimension: size)
    let scales = 0.5 * other * logDeterminants + 0.5 * nu * (trace - Double(size))
    return max(0, scales + gammas + 0.5 * (nu - other) * digammaSum)
}
