import CGSL
import Foundation
import Matrices

/// The gamma distribution with concentration (shape) α and rate β (not a scale): density βᵅ·xᵅ⁻¹·e^−βx/Γ(α), x ≥ 0.
///
/// Distribution function by the incomplete gamma functions of this module, in logarithms; quantiles by Newton's method on
/// them. Single draws by GSL's `gsl_ran_gamma` (Marsaglia and Tsang 2000), bulk draws by the same method on vectors.
public struct Gamma: ContinuousDistribution, ReparameterizedDistribution {
    public let concentration: Double
    public let rate: Double

    /// - Throws: `DistributionError.invalidParameter` unless both are finite and above 0.
    public init(concentration: Double, rate: Double) throws(DistributionError) {
        (self.concentration, self.rate) = (concentration, rate)
        try Self.check("concentration", concentration, .positive)
        try Self.check("rate", rate, .positive)
    }

    public static var name: String { "Gamma" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("concentration", [concentration], .positive),
            DistributionParameter("rate", [rate], .positive),
        ]
    }
    public var support: Support { .interval(lower: 0, upper: .infinity) }
    /// α/β.
    public var mean: Double { concentration / rate }
    /// α/β².
    public var variance: Double { concentration / (rate * rate) }
    /// (α − 1)/β, 0 for α ≤ 1.
    public var mode: Double { max(0, concentration - 1) / rate }
    public var entropy: Double { Gamma.standardEntropy(concentration) - log(rate) }

    /// α + ln Γ(α) + (1 − α)ψ(α), with the terms that cancel for large α taken out.
    static func standardEntropy(_ a: Double) -> Double {
        0.5 * log(a) + halfLogTwoPi + stirlingError(a) + (1 - a) * digammaMinusLog(a)
    }

    /// At 0 the limit: ∞ for α < 1, ln β for α = 1, −∞ above.
    public func logDensity(_ x: Double) -> Double {
        guard x > 0 else {
            if x != 0 { return x.isNaN ? .nan : -.infinity }
            return concentration < 1 ? .infinity : concentration == 1 ? log(rate) : -.infinity
        }
        guard x < .infinity else { return -.infinity }
        return logPoissonTerm(concentration, rate * x) + log(concentration) - log(x)
    }

    public func cdf(_ x: Double) -> Double { incompleteGammaLower(concentration, rate * x) }
    public func survival(_ x: Double) -> Double { incompleteGammaUpper(concentration, rate * x) }
    public func logCdf(_ x: Double) -> Double { logIncompleteGamma(concentration, rate * x).lower }
    public func logSurvival(_ x: Double) -> Double { logIncompleteGamma(concentration, rate * x).upper }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return exp(logIncompleteGammaInverse(concentration, p)) / rate
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return exp(logIncompleteGammaInverse(concentration, q, upper: true)) / rate
    }

    public func sample(_ stream: inout RandomStream) -> Double {
        stream.withGenerator { gsl_ran_gamma($0, concentration, 1) } / rate
    }

    /// ∂x/∂α by implicit reparameterisation, ∂x/∂β = −x/β.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [
            [cotangent * gammaConcentrationDerivative(concentration, rate * value) / rate],
            [-cotangent * value / rate],
        ]
    }
}
