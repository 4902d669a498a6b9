import Foundation

/// The Cauchy distribution: density 1/(πγ(1 + z²)), z = (x − location)/scale. It has no mean and no variance (NaN).
public struct Cauchy: ContinuousDistribution, ReparameterizedDistribution {
    public let location: Double
    public let scale: Double

    /// - Throws: `DistributionError.invalidParameter` unless `location` is finite and `scale` finite and above 0.
    public init(location: Double, scale: Double) throws(DistributionError) {
        (self.location, self.scale) = (location, scale)
        try Self.check("location", location, .real)
        try Self.check("scale", scale, .positive)
    }

    public static var name: String { "Cauchy" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("location", [location], .real), DistributionParameter("scale", [scale], .positive)]
    }
    public var support: Support { .realLine }
    public var mean: Double { .nan }
    public var variance: Double { .nan }
    public var mode: Double { location }
    /// ln(4πγ).
    public var entropy: Double { log(4 * Double.pi) + log(scale) }

    public func logDensity(_ x: Double) -> Double {
        let z = (x - location) / scale
        // z² may overflow where its logarithm does not.
        let squared = abs(z) > 1e8 ? 2 * log(abs(z)) : log1p(z * z)
        return -log(Double.pi) - log(scale) - squared
    }

    /// P(Z > z) of the standard distribution.
    private func tail(_ z: Double) -> Double {
        z > 1 ? atan(1 / z) / Double.pi : 0.5 - atan(z) / Double.pi
    }

    public func cdf(_ x: Double) -> Double { tail(-(x - location) / scale) }
    public func survival(_ x: Double) -> Double { tail((x - location) / scale) }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return location - scale * Cauchy.standardUpperQuantile(p)
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return location + scale * Cauchy.standardUpperQuantile(q)
    }

    /// cot(πq).
    private static func standardUpperQuantile(_ q: Double) -> Double {
        if q > 0.75 { return q == 1 ? -.infinity : -1 / tan(Double.pi * (1 - q)) }
        if q < 0.25 { return q == 0 ? .infinity : 1 / tan(Double.pi * q) }
        return tan(Double.pi * (0.5 - q))
    }

    public func sample(_ stream: inout RandomStream) -> Double {
        location + scale * Cauchy.standardUpperQuantile(stream.openUniform())
    }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let (location, scale) = (location, scale)
        fillFromUniforms(buffer, &stream) { part in
            for index in part.indices { part[index] = location + scale * Cauchy.standardUpperQuantile(part[index]) }
        }
    }

    /// ∂x/∂location = 1, ∂x/∂γ = (x − location)/γ.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent], [cotangent * (value - location) / scale]]
    }
}
