import Foundation

/// The continuous Bernoulli distribution (Loaiza-Ganem and Cunningham 2019, arXiv:1907.06845): density ∝ λˣ(1 − λ)¹⁻ˣ on
/// [0, 1], an exponential of rate −η = −ln(λ/(1 − λ)) cut off at 1.
public struct ContinuousBernoulli: ContinuousDistribution, ReparameterizedDistribution {
    /// λ.
    public let probability: Double

    /// - Throws: `DistributionError.invalidParameter` unless `probability` lies strictly between 0 and 1.
    public init(probability: Double) throws(DistributionError) {
        self.probability = probability
        try Self.check("probability", probability, .openInterval(0, 1))
    }

    public static var name: String { "ContinuousBernoulli" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("probability", [probability], .openInterval(0, 1))]
    }
    public var support: Support { .interval(lower: 0, upper: 1) }

    /// The log-odds of λ.
    var logOdds: Double { log(probability) - log1p(-probability) }

    /// ln(η/(e^η − 1)), 0 at η = 0.
    private var logRate: Double {
        let eta = logOdds
        if abs(eta) < 1e-4 { return -eta / 2 - eta * eta / 24 }
        return eta > 0 ? log(eta) - eta - logOneMinusExp(-eta) : log(-eta) - logOneMinusExp(eta)
    }

    /// 1/(1 − e^−η) − 1/η.
    public var mean: Double {
        let eta = logOdds
        if abs(eta) < 0.02 { return 0.5 + eta / 12 * (1 - eta * eta / 60 * (1 - eta * eta / 42)) }
        return -1 / expm1(-eta) - 1 / eta
    }

    /// 1/η² − 1/(4·sinh²(η/2)).
    public var variance: Double {
        let eta = logOdds
        if abs(eta) < 0.2 {
            let y = eta * eta
            return 1 / 12.0 - y / 240 + y * y / 6048 - y * y * y / 172_800 + y * y * y * y / 5_322_240
        }
        let s = 2 * sinh(0.5 * eta)
        return 1 / (eta * eta) - 1 / (s * s)
    }

    public var mode: Double { probability == 0.5 ? 0.5 : probability > 0.5 ? 1 : 0 }
    public var entropy: Double { -logRate - logOdds * mean }

    public func logDensity(_ x: Double) -> Double {
        guard x >= 0, x <= 1 else { return x.isNaN ? .nan : -.infinity }
        return logRate + logOdds * x
    }

    /// (e^ηx − 1)/(e^η − 1), written for η ≤ 0.
    private static func part(_ x: Double, _ eta: Double) -> Double {
        if abs(eta) < 1e-10 { return x }
        return eta < 0 ? expm1(eta * x) / expm1(eta) : exp(-eta * (1 - x)) * expm1(-eta * x) / expm1(-eta)
    }

    public func cdf(_ x: Double) -> Double {
        x <= 0 ? 0 : x >= 1 ? 1 : Self.part(x, logOdds)
    }
    public func survival(_ x: Double) -> Double {
        x <= 0 ? 1 : x >= 1 ? 0 : Self.part(1 - x, -logOdds)
    }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return Self.inverse(p, logOdds)
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return 1 - Self.inverse(q, -logOdds)
    }

    /// ln(1 + p(e^η − 1))/η.
    private static func inverse(_ p: Double, _ eta: Double) -> Double {
        if abs(eta) < 1e-10 { return p }
        if abs(eta) < 1 { return log1p(p * expm1(eta)) / eta }
        if eta < 0 { return (p < 0.5 ? log1p(p * expm1(eta)) : log((1 - p) + p * exp(eta))) / eta }
        return p < exp(-0.5 * eta) ? log1p(p * expm1(eta)) / eta : 1 + log(p + (1 - p) * exp(-eta)) / eta
    }

    public func sample(_ stream: inout RandomStream) -> Double { quantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let eta = logOdds
        fillFromUniforms(buffer, &stream) { part in
            for index in part.indices { part[index] = Self.inverse(part[index], eta) }
        }
    }

    /// By implicit reparameterisation in η, ∂η/∂λ = 1/(λ(1 − λ)).
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        let eta = logOdds
        // With g(t) = t/(1 − e^−t): ∂F/∂η = F·(g(ηx) − g(η))/η and F/f = (1 − e^−ηx)/η.
        let difference = Self.g(eta * value) - Self.g(eta) - 0.5 * eta * (1 - value)
        let ratio = abs(eta) < 1e-10 ? value : -expm1(-eta * value) / eta
        let slope = abs(eta) < 1e-10 ? 0.5 * value * (1 - value) : -ratio * difference / eta
        return [[cotangent * slope / (probability * (1 - probability))]]
    }

    /// t/(1 − e^−t) − 1 − t/2, with its digits near 0.
    private static func g(_ t: Double) -> Double {
        guard abs(t) < 0.2 else { return -t / expm1(-t) - 1 - 0.5 * t }
        let y = t * t
        return y / 12 * (1 - y / 60 * (1 - y / 42 * (1 - y / 40)))
    }
}
