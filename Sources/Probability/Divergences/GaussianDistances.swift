// Rényi's divergence and the 2-Wasserstein distance between multivariate normal distributions, however they are held.

import Foundation
import Matrices

extension MultivariateNormal {
    /// Rényi's divergence of order α > 0 in nats; infinite where αΣ₂ + (1 − α)Σ₁ is not positive definite. O(d³).
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func renyiDivergence(order alpha: Double, to other: MultivariateNormal) throws(DistributionError) -> Double {
        try gaussianRenyiDivergence(order: alpha, to: other)
    }

    /// The 2-Wasserstein (Bures) distance √(‖μ₁ − μ₂‖² + tr Σ₁ + tr Σ₂ − 2·tr (Σ₁^½Σ₂Σ₁^½)^½). With Σ = L·Lᵀ the last trace
    /// is the sum of the singular values of L₁ᵀL₂. O(d³).
    ///
    /// - Throws: `DistributionError.dimensionMismatch`, or `.invalidMatrix` where the decomposition does not converge.
    public func wasserstein2Distance(to other: MultivariateNormal) throws(DistributionError) -> Double {
        try gaussianWasserstein2Distance(to: other)
    }
}

extension LowRankMultivariateNormal {
    /// Rényi's divergence of order α > 0 in nats, as that of `MultivariateNormal`. O(d³).
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func renyiDivergence(
        order alpha: Double, to other: LowRankMultivariateNormal
    ) throws(DistributionError) -> Double {
        try gaussianRenyiDivergence(order: alpha, to: other)
    }

    /// The 2-Wasserstein distance, as that of `MultivariateNormal`. O(d³).
    ///
    /// - Throws: `DistributionError.dimensionMismatch`, or `.invalidMatrix` where the decomposition does not converge.
    public func wasserstein2Distance(to other: LowRankMultivariateNormal) throws(DistributionError) -> Double {
        try gaussianWasserstein2Distance(to: other)
    }
}

extension GaussianDistribution {
    func gaussianRenyiDivergence(
        order alpha: Double, to other: some GaussianDistribution
    ) throws(DistributionError) -> Double {
        precondition(alpha > 0, "a divergence of order \(alpha)")
        try checkDimension(other.dimension)
        if abs(alpha - 1) < 1e-9 { return try gaussianDivergence(to: other) }
        let mixed = alpha * other.covariance + (1 - alpha) * covariance
        guard let factor = try? CholeskyFactorization(mixed).factor else { return .infinity }
        let z = factor.solvingLower(zip(mean, other.mean).map { $0 - $1 })
        let square = z.reduce(0) { $0 + $1 * $1 }
        // ln|mixed| − (1 − α)·ln|Σ₁| − α·ln|Σ₂|
        let own = (1 - alpha) * gaussianFactor.logDiagonalSum
        let logs = 2 * (factor.logDiagonalSum - own - alpha * other.gaussianFactor.logDiagonalSum)
        return 0.5 * alpha * square - logs / (2 * (alpha - 1))
    }

    func gaussianWasserstein2Distance(to other: some GaussianDistribution) throws(DistributionError) -> Double {
        try checkDimension(other.dimension)
        let singular: [Double]
        do {
            singular = try gaussianFactor.multiplied(.transposed, by: other.gaussianFactor).singularValues()
        } catch {
            throw .invalidMatrix(distribution: Self.name, parameter: "choleskyFactor", problem: error)
        }
        let traces = variance.reduce(0, +) + other.variance.reduce(0, +)
        let shift = zip(mean, other.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return max(0, shift + traces - 2 * singular.reduce(0, +)).squareRoot()
    }
}
