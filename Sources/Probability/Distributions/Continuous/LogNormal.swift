import Foundation

/// The log-normal distribution: ln x ~ N(location, scale²). Density exp(−(ln x − μ)²/(2σ²)) / (xσ√(2π)), x > 0.
///
/// `location` and `scale` are the mean and standard deviation of ln x, not of x.
public struct LogNormal: ContinuousDistribution, NormalTransport {
    public let location: Double
    public let scale: Double

    /// - Throws: `DistributionError.invalidParameter` unless `location` is finite and `scale` finite and above 0.
    public init(location: Double, scale: Double) throws(DistributionError) {
        (self.location, self.scale) = (location, scale)
        try Self.check("location", location, .real)
        try Self.check("scale", scale, .positive)
    }

    public static var name: String { "LogNormal" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("location", [location], .real), DistributionParameter("scale", [scale], .positive)]
    }
    public var support: Support { .interval(lower: 0, upper: .infinity) }

    /// exp(μ + σ²/2).
    public var mean: Double { exp(location + 0.5 * scale * scale) }
    /// (e^σ² − 1)·exp(2μ + σ²).
    public var variance: Double { expm1(scale * scale) * exp(2 * location + scale * scale) }
    /// exp(μ − σ²).
    public var mode: Double { exp(location - scale * scale) }
    /// μ + ½·ln(2πe) + ln σ.
    public var entropy: Double { location + halfLogTwoPi + 0.5 + log(scale) }

    public func logDensity(_ x: Double) -> Double {
        guard x > 0, x < .infinity else { return x.isNaN ? .nan : -.infinity }
        let y = log(x)
        let z = (y - location) / scale
        return -0.5 * z * z - y - log(scale) - halfLogTwoPi
    }

    private func standardised(_ x: Double) -> Double { x <= 0 ? -.infinity : (log(x) - location) / scale }

    public func cdf(_ x: Double) -> Double { normalCdf(standardised(x)) }
    public func survival(_ x: Double) -> Double { normalCdf(-standardised(x)) }
    public func logCdf(_ x: Double) -> Double { logNormalCdf(standardised(x)) }
    public func logSurvival(_ x: Double) -> Double { logNormalCdf(-standardised(x)) }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return transport(normalQuantile(p))
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return transport(-normalQuantile(q))
    }

    public func sample(_ stream: inout RandomStream) -> Double { transport(stream.gaussian()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let (location, scale) = (location, scale)
        fillFromNormals(buffer, &stream) { part in
            for index in part.indices { part[index] = location + scale * part[index] }
            part.replaceByExponentials()
        }
    }

    public func transport(_ z: Double) -> Double { exp(location + scale * z) }

    /// ∂x/∂μ = x, ∂x/∂σ = x·(ln x − μ)/σ.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent * value], [cotangent * value * (log(value) - location) / scale]]
    }
}
