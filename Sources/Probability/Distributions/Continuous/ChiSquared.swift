import CGSL
import Foundation

/// The chi-squared distribution: the sum of ν squared standard normal numbers, Gamma(ν/2, rate ½). ν may be any number
/// above 0.
public struct ChiSquared: ContinuousDistribution, ReparameterizedDistribution {
    public let degreesOfFreedom: Double

    /// - Throws: `DistributionError.invalidParameter` unless `degreesOfFreedom` is finite and above 0.
    public init(degreesOfFreedom: Double) throws(DistributionError) {
        self.degreesOfFreedom = degreesOfFreedom
        try Self.check("degreesOfFreedom", degreesOfFreedom, .positive)
    }

    public static var name: String { "ChiSquared" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("degreesOfFreedom", [degreesOfFreedom], .positive)]
    }
    public var support: Support { .interval(lower: 0, upper: .infinity) }
    private var half: Double { 0.5 * degreesOfFreedom }
    public var mean: Double { degreesOfFreedom }
    /// 2ν.
    public var variance: Double { 2 * degreesOfFreedom }
    /// ν − 2, 0 for ν ≤ 2.
    public var mode: Double { max(0, degreesOfFreedom - 2) }
    public var entropy: Double { Gamma.standardEntropy(half) + log(2) }

    /// At 0 the limit: ∞ for ν < 2, ln ½ for ν = 2, −∞ above.
    public func logDensity(_ x: Double) -> Double {
        guard x > 0 else {
            if x != 0 { return x.isNaN ? .nan : -.infinity }
            return half < 1 ? .infinity : half == 1 ? -log(2) : -.infinity
        }
        guard x < .infinity else { return -.infinity }
        return logPoissonTerm(half, 0.5 * x) + log(half) - log(x)
    }

    public func cdf(_ x: Double) -> Double { incompleteGammaLower(half, 0.5 * x) }
    public func survival(_ x: Double) -> Double { incompleteGammaUpper(half, 0.5 * x) }
    public func logCdf(_ x: Double) -> Double { logIncompleteGamma(half, 0.5 * x).lower }
    public func logSurvival(_ x: Double) -> Double { logIncompleteGamma(half, 0.5 * x).upper }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return 2 * exp(logIncompleteGammaInverse(half, p))
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return 2 * exp(logIncompleteGammaInverse(half, q, upper: true))
    }

    public func sample(_ stream: inout RandomStream) -> Double {
        stream.withGenerator { gsl_ran_gamma($0, half, 2) }
    }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        fillGamma(buffer, concentration: half, scale: 2, &stream)
    }

    /// ∂x/∂ν by implicit reparameterisation.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent * gammaConcentrationDerivative(half, 0.5 * value)]]
    }
}
