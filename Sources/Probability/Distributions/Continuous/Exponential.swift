import Foundation

/// The exponential distribution with a rate (not a scale): density rate·exp(−rate·x), x ≥ 0.
public struct Exponential: ContinuousDistribution, ReparameterizedDistribution {
    public let rate: Double

    /// - Throws: `DistributionError.invalidParameter` unless `rate` is finite and above 0.
    public init(rate: Double) throws(DistributionError) {
        self.rate = rate
        try Self.check("rate", rate, .positive)
    }

    public static var name: String { "Exponential" }
    public var parameters: [DistributionParameter] { [DistributionParameter("rate", [rate], .positive)] }
    public var support: Support { .interval(lower: 0, upper: .infinity) }
    /// 1/rate.
    public var mean: Double { 1 / rate }
    /// 1/rate².
    public var variance: Double { 1 / (rate * rate) }
    public var mode: Double { 0 }
    /// 1 − ln rate.
    public var entropy: Double { 1 - log(rate) }

    public func logDensity(_ x: Double) -> Double {
        x >= 0 ? log(rate) - rate * x : x.isNaN ? .nan : -.infinity
    }

    public func cdf(_ x: Double) -> Double { x <= 0 ? 0 : -expm1(-rate * x) }
    public func survival(_ x: Double) -> Double { x <= 0 ? 1 : exp(-rate * x) }
    public func logSurvival(_ x: Double) -> Double { x <= 0 ? 0 : -rate * x }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return -log1p(-p) / rate
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return -log(q) / rate
    }

    public func sample(_ stream: inout RandomStream) -> Double { upperQuantile(stream.openUniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let scale = -1 / rate
        fillFromUniforms(buffer, &stream) { part in
            part.replaceByLogarithms()
            for index in part.indices { part[index] *= scale }
        }
    }

    /// ∂x/∂rate = −x/rate.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] { [[-cotangent * value / rate]] }
}
