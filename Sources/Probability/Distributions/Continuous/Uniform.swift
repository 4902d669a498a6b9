import Foundation

/// The continuous uniform distribution on [lower, upper]; both ends count as inside.
public struct Uniform: ContinuousDistribution, ReparameterizedDistribution {
    public let lower: Double
    public let upper: Double

    /// - Throws: `DistributionError.invalidParameter` unless both are finite and lower < upper.
    public init(lower: Double, upper: Double) throws(DistributionError) {
        (self.lower, self.upper) = (lower, upper)
        try Self.check("lower", lower, .real)
        try Self.check("upper", upper, .greater(than: lower))
    }

    public static var name: String { "Uniform" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("lower", [lower], .real), DistributionParameter("upper", [upper], .greater(than: lower))]
    }
    public var support: Support { .interval(lower: lower, upper: upper) }
    private var width: Double { upper - lower }
    public var mean: Double { 0.5 * lower + 0.5 * upper }
    public var variance: Double { width * width / 12 }
    /// The middle: the density is flat.
    public var mode: Double { mean }
    public var entropy: Double { log(width) }

    public func logDensity(_ x: Double) -> Double {
        x >= lower && x <= upper ? -log(width) : x.isNaN ? .nan : -.infinity
    }

    public func cdf(_ x: Double) -> Double { x.isNaN ? .nan : min(1, max(0, (x - lower) / width)) }
    public func survival(_ x: Double) -> Double { x.isNaN ? .nan : min(1, max(0, (upper - x) / width)) }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return p < 0.5 ? lower + p * width : upper - (1 - p) * width
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return q < 0.5 ? upper - q * width : lower + (1 - q) * width
    }

    public func sample(_ stream: inout RandomStream) -> Double { quantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let (lower, upper, width) = (lower, upper, width)
        fillFromUniforms(buffer, &stream) { part in
            for index in part.indices { part[index] = min(upper, lower + width * part[index]) }
        }
    }

    /// With t = (x − lower)/(upper − lower): ∂x/∂lower = 1 − t, ∂x/∂upper = t.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent * (upper - value) / width], [cotangent * (value - lower) / width]]
    }
}
