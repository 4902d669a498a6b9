import CGSL
import Foundation

/// The inverse gamma distribution: 1/x ~ Gamma(concentration α, rate β). Density βᵅ·x^−(α+1)·e^−β/x/Γ(α), x > 0; β is a
/// scale of x.
public struct InverseGamma: ContinuousDistribution, ReparameterizedDistribution {
    public let concentration: Double
    public let rate: Double

    /// - Throws: `DistributionError.invalidParameter` unless both are finite and above 0.
    public init(concentration: Double, rate: Double) throws(DistributionError) {
        (self.concentration, self.rate) = (concentration, rate)
        try Self.check("concentration", concentration, .positive)
        try Self.check("rate", rate, .positive)
    }

    public static var name: String { "InverseGamma" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("concentration", [concentration], .positive),
            DistributionParameter("rate", [rate], .positive),
        ]
    }
    public var support: Support { .interval(lower: 0, upper: .infinity) }
    /// β/(α − 1), infinite for α ≤ 1.
    public var mean: Double { concentration <= 1 ? .infinity : rate / (concentration - 1) }
    /// β²/((α − 1)²(α − 2)), infinite for α ≤ 2.
    public var variance: Double {
        let a = concentration
        return a <= 2 ? .infinity : rate * rate / ((a - 1) * (a - 1) * (a - 2))
    }
    /// β/(α + 1).
    public var mode: Double { rate / (concentration + 1) }
    /// α + ln(βΓ(α)) − (1 + α)ψ(α), with the terms that cancel for large α taken out.
    public var entropy: Double {
        let a = concentration
        return log(rate) + halfLogTwoPi - 1.5 * log(a) + stirlingError(a) - (1 + a) * digammaMinusLog(a)
    }

    public func logDensity(_ x: Double) -> Double {
        guard x > 0, x < .infinity else { return x.isNaN ? .nan : -.infinity }
        return logPoissonTerm(concentration, rate / x) + log(concentration) - log(x)
    }

    /// β/x, infinite up to 0.
    private func reciprocal(_ x: Double) -> Double { x <= 0 ? .infinity : rate / x }

    public func cdf(_ x: Double) -> Double { incompleteGammaUpper(concentration, reciprocal(x)) }
    public func survival(_ x: Double) -> Double { incompleteGammaLower(concentration, reciprocal(x)) }
    public func logCdf(_ x: Double) -> Double { logIncompleteGamma(concentration, reciprocal(x)).upper }
    public func logSurvival(_ x: Double) -> Double { logIncompleteGamma(concentration, reciprocal(x)).lower }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return exp(log(rate) - logIncompleteGammaInverse(concentration, p, upper: true))
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return exp(log(rate) - logIncompleteGammaInverse(concentration, q))
    }

    public func sample(_ stream: inout RandomStream) -> Double {
        rate / stream.withGenerator { gsl_ran_gamma($0, concentration, 1) }
    }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        fillGamma(buffer, concentration: concentration, scale: 1, &stream)
        for index in buffer.indices { buffer[index] = rate / buffer[index] }
    }

    /// With g = β/x: ∂x/∂α = −x/g·∂g/∂α by implicit reparameterisation, ∂x/∂β = x/β.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        let g = rate / value
        let slope = -value / g * gammaConcentrationDerivative(concentration, g)
        return [[cotangent * slope], [cotangent * value / rate]]
    }
}
