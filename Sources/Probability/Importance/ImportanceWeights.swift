import Foundation

/// Self-normalised importance weights of draws from a proposal, kept as logarithms.
///
/// With draws x_i of a proposal q and a target density p known up to a factor, the log ratios are
/// ln p(x_i) − ln q(x_i), the weights w_i their exponentials divided by the sum, and Σ w_i·f(x_i) estimates the
/// target's expectation of f.
public struct ImportanceWeights: Sendable, Hashable {
    /// ln w_i; −∞ where the weight is 0. The weights sum to 1.
    public let logWeights: [Double]
    /// ln of the mean of the unnormalised ratios: where the target is a likelihood times a normalised prior and the
    /// proposal is normalised, an estimate of the log evidence (its exponential is unbiased).
    public let logMeanRatio: Double

    /// - Throws: `ImportanceError` without ratios, where one is NaN or +∞, or where all are −∞.
    public init(logRatios: [Double]) throws(ImportanceError) {
        guard !logRatios.isEmpty else { throw .noRatios }
        if let index = logRatios.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
            throw .badRatio(index: index, value: logRatios[index])
        }
        let total = logSumExp(logRatios)
        guard total > -.infinity else { throw .noWeight(count: logRatios.count) }
        self.init(normalized: logRatios.map { $0 - total }, logMeanRatio: total - log(Double(logRatios.count)))
    }

    init(normalized logWeights: [Double], logMeanRatio: Double) {
        self.logWeights = logWeights
        self.logMeanRatio = logMeanRatio
    }

    public var count: Int { logWeights.count }

    /// w_i, summing to 1.
    public var weights: [Double] { logWeights.map { exp($0) } }

    /// 1/Σw² (Kish 1965), from 1 to `count`: how many equally weighted draws have the variance of these.
    public var effectiveSampleSize: Double { exp(-logSumExp(logWeights.map { 2 * $0 })) }

    /// The exponential of the weights' entropy −Σ w·ln w, from 1 to `count`; less ruled by the largest weight.
    public var entropyEffectiveSampleSize: Double {
        exp(-logWeights.reduce(0) { $1 == -.infinity ? $0 : $0 + exp($1) * $1 })
    }

    /// Σ w_i·values_i and its standard error √Σ w_i²(values_i − mean)² (the delta method; Owen 2013, equation 9.9).
    /// Values of zero weight are not looked at.
    public func expectation(of values: [Double]) -> (mean: Double, standardError: Double) {
        precondition(values.count == count, "\(values.count) values for \(count) weights")
        let used = zip(weights, values).filter { $0.0 > 0 }
        let mean = used.reduce(0) { $0 + $1.0 * $1.1 }
        let variance = used.reduce(0) { $0 + $1.0 * $1.0 * ($1.1 - mean) * ($1.1 - mean) }
        return (mean, variance.squareRoot())
    }
}

/// What importance sampling and its weights refuse.
public enum ImportanceError: Error, Hashable, Sendable, CustomStringConvertible {
    case noRatios
    /// A log ratio that is NaN or +∞.
    case badRatio(index: Int, value: Double)
    /// Every weight is zero.
    case noWeight(count: Int)
    case badOption(name: String, value: Double, expected: String)

    public var description: String {
        switch self {
        case .noRatios: "importance weights: no log ratios"
        case .badRatio(let index, let value):
            "importance weights: log ratio \(index) is \(value), expected a finite number or −∞"
        case .noWeight(let count): "importance weights: all \(count) log ratios are −∞, so no draw lies in the target"
        case .badOption(let name, let value, let expected):
            "importance weights: \(name) is \(value), expected \(expected)"
        }
    }
}
