import Foundation

/// The Weibull distribution with scale λ and concentration (shape) k: survival exp(−(x/λ)ᵏ), x ≥ 0.
public struct Weibull: ContinuousDistribution, ReparameterizedDistribution {
    public let scale: Double
    public let concentration: Double

    /// - Throws: `DistributionError.invalidParameter` unless both are finite and above 0.
    public init(scale: Double, concentration: Double) throws(DistributionError) {
        (self.scale, self.concentration) = (scale, concentration)
        try Self.check("scale", scale, .positive)
        try Self.check("concentration", concentration, .positive)
    }

    public static var name: String { "Weibull" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("scale", [scale], .positive),
            DistributionParameter("concentration", [concentration], .positive),
        ]
    }
    public var support: Support { .interval(lower: 0, upper: .infinity) }

    /// λ·Γ(1 + 1/k).
    public var mean: Double { scale * exp(logGammaOnePlus(1 / concentration)) }

    /// λ²·(Γ(1 + 2/k) − Γ(1 + 1/k)²), as a ratio less 1 so that large k do not cancel.
    public var variance: Double {
        let h = 1 / concentration
        return mean * mean * expm1(logGammaOnePlus(2 * h) - 2 * logGammaOnePlus(h))
    }

    /// λ·((k − 1)/k)^(1/k), 0 for k ≤ 1.
    public var mode: Double {
        concentration <= 1 ? 0 : scale * pow((concentration - 1) / concentration, 1 / concentration)
    }

    /// γ(1 − 1/k) + ln(λ/k) + 1.
    public var entropy: Double { eulerGamma * (1 - 1 / concentration) + log(scale) - log(concentration) + 1 }

    /// At 0 the limit: ∞ for k < 1, ln(1/λ) for k = 1, −∞ above.
    public func logDensity(_ x: Double) -> Double {
        guard x >= 0, x < .infinity else { return x.isNaN ? .nan : -.infinity }
        let y = log(x / scale)
        return log(concentration) - log(scale) + (concentration == 1 ? 0 : (concentration - 1) * y)
            - exp(concentration * y)
    }

    public func cdf(_ x: Double) -> Double { x <= 0 ? 0 : -expm1(logSurvival(x)) }
    public func survival(_ x: Double) -> Double { exp(logSurvival(x)) }
    public func logSurvival(_ x: Double) -> Double { x <= 0 ? 0 : -pow(x / scale, concentration) }
    public func logCdf(_ x: Double) -> Double {
        guard x > 0 else { return x.isNaN ? .nan : -.infinity }
        // (x/λ)ᵏ itself may underflow; ln(1 − e⁻ᵗ) = ln t then.
        let logHazard = concentration * log(x / scale)
        return logHazard < -40 ? logHazard : logOneMinusExp(-exp(logHazard))
    }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return scale * pow(-log1p(-p), 1 / concentration)
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return scale * pow(-log(q), 1 / concentration)
    }

    public func sample(_ stream: inout RandomStream) -> Double { upperQuantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let (logScale, power) = (log(scale), 1 / concentration)
        fillFromUniforms(buffer, &stream) { part in
            part.replaceByLogarithms()
            for index in part.indices { part[index] = -part[index] }
            part.replaceByLogarithms()
            for index in part.indices { part[index] = logScale + power * part[index] }
            part.replaceByExponentials()
        }
    }

    /// ∂x/∂λ = x/λ, ∂x/∂k = −x·ln(x/λ)/k.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent * value / scale], [-cotangent * value * log(value / scale) / concentration]]
    }
}
