import Foundation

/// The Gumbel distribution of maxima: distribution function exp(−e⁻ᶻ), z = (x − location)/scale.
public struct Gumbel: ContinuousDistribution, ReparameterizedDistribution {
    public let location: Double
    public let scale: Double

    /// - Throws: `DistributionError.invalidParameter` unless `location` is finite and `scale` finite and above 0.
    public init(location: Double, scale: Double) throws(DistributionError) {
        (self.location, self.scale) = (location, scale)
        try Self.check("location", location, .real)
        try Self.check("scale", scale, .positive)
    }

    public static var name: String { "Gumbel" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("location", [location], .real), DistributionParameter("scale", [scale], .positive)]
    }
    public var support: Support { .realLine }
    /// location + γ·scale, γ Euler's constant.
    public var mean: Double { location + eulerGamma * scale }
    /// π²β²/6.
    public var variance: Double { Double.pi * Double.pi / 6 * scale * scale }
    public var mode: Double { location }
    /// ln β + γ + 1.
    public var entropy: Double { log(scale) + eulerGamma + 1 }

    public func logDensity(_ x: Double) -> Double {
        let z = (x - location) / scale
        return x.isInfinite ? -.infinity : -z - exp(-z) - log(scale)
    }

    public func cdf(_ x: Double) -> Double { exp(logCdf(x)) }
    public func survival(_ x: Double) -> Double { -expm1(logCdf(x)) }
    public func logCdf(_ x: Double) -> Double { -exp(-(x - location) / scale) }

    /// 1 − exp(−t) → t for small t = e⁻ᶻ, whose logarithm −z does not underflow.
    public func logSurvival(_ x: Double) -> Double {
        let z = (x - location) / scale
        return z > 40 ? -z : logOneMinusExp(-exp(-z))
    }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return location - scale * log(-log(p))
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return location - scale * log(-log1p(-q))
    }

    public func sample(_ stream: inout RandomStream) -> Double { quantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let (location, scale) = (location, scale)
        fillFromUniforms(buffer, &stream) { part in
            part.replaceByLogarithms()
            for index in part.indices { part[index] = -part[index] }
            part.replaceByLogarithms()
            for index in part.indices { part[index] = location - scale * part[index] }
        }
    }

    /// ∂x/∂location = 1, ∂x/∂β = (x − location)/β.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent], [cotangent * (value - location) / scale]]
    }
}
