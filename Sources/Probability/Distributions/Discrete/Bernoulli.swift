import Foundation

/// One trial: 1 with probability p, else 0.
public struct Bernoulli: DiscreteDistribution {
    /// p, of the value 1.
    public let probability: Double

    /// - Throws: `DistributionError.invalidParameter` unless `probability` is in [0, 1].
    public init(probability: Double) throws(DistributionError) {
        self.probability = probability
        try Self.check("probability", probability, .closedInterval(0, 1))
    }

    /// The same from the log-odds ln(p/(1 − p)).
    ///
    /// - Throws: `DistributionError.invalidParameter` unless `logOdds` is finite.
    public init(logOdds: Double) throws(DistributionError) {
        try Self.check("logOdds", logOdds, .real)
        probability = logistic(logOdds)
    }

    public static var name: String { "Bernoulli" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("probability", [probability], .closedInterval(0, 1))]
    }
    public var support: Support { .integers(lower: 0, upper: 1) }
    public var mean: Double { probability }
    /// p(1 − p).
    public var variance: Double { probability * (1 - probability) }
    public var mode: Int { probability > 0.5 ? 1 : 0 }
    /// −p ln p − (1 − p) ln(1 − p).
    public var entropy: Double { -xLogY(probability, probability) - xLog1pY(1 - probability, -probability) }

    public func logDensity(_ x: Int) -> Double {
        x == 1 ? log(probability) : x == 0 ? log1p(-probability) : -.infinity
    }

    public func cdf(_ x: Int) -> Double { x < 0 ? 0 : x == 0 ? 1 - probability : 1 }
    public func survival(_ x: Int) -> Double { x < 0 ? 1 : x == 0 ? probability : 0 }

    public func sample(_ stream: inout RandomStream) -> Int { stream.uniform() < probability ? 1 : 0 }
}
