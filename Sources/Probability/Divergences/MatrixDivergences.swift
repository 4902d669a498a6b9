// Divergences between distributions of matrices.

import Foundation
import Matrices

extension Wishart {
    /// ν₂/2·(ln|V₂| − ln|V₁|) + ν₁/2·(tr V₂⁻¹V₁ − p) + ln Γ_p(ν₂/2)/Γ_p(ν₁/2) + (ν₁ − ν₂)/2·ψ_p(ν₁/2), in nats.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: Wishart) throws(DistributionError) -> Double {
        try checkSize(other)
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
        try checkSize(other)
        // V = Ψ⁻¹: tr Ψ₂Ψ₁⁻¹ and the determinants change sides.
        return wishartDivergence(
            degreesOfFreedom, other.degreesOfFreedom, trace: frobeniusSquare(of: other.choleskyFactor, over: choleskyFactor),
            logDeterminants: 2 * (choleskyFactor.logDiagonalSum - other.choleskyFactor.logDiagonalSum), size: size,
            digammaSum: digammaSum)
    }
}

extension Wishart {
    /// To a distribution of the same matrices seen as inverse Wishart: E[−ln q] less the entropy, from E[ln|X|] and
    /// E[X⁻¹] = V⁻¹/(ν − p − 1), in nats; infinite for ν ≤ p + 1.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: InverseWishart) throws(DistributionError) -> Double {
        try checkSize(other)
        let excess = degreesOfFreedom - p - 1
        guard excess > 0 else { return .infinity }
        let trace = frobeniusSquare(of: other.choleskyFactor, over: choleskyFactor) / excess
        let powers = 0.5 * (other.degreesOfFreedom + p + 1) * expectedLogDeterminant + 0.5 * trace
        return max(0, powers - other.logNormaliser - entropy)
    }
}

extension InverseWishart {
    /// From E[ln|X|] and E[X] = Ψ/(ν − p − 1), in nats; infinite for ν ≤ p + 1.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: Wishart) throws(DistributionError) -> Double {
        try checkSize(other)
        let excess = degreesOfFreedom - p - 1
        guard excess > 0 else { return .infinity }
        let expectedLogDeterminant = 2 * choleskyFactor.logDiagonalSum - digammaSum - p * log(2)
        let trace = frobeniusSquare(of: choleskyFactor, over: other.choleskyFactor) / excess
        let powers = 0.5 * trace - 0.5 * (other.degreesOfFreedom - p - 1) * expectedLogDeterminant
        return max(0, powers - other.logNormaliser - entropy)
    }
}

extension WishartFamily {
    fileprivate func checkSize(_ other: some WishartFamily) throws(DistributionError) {
        guard size == other.size else {
            throw .dimensionMismatch(distribution: Self.name, parameter: "scale", expected: size, found: other.size)
        }
    }
}

extension LKJCholesky {
    /// ln of the normalisers' ratio and 2(η₁ − η₂)·Σ E[ln Lᵢᵢ], in nats.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: LKJCholesky) throws(DistributionError) -> Double {
        guard size == other.size else {
            throw .dimensionMismatch(distribution: Self.name, parameter: "size", expected: size, found: other.size)
        }
        let logarithms = (1..<size).reduce(0) { $0 + expectedLogDiagonal($1) }
        return max(0, other.logNormaliser - logNormaliser + 2 * (concentration - other.concentration) * logarithms)
    }
}

private func wishartDivergence(
    _ nu: Double, _ other: Double, trace: Double, logDeterminants: Double, size: Int, digammaSum: Double
) -> Double {
    let gammas = logMultivariateGamma(0.5 * other, dimension: size) - logMultivariateGamma(0.5 * nu, dimension: size)
    let scales = 0.5 * other * logDeterminants + 0.5 * nu * (trace - Double(size))
    return max(0, scales + gammas + 0.5 * (nu - other) * digammaSum)
}
