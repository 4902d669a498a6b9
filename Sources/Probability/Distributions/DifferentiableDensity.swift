// The derivative of log densities by the value, which gradient samplers, guides and searches for modes need.

import Foundation
import Matrices

/// A distribution whose log density has a derivative by its value wherever the density is above 0, save at single points
/// (the peak of ``Laplace``), where a one-sided one is taken.
public protocol DifferentiableDensity: Distribution {
    /// ∂ ln p(x)/∂x for an x inside the support, in the shape of x.
    func score(_ x: Value) -> Value
}

// MARK: On the real line

extension Normal: DifferentiableDensity {
    public func score(_ x: Double) -> Double { (mean - x) / variance }
}

extension StudentT: DifferentiableDensity {
    public func score(_ x: Double) -> Double {
        let z = (x - location) / scale
        return -(degreesOfFreedom + 1) * z / (degreesOfFreedom + z * z) / scale
    }
}

extension Cauchy: DifferentiableDensity {
    public func score(_ x: Double) -> Double { cauchyScore((x - location) / scale) / scale }
}

/// −2z/(1 + z²).
private func cauchyScore(_ z: Double) -> Double { abs(z) > 1e8 ? -2 / z : -2 * z / (1 + z * z) }

extension Laplace: DifferentiableDensity {
    public func score(_ x: Double) -> Double { (x < location ? 1 : -1) / scale }
}

extension Logistic: DifferentiableDensity {
    public func score(_ x: Double) -> Double { -tanh(0.5 * (x - location) / scale) / scale }
}

extension Gumbel: DifferentiableDensity {
    public func score(_ x: Double) -> Double { expm1(-(x - location) / scale) / scale }
}

// MARK: On a half-line

extension LogNormal: DifferentiableDensity {
    public func score(_ x: Double) -> Double { -(1 + (log(x) - location) / (scale * scale)) / x }
}

extension HalfNormal: DifferentiableDensity {
    public func score(_ x: Double) -> Double { -x / (scale * scale) }
}

extension HalfCauchy: DifferentiableDensity {
    public func score(_ x: Double) -> Double { cauchyScore(x / scale) / scale }
}

extension Weibull: DifferentiableDensity {
    public func score(_ x: Double) -> Double { (concentration * (1 - pow(x / scale, concentration)) - 1) / x }
}

extension Exponential: DifferentiableDensity {
    public func score(_ x: Double) -> Double { -rate }
}

extension Gamma: DifferentiableDensity {
    public func score(_ x: Double) -> Double { (concentration - 1) / x - rate }
}

extension InverseGamma: DifferentiableDensity {
    public func score(_ x: Double) -> Double { (rate / x - concentration - 1) / x }
}

extension ChiSquared: DifferentiableDensity {
    public func score(_ x: Double) -> Double { (0.5 * degreesOfFreedom - 1) / x - 0.5 }
}

extension FisherF: DifferentiableDensity {
    public func score(_ x: Double) -> Double {
        let (a, b) = (degreesOfFreedom1, degreesOfFreedom2)
        return (0.5 * a - 1) / x - 0.5 * (a + b) * a / (b + a * x)
    }
}

extension Pareto: DifferentiableDensity {
    public func score(_ x: Double) -> Double { -(concentration + 1) / x }
}

extension Rayleigh: DifferentiableDensity {
    public func score(_ x: Double) -> Double { 1 / x - x / (scale * scale) }
}

// MARK: On an interval

extension TruncatedNormal: DifferentiableDensity {
    public func score(_ x: Double) -> Double { (location - x) / (scale * scale) }
}

extension Beta: DifferentiableDensity {
    public func score(_ x: Double) -> Double { (concentration1 - 1) / x - (concentration0 - 1) / (1 - x) }
}

extension Kumaraswamy: DifferentiableDensity {
    public func score(_ x: Double) -> Double {
        // xᵃ/(1 − xᵃ) = 1/(x⁻ᵃ − 1)
        (concentration1 - 1 - (concentration0 - 1) * concentration1 / expm1(-concentration1 * log(x))) / x
    }
}

extension Uniform: DifferentiableDensity {
    public func score(_ x: Double) -> Double { 0 }
}

extension VonMises: DifferentiableDensity {
    public func score(_ x: Double) -> Double { -concentration * sin(x - location) }
}

extension ContinuousBernoulli: DifferentiableDensity {
    public func score(_ x: Double) -> Double { logOdds }
}

// MARK: Of vectors and matrices

extension DiagonalNormal: DifferentiableDensity {
    public func score(_ x: [Double]) -> [Double] {
        checkWidth(x.count)
        return x.indices.map { (mean[$0] - x[$0]) / (standardDeviation[$0] * standardDeviation[$0]) }
    }
}

extension MultivariateNormal: DifferentiableDensity {
    /// −Σ⁻¹(x − μ). O(d²).
    public func score(_ x: [Double]) -> [Double] { choleskyFactor.solvingLowerTransposed(standardised(x)).map { -$0 } }
}

extension LowRankMultivariateNormal: DifferentiableDensity {
    /// −Σ⁻¹(x − μ). O(d·rank).
    public func score(_ x: [Double]) -> [Double] {
        checkWidth(x.count)
        return precisionTimes(zip(x, mean).map { $0 - $1 }).map { -$0 }
    }
}

extension MultivariateStudentT: DifferentiableDensity {
    /// −(ν + d)/(ν + q)·S⁻¹(x − μ), q = (x − μ)ᵀS⁻¹(x − μ). O(d²).
    public func score(_ x: [Double]) -> [Double] {
        checkWidth(x.count)
        let z = choleskyFactor.solvingLower(zip(x, location).map { $0 - $1 })
        let square = z.reduce(0) { $0 + $1 * $1 }
        let factor = -(degreesOfFreedom + Double(dimension)) / (degreesOfFreedom + square)
        return choleskyFactor.solvingLowerTransposed(z).map { factor * $0 }
    }
}

extension Dirichlet: DifferentiableDensity {
    /// (α − 1)/x, of the formula as a function of all coordinates.
    public func score(_ x: [Double]) -> [Double] {
        checkWidth(x.count)
        return zip(concentration, x).map { $0 == 1 ? 0 : ($0 - 1) / $1 }
    }
}

extension LKJCholesky: DifferentiableDensity {
    /// The exponents over the diagonal, of the formula as a function of the diagonal alone.
    public func score(_ x: Matrix<Double>) -> Matrix<Double> {
        .diagonal((0..<size).map { $0 == 0 ? 0 : exponent($0) / x[$0, $0] })
    }
}

// MARK: Made of others

extension Independent: DifferentiableDensity where Base: DifferentiableDensity {
    public func score(_ x: [Double]) -> [Double] {
        checkWidth(x.count)
        return zip(marginals, x).map { $0.score($1) }
    }
}

extension Transformed: DifferentiableDensity
where Base: DifferentiableDensity, Base.Value == Double, Map: ScalarTransform {
    public func score(_ y: Double) -> Double {
        let x = transform.inverse(y)
        return (base.score(x) - transform.logDeterminantSlope(x)) / transform.slope(x)
    }
}
