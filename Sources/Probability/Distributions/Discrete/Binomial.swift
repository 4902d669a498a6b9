import CGSL
import Foundation

/// The number of successes among n independent trials of probability p: C(n, k)·pᵏ(1 − p)ⁿ⁻ᵏ.
///
/// Masses in Loader's form, tails by the incomplete beta function. Draws by GSL's `gsl_ran_binomial` (Kachitvichyanukul
/// and Schmeiser's BTPE).
public struct Binomial: DiscreteDistribution {
    /// n.
    public let totalCount: Int
    /// p.
    public let probability: Double

    /// - Throws: `DistributionError.invalidParameter` unless `totalCount` is in 0 … 2³¹ − 1 and `probability` in [0, 1].
    public init(totalCount: Int, probability: Double) throws(DistributionError) {
        (self.totalCount, self.probability) = (totalCount, probability)
        try Self.check("totalCount", Double(totalCount), Self.counts)
        try Self.check("probability", probability, .closedInterval(0, 1))
    }

    /// What GSL's sampler can count.
    private static var counts: Constraint { .integer(from: 0, through: Int(Int32.max)) }

    public static var name: String { "Binomial" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("totalCount", [Double(totalCount)], Self.counts),
            DistributionParameter("probability", [probability], .closedInterval(0, 1)),
        ]
    }
    public var support: Support { .integers(lower: 0, upper: totalCount) }
    private var n: Double { Double(totalCount) }
    /// np.
    public var mean: Double { n * probability }
    /// np(1 − p).
    public var variance: Double { n * probability * (1 - probability) }
    /// ⌈(n + 1)p⌉ − 1.
    public var mode: Int { min(totalCount, max(0, Int(((n + 1) * probability).rounded(.up)) - 1)) }
    /// Summed over the values that matter, O(√n).
    public var entropy: Double { summedEntropy() }

    public func logDensity(_ k: Int) -> Double {
        let p = probability
        guard k >= 0, k <= totalCount else { return -.infinity }
        if p == 0 || p == 1 { return k == (p == 0 ? 0 : totalCount) ? 0 : -.infinity }
        if k == 0 { return n * log1p(-p) }
        if k == totalCount { return n * log(p) }
        let (a, b) = (Double(k), Double(totalCount - k))
        // 1/B(a, b) = C(n, k)·ab/n
        return logBetaTerm(a, b, p, 1 - p) - log(a) - log(b / n)
    }

    /// P(X ≤ k) = 1 − I_p(k + 1, n − k).
    private func logTails(_ k: Int) -> (lower: Double, upper: Double) {
        guard k >= 0 else { return (-.infinity, 0) }
        guard k < totalCount else { return (0, -.infinity) }
        let (lower, upper) = logIncompleteBeta(Double(k) + 1, Double(totalCount - k), probability, 1 - probability)
        return (upper, lower)
    }

    public func cdf(_ k: Int) -> Double { exp(logTails(k).lower) }
    public func survival(_ k: Int) -> Double { exp(logTails(k).upper) }
    public func logCdf(_ k: Int) -> Double { logTails(k).lower }
    public func logSurvival(_ k: Int) -> Double { logTails(k).upper }

    public func sample(_ stream: inout RandomStream) -> Int {
        stream.withGenerator { Int(gsl_ran_binomial($0, probability, UInt32(totalCount))) }
    }
}
