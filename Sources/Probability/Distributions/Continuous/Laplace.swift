import Foundation

/// The Laplace distribution: density exp(−|x − location|/scale)/(2·scale).
public struct Laplace: ContinuousDistribution, ReparameterizedDistribution {
    public let location: Double
    public let scale: Double

    /// - Throws: `DistributionError.invalidParameter` unless `location` is finite and `scale` finite and above 0.
    public init(location: Double, scale: Double) throws(DistributionError) {
        (self.location, self.scale) = (location, scale)
        try Self.check("location", location, .real)
        try Self.check("scale", scale, .positive)
    }

    public static var name: String { "Laplace" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("location", [location], .real), DistributionParameter("scale", [scale], .positive)]
    }
    public var support: Support { .realLine }
    public var mean: Double { location }
    /// 2b².
    public var variance: Double { 2 * scale * scale }
    public var mode: Double { location }
    /// 1 + ln(2b).
    public var entropy: Double { 1 + log(2) + log(scale) }

    public func logDensity(_ x: Double) -> Double { -abs(x - location) / scale - log(2) - log(scale) }

    private func logTail(_ z: Double) -> Double { z > 0 ? -log(2) - z : log1p(-0.5 * exp(z)) }
    private func tail(_ z: Double) -> Double { z > 0 ? 0.5 * exp(-z) : 1 - 0.5 * exp(z) }

    public func cdf(_ x: Double) -> Double { tail(-(x - location) / scale) }
    public func survival(_ x: Double) -> Double { tail((x - location) / scale) }
    public func logCdf(_ x: Double) -> Double { logTail(-(x - location) / scale) }
    public func logSurvival(_ x: Double) -> Double { logTail((x - location) / scale) }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return location + scale * (p < 0.5 ? log(2 * p) : -log(2 * (1 - p)))
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return location + scale * (q < 0.5 ? -log(2 * q) : log(2 * (1 - q)))
    }

    public func sample(_ stream: inout RandomStream) -> Double { quantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        fillFromUniforms(buffer, &stream) { part in
            for index in part.indices { part[index] = quantile(part[index]) }
        }
    }

    /// ∂x/∂location = 1, ∂x/∂b = (x − location)/b.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent], [cotangent * (value - location) / scale]]
    }
}
