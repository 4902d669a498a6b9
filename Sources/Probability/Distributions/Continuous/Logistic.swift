import Foundation

/// The logistic distribution: distribution function 1/(1 + e⁻ᶻ), z = (x − location)/scale.
public struct Logistic: ContinuousDistribution, ReparameterizedDistribution {
    public let location: Double
    public let scale: Double

    /// - Throws: `DistributionError.invalidParameter` unless `location` is finite and `scale` finite and above 0.
    public init(location: Double, scale: Double) throws(DistributionError) {
        (self.location, self.scale) = (location, scale)
        try Self.check("location", location, .real)
        try Self.check("scale", scale, .positive)
    }

    public static var name: String { "Logistic" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("location", [location], .real), DistributionParameter("scale", [scale], .positive)]
    }
    public var support: Support { .realLine }
    public var mean: Double { location }
    /// π²s²/3.
    public var variance: Double { Double.pi * Double.pi / 3 * scale * scale }
    public var mode: Double { location }
    /// ln s + 2.
    public var entropy: Double { log(scale) + 2 }

    /// −|z| − 2·ln(1 + e^−|z|) − ln s: the density is even.
    public func logDensity(_ x: Double) -> Double {
        let z = abs(x - location) / scale
        return -z - 2 * log1p(exp(-z)) - log(scale)
    }

    public func cdf(_ x: Double) -> Double { logistic((x - location) / scale) }
    public func survival(_ x: Double) -> Double { logistic(-(x - location) / scale) }
    public func logCdf(_ x: Double) -> Double { -softplus(-(x - location) / scale) }
    public func logSurvival(_ x: Double) -> Double { -softplus((x - location) / scale) }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return location + scale * (log(p) - log1p(-p))
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return location + scale * (log1p(-q) - log(q))
    }

    public func sample(_ stream: inout RandomStream) -> Double { quantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let (location, scale) = (location, scale)
        fillFromUniforms(buffer, &stream) { part in
            for index in part.indices { part[index] = part[index] / (1 - part[index]) }
            part.replaceByLogarithms()
            for index in part.indices { part[index] = location + scale * part[index] }
        }
    }

    /// ∂x/∂location = 1, ∂x/∂s = (x − location)/s.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent], [cotangent * (value - location) / scale]]
    }
}
