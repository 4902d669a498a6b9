import Foundation

/// The Kumaraswamy distribution on [0, 1]: distribution function 1 − (1 − xᵃ)ᵇ, a = `concentration1`, b =
/// `concentration0`.
public struct Kumaraswamy: ContinuousDistribution, ReparameterizedDistribution {
    /// a, the power of x.
    public let concentration1: Double
    /// b, the power of 1 − xᵃ.
    public let concentration0: Double

    /// - Throws: `DistributionError.invalidParameter` unless both are finite and above 0.
    public init(concentration1: Double, concentration0: Double) throws(DistributionError) {
        (self.concentration1, self.concentration0) = (concentration1, concentration0)
        try Self.check("concentration1", concentration1, .positive)
        try Self.check("concentration0", concentration0, .positive)
    }

    public static var name: String { "Kumaraswamy" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("concentration1", [concentration1], .positive),
            DistributionParameter("concentration0", [concentration0], .positive),
        ]
    }
    public var support: Support { .interval(lower: 0, upper: 1) }

    /// ln E[xⁿ] = ln(b·B(1 + n/a, b)).
    private func logMoment(_ n: Double) -> Double {
        log(concentration0) + logBeta(1 + n / concentration1, concentration0)
    }

    /// b·B(1 + 1/a, b).
    public var mean: Double { exp(logMoment(1)) }
    /// b·B(1 + 2/a, b) less the squared mean.
    public var variance: Double { mean * mean * expm1(logMoment(2) - 2 * logMoment(1)) }

    /// ((a − 1)/(ab − 1))^(1/a) where both are at least 1; the end of higher density otherwise; NaN where both are
    /// below 1.
    public var mode: Double {
        let (a, b) = (concentration1, concentration0)
        if a == 1, b == 1 { return 0.5 }
        if a >= 1, b >= 1 { return pow((a - 1) / (a * b - 1), 1 / a) }
        if a < 1, b < 1 { return .nan }
        return a < 1 ? 0 : 1
    }

    /// (1 − 1/b) + (1 − 1/a)(ψ(b + 1) + γ) − ln(ab).
    public var entropy: Double {
        let (a, b) = (concentration1, concentration0)
        return (1 - 1 / b) + (1 - 1 / a) * (digamma(b + 1) + eulerGamma) - log(a) - log(b)
    }

    /// ln(1 − xᵃ).
    private func logComplement(_ x: Double) -> Double { logOneMinusExp(concentration1 * log(x)) }

    /// At the ends the limit: ∞, ln of the other exponent, or −∞.
    public func logDensity(_ x: Double) -> Double {
        let (a, b) = (concentration1, concentration0)
        guard x >= 0, x <= 1 else { return x.isNaN ? .nan : -.infinity }
        let power = a == 1 ? 0 : (a - 1) * log(x)
        let complement = b == 1 ? 0 : (b - 1) * logComplement(x)
        return log(a) + log(b) + power + complement
    }

    public func cdf(_ x: Double) -> Double { -expm1(logSurvival(x)) }
    public func survival(_ x: Double) -> Double { exp(logSurvival(x)) }

    public func logSurvival(_ x: Double) -> Double {
        if x <= 0 { return 0 }
        return x >= 1 ? -.infinity : concentration0 * logComplement(x)
    }

    public func logCdf(_ x: Double) -> Double {
        guard x > 0 else { return x.isNaN ? .nan : -.infinity }
        if x >= 1 { return 0 }
        // For tiny xᵃ, 1 − (1 − xᵃ)ᵇ = b·xᵃ.
        let logPower = concentration1 * log(x)
        return logPower < -40 - abs(log(concentration0)) ? log(concentration0) + logPower : logOneMinusExp(logSurvival(x))
    }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return fromLogSurvival(log1p(-p))
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return fromLogSurvival(log(q))
    }

    private func fromLogSurvival(_ logSurvival: Double) -> Double {
        exp(logOneMinusExp(logSurvival / concentration0) / concentration1)
    }

    public func sample(_ stream: inout RandomStream) -> Double { upperQuantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        fillFromUniforms(buffer, &stream) { part in
            for index in part.indices { part[index] = upperQuantile(part[index]) }
        }
    }

    /// ∂x/∂a = −x·ln x/a; with v = 1 − xᵃ, ∂x/∂b = x^(1−a)/a·v·ln v/b.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        let (a, b) = (concentration1, concentration0)
        let logV = logComplement(value)
        let slope = exp((1 - a) * log(value) + logV) * logV / (a * b)
        return [[-cotangent * value * log(value) / a], [cotangent * slope]]
    }
}
