import Foundation

/// The Rayleigh distribution: the length of a two-dimensional N(0, scale²·I). Density x/σ²·exp(−x²/(2σ²)), x ≥ 0.
public struct Rayleigh: ContinuousDistribution, ReparameterizedDistribution {
    public let scale: Double

    /// - Throws: `DistributionError.invalidParameter` unless `scale` is finite and above 0.
    public init(scale: Double) throws(DistributionError) {
        self.scale = scale
        try Self.check("scale", scale, .positive)
    }

    public static var name: String { "Rayleigh" }
    public var parameters: [DistributionParameter] { [DistributionParameter("scale", [scale], .positive)] }
    public var support: Support { .interval(lower: 0, upper: .infinity) }
    /// σ·√(π/2).
    public var mean: Double { scale * (Double.pi / 2).squareRoot() }
    /// σ²·(4 − π)/2.
    public var variance: Double { scale * scale * (4 - Double.pi) / 2 }
    public var mode: Double { scale }
    /// 1 + ln(σ/√2) + γ/2.
    public var entropy: Double { 1 + log(scale) - 0.5 * log(2) + 0.5 * eulerGamma }

    public func logDensity(_ x: Double) -> Double {
        guard x >= 0, x < .infinity else { return x.isNaN ? .nan : -.infinity }
        let z = x / scale
        return log(z) - log(scale) - 0.5 * z * z
    }

    public func cdf(_ x: Double) -> Double { x <= 0 ? 0 : -expm1(logSurvival(x)) }
    public func survival(_ x: Double) -> Double { exp(logSurvival(x)) }
    public func logSurvival(_ x: Double) -> Double {
        let z = x / scale
        return x <= 0 ? 0 : -0.5 * z * z
    }
    public func logCdf(_ x: Double) -> Double {
        guard x > 0 else { return x.isNaN ? .nan : -.infinity }
        let z = x / scale
        return z < 1e-9 ? 2 * log(z) - log(2) : logOneMinusExp(-0.5 * z * z)
    }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return scale * (-2 * log1p(-p)).squareRoot()
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return scale * (-2 * log(q)).squareRoot()
    }

    public func sample(_ stream: inout RandomStream) -> Double { upperQuantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let scale = scale
        fillFromUniforms(buffer, &stream) { part in
            part.replaceByLogarithms()
            for index in part.indices { part[index] = scale * (-2 * part[index]).squareRoot() }
        }
    }

    /// ∂x/∂σ = x/σ.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] { [[cotangent * value / scale]] }
}
