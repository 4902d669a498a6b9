import Foundation

/// The half-normal distribution: |x| of x ~ N(0, scale²). Density √(2/π)/σ·exp(−x²/(2σ²)), x ≥ 0.
public struct HalfNormal: ContinuousDistribution, ReparameterizedDistribution {
    public let scale: Double

    /// - Throws: `DistributionError.invalidParameter` unless `scale` is finite and above 0.
    public init(scale: Double) throws(DistributionError) {
        self.scale = scale
        try Self.check("scale", scale, .positive)
    }

    public static var name: String { "HalfNormal" }
    public var parameters: [DistributionParameter] { [DistributionParameter("scale", [scale], .positive)] }
    public var support: Support { .interval(lower: 0, upper: .infinity) }

    /// σ·√(2/π).
    public var mean: Double { scale * (2 / Double.pi).squareRoot() }
    /// σ²·(1 − 2/π).
    public var variance: Double { scale * scale * (1 - 2 / Double.pi) }
    public var mode: Double { 0 }
    /// ½·ln(πσ²/2) + ½.
    public var entropy: Double { 0.5 * log(Double.pi / 2) + log(scale) + 0.5 }

    public func logDensity(_ x: Double) -> Double {
        guard x >= 0 else { return x.isNaN ? .nan : -.infinity }
        let z = x / scale
        return 0.5 * log(2 / Double.pi) - log(scale) - 0.5 * z * z
    }

    private var width: Double { scale * 2.squareRoot() }

    public func cdf(_ x: Double) -> Double { x <= 0 ? 0 : erf(x / width) }
    public func survival(_ x: Double) -> Double { x <= 0 ? 1 : erfc(x / width) }
    public func logSurvival(_ x: Double) -> Double {
        if x <= 0 { return 0 }
        return x < 0.5 * scale ? log1p(-cdf(x)) : log(2) + logNormalCdf(-x / scale)
    }

    /// Small p by Newton on erf, since the normal quantile near ½ would lose their digits.
    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        guard p < 0.1 else { return upperQuantile(1 - p) }
        var z = p * (Double.pi / 2).squareRoot()
        for _ in 0..<4 { z -= (erf(z * 0.5.squareRoot()) - p) * (Double.pi / 2).squareRoot() * exp(0.5 * z * z) }
        return scale * z
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return q > 0.9 ? quantile(1 - q) : -scale * normalQuantile(0.5 * q)
    }

    public func sample(_ stream: inout RandomStream) -> Double { scale * abs(stream.gaussian()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let scale = scale
        fillFromNormals(buffer, &stream) { part in
            for index in part.indices { part[index] = scale * abs(part[index]) }
        }
    }

    /// ∂x/∂σ = x/σ.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] { [[cotangent * value / scale]] }
}
