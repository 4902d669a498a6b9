import Foundation

/// The half-Cauchy distribution: |x| of a Cauchy x at 0. Density 2/(πγ(1 + (x/γ)²)), x ≥ 0. Mean and variance are
/// infinite.
public struct HalfCauchy: ContinuousDistribution, ReparameterizedDistribution {
    public let scale: Double

    /// - Throws: `DistributionError.invalidParameter` unless `scale` is finite and above 0.
    public init(scale: Double) throws(DistributionError) {
        self.scale = scale
        try Self.check("scale", scale, .positive)
    }

    public static var name: String { "HalfCauchy" }
    public var parameters: [DistributionParameter] { [DistributionParameter("scale", [scale], .positive)] }
    public var support: Support { .interval(lower: 0, upper: .infinity) }
    public var mean: Double { .infinity }
    public var variance: Double { .infinity }
    public var mode: Double { 0 }
    /// ln(2πγ).
    public var entropy: Double { log(2 * Double.pi) + log(scale) }

    public func logDensity(_ x: Double) -> Double {
        guard x >= 0 else { return x.isNaN ? .nan : -.infinity }
        let z = x / scale
        return log(2 / Double.pi) - log(scale) - (z > 1e8 ? 2 * log(z) : log1p(z * z))
    }

    public func cdf(_ x: Double) -> Double { x <= 0 ? 0 : 2 / Double.pi * atan(x / scale) }
    public func survival(_ x: Double) -> Double { x <= 0 ? 1 : 2 / Double.pi * atan(scale / x) }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return p < 0.5 ? scale * tan(0.5 * Double.pi * p) : upperQuantile(1 - p)
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return q > 0.5 ? quantile(1 - q) : scale / tan(0.5 * Double.pi * q)
    }

    public func sample(_ stream: inout RandomStream) -> Double { quantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        fillFromUniforms(buffer, &stream) { part in
            for index in part.indices { part[index] = quantile(part[index]) }
        }
    }

    /// ∂x/∂γ = x/γ.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] { [[cotangent * value / scale]] }
}
