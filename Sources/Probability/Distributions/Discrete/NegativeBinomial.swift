import CGSL
import Foundation

/// The number of successes of probability p before the r-th failure: Γ(k + r)/(Γ(r)k!)·pᵏ(1 − p)ʳ, k ≥ 0. r may be any
/// number above 0.
///
/// p belongs to what is counted, as in torch.distributions; SciPy's and GSL's p is 1 − p here. A Poisson distribution
/// whose rate is Gamma(r, rate (1 − p)/p): draws are made so.
public struct NegativeBinomial: DiscreteDistribution {
    /// r, the failures that end the count.
    public let totalCount: Double
    /// p, of each success counted.
    public let probability: Double

    /// - Throws: `DistributionError.invalidParameter` unless `totalCount` is finite and above 0, and `probability` in
    ///   (0, 1).
    public init(totalCount: Double, probability: Double) throws(DistributionError) {
        (self.totalCount, self.probability) = (totalCount, probability)
        try Self.check("totalCount", totalCount, .positive)
        try Self.check("probability", probability, .openInterval(0, 1))
    }

    public static var name: String { "NegativeBinomial" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("totalCount", [totalCount], .positive),
            DistributionParameter("probability", [probability], .openInterval(0, 1)),
        ]
    }
    public var support: Support { .integers(lower: 0, upper: nil) }
    private var odds: Double { probability / (1 - probability) }
    /// rp/(1 − p).
    public var mean: Double { totalCount * odds }
    /// rp/(1 − p)².
    public var variance: Double { mean / (1 - probability) }
    /// ⌈(r − 1)p/(1 − p)⌉ − 1, but not below 0.
    public var mode: Int { max(0, Int(clamping: ((totalCount - 1) * odds).rounded(.up)) - 1) }
    /// Summed over the values that matter, O(standard deviation).
    public var entropy: Double { summedEntropy() }

    public func logDensity(_ k: Int) -> Double {
        guard k > 0 else { return k == 0 ? totalCount * log1p(-probability) : -.infinity }
        return logBetaTerm(totalCount, Double(k), 1 - probability, probability) - log(Double(k))
    }

    /// P(X ≤ k) = I_{1−p}(r, k + 1).
    private func logTails(_ k: Int) -> (lower: Double, upper: Double) {
        guard k >= 0 else { return (-.infinity, 0) }
        return logIncompleteBeta(totalCount, Double(k) + 1, 1 - probability, probability)
    }

    public func cdf(_ k: Int) -> Double { exp(logTails(k).lower) }
    public func survival(_ k: Int) -> Double { exp(logTails(k).upper) }
    public func logCdf(_ k: Int) -> Double { logTails(k).lower }
    public func logSurvival(_ k: Int) -> Double { logTails(k).upper }

    public func sample(_ stream: inout RandomStream) -> Int {
        let rate = stream.withGenerator { gsl_ran_gamma($0, totalCount, odds) }
        return Poisson.draw(rate, &stream)
    }
}
