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
    /// Summed over the values that matter; of wide distributions only the first 4096, the rest as an integral. O(1).
    public var entropy: Double {
        let (first, last) = (quantile(1e-20), upperQuantile(1e-20))
        let summed = 4096
        guard last - first > 2 * summed else { return summedEntropy() }
        func term(_ k: Double) -> Double {
            let logMass = logDensity(at: k)
            return logMass > -745 ? -exp(logMass) * logMass : 0
        }
        var sum = (first..<(first + summed)).reduce(0) { $0 + term(Double($1)) }
        // Euler and Maclaurin's midpoint rule: the sum is the integral from half a step before, and f'/24 there. Pieces
        // grow with the distance from the start up to the width of the tail.
        var x = Double(first + summed) - 0.5
        sum += (term(x + 0.5) - term(x - 0.5)) / 24
        let widest = max(1, totalCount.squareRoot()) / (1 - probability)
        while x < Double(last) {
            let width = min(0.5 * (x - Double(first)), widest)
            for (node, weight) in legendreNodes {
                sum += 0.5 * width * weight * (term(x + 0.5 * width * (1 - node)) + term(x + 0.5 * width * (1 + node)))
            }
            x += width
        }
        return sum
    }

    public func logDensity(_ k: Int) -> Double { k < 0 ? -.infinity : logDensity(at: Double(k)) }

    /// The formula between whole numbers as well, k ≥ 0.
    private func logDensity(at k: Double) -> Double {
        guard k > 0 else { return totalCount * log1p(-probability) }
        return logBetaTerm(totalCount, k, 1 - probability, probability) - log(k)
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
