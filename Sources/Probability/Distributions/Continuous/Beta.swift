import CGSL
import Foundation
import Matrices

/// The beta distribution: density xᵅ⁻¹(1 − x)ᵝ⁻¹/B(α, β) on [0, 1], α = `concentration1`, β = `concentration0`.
///
/// Distribution function by the incomplete beta function of this module, in logarithms; quantiles by Newton's method on
/// them. Single draws by GSL's `gsl_ran_beta`.
public struct Beta: ContinuousDistribution, ReparameterizedDistribution {
    /// α, the exponent of x.
    public let concentration1: Double
    /// β, the exponent of 1 − x.
    public let concentration0: Double

    /// - Throws: `DistributionError.invalidParameter` unless both are finite and above 0.
    public init(concentration1: Double, concentration0: Double) throws(DistributionError) {
        (self.concentration1, self.concentration0) = (concentration1, concentration0)
        try Self.check("concentration1", concentration1, .positive)
        try Self.check("concentration0", concentration0, .positive)
    }

    public static var name: String { "Beta" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("concentration1", [concentration1], .positive),
            DistributionParameter("concentration0", [concentration0], .positive),
        ]
    }
    public var support: Support { .interval(lower: 0, upper: 1) }
    private var total: Double { concentration1 + concentration0 }
    /// α/(α + β).
    public var mean: Double { concentration1 / total }
    /// αβ/((α + β)²(α + β + 1)).
    public var variance: Double { concentration1 / total * (concentration0 / total) / (total + 1) }

    /// (α − 1)/(α + β − 2) where both exceed 1; the end of higher density otherwise; NaN where both are below 1, with
    /// infinite density at both ends.
    public var mode: Double {
        let (a, b) = (concentration1, concentration0)
        if a > 1, b > 1 { return (a - 1) / (total - 2) }
        if a == 1, b == 1 { return 0.5 }
        if a < 1, b < 1 { return .nan }
        return a < b ? 0 : 1
    }

    /// ln B(α, β) − (α − 1)ψ(α) − (β − 1)ψ(β) + (α + β − 2)ψ(α + β), with the terms that cancel taken out.
    public var entropy: Double {
        let (a, b, n) = (concentration1, concentration0, total)
        let logs = 0.5 * log(a) + 0.5 * log(b) - 1.5 * log(n) + halfLogTwoPi
        return logs + stirlingError(a) + stirlingError(b) - stirlingError(n) - (a - 1) * digammaMinusLog(a)
            - (b - 1) * digammaMinusLog(b) + (n - 2) * digammaMinusLog(n)
    }

    /// At the ends the limit: ∞, the density of the formula with 0⁰ = 1, or −∞.
    public func logDensity(_ x: Double) -> Double {
        let (a, b) = (concentration1, concentration0)
        guard x > 0, x < 1 else {
            if x != 0 && x != 1 { return x.isNaN ? .nan : -.infinity }
            let (own, other) = x == 0 ? (a, b) : (b, a)
            return own < 1 ? .infinity : own == 1 ? log(other) : -.infinity
        }
        return logBetaTerm(a, b, x, 1 - x) - log(x) - log1p(-x)
    }

    private func logTails(_ x: Double) -> (lower: Double, upper: Double) {
        logIncompleteBeta(concentration1, concentration0, x, 1 - x)
    }

    public func cdf(_ x: Double) -> Double { exp(logTails(x).lower) }
    public func survival(_ x: Double) -> Double { exp(logTails(x).upper) }
    public func logCdf(_ x: Double) -> Double { logTails(x).lower }
    public func logSurvival(_ x: Double) -> Double { logTails(x).upper }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return logistic(incompleteBetaInverseLogOdds(concentration1, concentration0, p))
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return logistic(incompleteBetaInverseLogOdds(concentration1, concentration0, q, upper: true))
    }

    public func sample(_ stream: inout RandomStream) -> Double {
        stream.withGenerator { gsl_ran_beta($0, concentration1, concentration0) }
    }

    /// ∂x/∂α and ∂x/∂β by implicit reparameterisation.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        let (first, second) = betaConcentrationDerivatives(concentration1, concentration0, value, 1 - value)
        return [[cotangent * first], [cotangent * second]]
    }
}
