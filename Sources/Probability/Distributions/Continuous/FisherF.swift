import CGSL
import Foundation

/// The F distribution of Fisher and Snedecor: (X/d₁)/(Y/d₂) of independent X ~ χ²(d₁), Y ~ χ²(d₂).
///
/// With u = d₁x/(d₁x + d₂), u ~ Beta(d₁/2, d₂/2); all tails come from the incomplete beta function of this module.
public struct FisherF: ContinuousDistribution, ReparameterizedDistribution {
    /// d₁, of the numerator.
    public let degreesOfFreedom1: Double
    /// d₂, of the denominator.
    public let degreesOfFreedom2: Double

    /// - Throws: `DistributionError.invalidParameter` unless both are finite and above 0.
    public init(degreesOfFreedom1: Double, degreesOfFreedom2: Double) throws(DistributionError) {
        (self.degreesOfFreedom1, self.degreesOfFreedom2) = (degreesOfFreedom1, degreesOfFreedom2)
        try Self.check("degreesOfFreedom1", degreesOfFreedom1, .positive)
        try Self.check("degreesOfFreedom2", degreesOfFreedom2, .positive)
    }

    public static var name: String { "FisherF" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("degreesOfFreedom1", [degreesOfFreedom1], .positive),
            DistributionParameter("degreesOfFreedom2", [degreesOfFreedom2], .positive),
        ]
    }
    public var support: Support { .interval(lower: 0, upper: .infinity) }
    private var a: Double { 0.5 * degreesOfFreedom1 }
    private var b: Double { 0.5 * degreesOfFreedom2 }

    /// d₂/(d₂ − 2), infinite for d₂ ≤ 2.
    public var mean: Double { b <= 1 ? .infinity : b / (b - 1) }
    /// 2d₂²(d₁ + d₂ − 2)/(d₁(d₂ − 2)²(d₂ − 4)), infinite for d₂ ≤ 4.
    public var variance: Double {
        b <= 2 ? .infinity : b * b * (a + b - 1) / (a * (b - 1) * (b - 1) * (b - 2))
    }
    /// (d₁ − 2)/d₁·d₂/(d₂ + 2), 0 for d₁ ≤ 2.
    public var mode: Double { a <= 1 ? 0 : (a - 1) / a * (b / (b + 1)) }

    /// ln(d₂/d₁) + ln B(a, b) + (1 − a)ψ(a) − (1 + b)ψ(b) + (a + b)ψ(a + b), a = d₁/2, b = d₂/2, with the terms that
    /// cancel taken out.
    public var entropy: Double {
        let n = a + b
        let logs = -0.5 * log(a) - 0.5 * log(b) + 0.5 * log(n) + halfLogTwoPi
        return logs + stirlingError(a) + stirlingError(b) - stirlingError(n) + (1 - a) * digammaMinusLog(a)
            - (1 + b) * digammaMinusLog(b) + n * digammaMinusLog(n)
    }

    /// u and 1 − u.
    private func parts(_ x: Double) -> (Double, Double) {
        let ratio = a * x / b
        return (ratio / (1 + ratio), 1 / (1 + ratio))
    }

    /// At 0 the limit: ∞ for d₁ < 2, 0 for d₁ = 2, −∞ above.
    public func logDensity(_ x: Double) -> Double {
        guard x > 0 else {
            if x != 0 { return x.isNaN ? .nan : -.infinity }
            return a < 1 ? .infinity : a == 1 ? 0 : -.infinity
        }
        guard x < 1e300 else { return -.infinity }
        let (u, v) = parts(x)
        return logBetaTerm(a, b, u, v) - log(x)
    }

    private func logTails(_ x: Double) -> (lower: Double, upper: Double) {
        guard x < .infinity else { return x.isNaN ? (.nan, .nan) : (0, -.infinity) }
        let (u, v) = parts(max(x, 0))
        return logIncompleteBeta(a, b, u, v)
    }

    public func cdf(_ x: Double) -> Double { exp(logTails(x).lower) }
    public func survival(_ x: Double) -> Double { exp(logTails(x).upper) }
    public func logCdf(_ x: Double) -> Double { logTails(x).lower }
    public func logSurvival(_ x: Double) -> Double { logTails(x).upper }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return exp(incompleteBetaInverseLogOdds(a, b, p)) * (b / a)
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return exp(incompleteBetaInverseLogOdds(a, b, q, upper: true)) * (b / a)
    }

    public func sample(_ stream: inout RandomStream) -> Double {
        stream.withGenerator { gsl_ran_fdist($0, degreesOfFreedom1, degreesOfFreedom2) }
    }

    /// x = (d₂/d₁)·u/(1 − u), with u's derivatives by implicit reparameterisation.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        let (u, v) = parts(value)
        let (first, second) = betaConcentrationDerivatives(a, b, u, v)
        let slope = 0.5 * (b / a) / (v * v)
        return [
            [cotangent * (slope * first - value / degreesOfFreedom1)],
            [cotangent * (slope * second + value / degreesOfFreedom2)],
        ]
    }
}
