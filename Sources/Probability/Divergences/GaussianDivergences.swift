// Divergences between multivariate normal distributions, and from multivariate t to them.

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

extension MultivariateStudentT {
    /// To a multivariate normal distribution, ½(tr Σ⁻¹C + (μ − m)ᵀΣ⁻¹(μ − m) + d·ln 2π + ln|Σ|) less the entropy, C the
    /// covariance, in nats; infinite for ν ≤ 2. O(d³).
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: MultivariateNormal) throws(DistributionError) -> Double {
        try gaussianDivergence(to: other)
    }

    func gaussianDivergence(to other: some GaussianDistribution) throws(DistributionError) -> Double {
        try checkDimension(other.dimension)
        guard degreesOfFreedom > 2 else { return .infinity }
        // A normal distribution of the same first moments has the same cross-entropy.
        let spread = (degreesOfFreedom / (degreesOfFreedom - 2)).squareRoot()
        let factor = spread * choleskyFactor
        let matched = factorDivergence(location, factor, other.mean, other.gaussianFactor)
        let matchedEntropy = Double(dimension) * (halfLogTwoPi + 0.5) + factor.logDiagonalSum
        return max(0, matched + matchedEntropy - entropy)
    }
}
