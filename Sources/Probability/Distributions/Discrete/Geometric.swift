import Foundation

/// The number of failures before the first success of probability p: p(1 − p)ᵏ, k ≥ 0.
public struct Geometric: DiscreteDistribution {
    public let probability: Double

    /// - Throws: `DistributionError.invalidParameter` unless 0 < `probability` ≤ 1.
    public init(probability: Double) throws(DistributionError) {
        self.probability = probability
        guard probability > 0, probability <= 1 else {
            throw .invalidParameter(
                distribution: Self.name, parameter: "probability", value: probability, expected: Self.range)
        }
    }

    /// The smallest normal number is as good as an open end.
    private static var range: Constraint { .closedInterval(.leastNonzeroMagnitude, 1) }

    public static var name: String { "Geometric" }
    public var parameters: [DistributionParameter] { [DistributionParameter("probability", [probability], Self.range)] }
    public var support: Support { .integers(lower: 0, upper: nil) }
    /// (1 − p)/p.
    public var mean: Double { (1 - probability) / probability }
    /// (1 − p)/p².
    public var variance: Double { mean / probability }
    public var mode: Int { 0 }
    /// −((1 − p)·ln(1 − p) + p·ln p)/p.
    public var entropy: Double { -mean * (probability == 1 ? 0 : log1p(-probability)) - log(probability) }

    private var logFailure: Double { log1p(-probability) }

    public func logDensity(_ k: Int) -> Double {
        guard k >= 0 else { return -.infinity }
        return log(probability) + (k == 0 ? 0 : Double(k) * logFailure)
    }

    public func cdf(_ k: Int) -> Double { -expm1(logSurvival(k)) }
    public func survival(_ k: Int) -> Double { exp(logSurvival(k)) }
    public func logSurvival(_ k: Int) -> Double { k < 0 ? 0 : (Double(k) + 1) * logFailure }
    public func logCdf(_ k: Int) -> Double { k < 0 ? -.infinity : logOneMinusExp(logSurvival(k)) }

    public func sample(_ stream: inout RandomStream) -> Int {
        probability == 1 ? 0 : Int(clamping: (log(stream.openUniform()) / logFailure).rounded(.down))
    }
}

extension Int {
    /// The nearest whole number that there is.
    init(clamping value: Double) {
        self = value >= 9.2233720368547748e18 ? .max : value <= -9.2233720368547758e18 ? .min : value.isNaN ? 0 : Int(value)
    }
}
