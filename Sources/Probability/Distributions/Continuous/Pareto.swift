import Foundation

/// The Pareto distribution of the first kind: survival (scale/x)^concentration, x ≥ scale.
public struct Pareto: ContinuousDistribution, ReparameterizedDistribution {
    /// The smallest value, m.
    public let scale: Double
    /// The tail's exponent, α.
    public let concentration: Double

    /// - Throws: `DistributionError.invalidParameter` unless both are finite and above 0.
    public init(scale: Double, concentration: Double) throws(DistributionError) {
        (self.scale, self.concentration) = (scale, concentration)
        try Self.check("scale", scale, .positive)
        try Self.check("concentration", concentration, .positive)
    }

    public static var name: String { "Pareto" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("scale", [scale], .positive),
            DistributionParameter("concentration", [concentration], .positive),
        ]
    }
    public var support: Support { .interval(lower: scale, upper: .infinity) }
    /// αm/(α − 1), infinite for α ≤ 1.
    public var mean: Double { concentration <= 1 ? .infinity : scale * concentration / (concentration - 1) }
    /// αm²/((α − 1)²(α − 2)), infinite for α ≤ 2.
    public var variance: Double {
        let a = concentration
        return a <= 2 ? .infinity : scale * scale * a / ((a - 1) * (a - 1) * (a - 2))
    }
    public var mode: Double { scale }
    /// ln(m/α) + 1 + 1/α.
    public var entropy: Double { log(scale) - log(concentration) + 1 + 1 / concentration }

    /// ln(x/m), with its digits near m.
    private func logRatio(_ x: Double) -> Double {
        x < 2 * scale ? log1p((x - scale) / scale) : log(x / scale)
    }

    public func logDensity(_ x: Double) -> Double {
        guard x >= scale else { return x.isNaN ? .nan : -.infinity }
        return log(concentration) - log(x) - concentration * logRatio(x)
    }

    public func cdf(_ x: Double) -> Double { -expm1(logSurvival(x)) }
    public func survival(_ x: Double) -> Double { exp(logSurvival(x)) }
    public func logSurvival(_ x: Double) -> Double { x <= scale ? 0 : -concentration * logRatio(x) }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return scale * exp(-log1p(-p) / concentration)
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return scale * exp(-log(q) / concentration)
    }

    public func sample(_ stream: inout RandomStream) -> Double { upperQuantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let (scale, power) = (scale, -1 / concentration)
        fillFromUniforms(buffer, &stream) { part in
            part.replaceByLogarithms()
            for index in part.indices { part[index] *= power }
            part.replaceByExponentials()
            for index in part.indices { part[index] *= scale }
        }
    }

    /// ∂x/∂m = x/m, ∂x/∂α = −x·ln(x/m)/α.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent * value / scale], [-cotangent * value * logRatio(value) / concentration]]
    }
}
