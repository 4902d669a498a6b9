import Foundation

/// All probability at one point. `logDensity` is the logarithm of the probability: 0 there and −∞ elsewhere.
public struct Delta: UnivariateDistribution, ReparameterizedDistribution {
    public let value: Double

    /// - Throws: `DistributionError.invalidParameter` unless `value` is finite.
    public init(_ value: Double) throws(DistributionError) {
        self.value = value
        try Self.check("value", value, .real)
    }

    public static var name: String { "Delta" }
    public var parameters: [DistributionParameter] { [DistributionParameter("value", [value], .real)] }
    public var support: Support { .interval(lower: value, upper: value) }
    public var mean: Double { value }
    public var variance: Double { 0 }
    public var mode: Double { value }
    public var entropy: Double { 0 }
    public func logDensity(_ x: Double) -> Double { x == value ? 0 : x.isNaN ? .nan : -.infinity }
    public func cdf(_ x: Double) -> Double { x >= value ? 1 : x.isNaN ? .nan : 0 }
    public func survival(_ x: Double) -> Double { x >= value ? 0 : x.isNaN ? .nan : 1 }
    public func quantile(_ p: Double) -> Double { p >= 0 && p <= 1 ? value : .nan }
    public func upperQuantile(_ q: Double) -> Double { quantile(q) }
    public func sample(_ stream: inout RandomStream) -> Double { value }

    /// ∂x/∂value = 1.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] { [[cotangent]] }
}
