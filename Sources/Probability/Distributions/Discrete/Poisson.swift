import CGSL
import Foundation

/// The Poisson distribution: rateᵏ·e^−rate/k!.
///
/// Masses in Loader's form, tails by the incomplete gamma functions: P(X ≤ k) = Q(k + 1, rate).
public struct Poisson: DiscreteDistribution {
    public let rate: Double

    /// - Throws: `DistributionError.invalidParameter` unless `rate` is finite and at least 0.
    public init(rate: Double) throws(DistributionError) {
        self.rate = rate
        try Self.check("rate", rate, .atLeast(0))
    }

    public static var name: String { "Poisson" }
    public var parameters: [DistributionParameter] { [DistributionParameter("rate", [rate], .atLeast(0))] }
    public var support: Support { .integers(lower: 0, upper: nil) }
    public var mean: Double { rate }
    public var variance: Double { rate }
    /// ⌈rate⌉ − 1.
    public var mode: Int { max(0, Int(clamping: rate.rounded(.up)) - 1) }
    /// Summed over the values that matter, in steps where the rate is large.
    public var entropy: Double { rate == 0 ? 0 : summedEntropy() }

    public func logDensity(_ k: Int) -> Double {
        guard k > 0, rate > 0 else { return k == 0 ? -rate : -.infinity }
        return logPoissonTerm(Double(k), rate)
    }

    private func logTails(_ k: Int) -> (lower: Double, upper: Double) {
        guard k >= 0 else { return (-.infinity, 0) }
        let (lower, upper) = logIncompleteGamma(Double(k) + 1, rate)
        return (upper, lower)
    }

    public func cdf(_ k: Int) -> Double { exp(logTails(k).lower) }
    public func survival(_ k: Int) -> Double { exp(logTails(k).upper) }
    public func logCdf(_ k: Int) -> Double { logTails(k).lower }
    public func logSurvival(_ k: Int) -> Double { logTails(k).upper }

    public func sample(_ stream: inout RandomStream) -> Int { Poisson.draw(rate, &stream) }

    /// Hörmann's transformed rejection PTRS (1993, doi:10.1016/0167-6687(93)90997-4) from rate 10, products of uniform
    /// numbers below; GSL's sampler counts in 32 bits only.
    static func draw(_ rate: Double, _ stream: inout RandomStream) -> Int {
        guard rate >= 10 else {
            let limit = exp(-rate)
            var (product, count) = (stream.uniform(), 0)
            while product > limit {
                product *= stream.uniform()
                count += 1
            }
            return count
        }
        let b = 0.931 + 2.53 * rate.squareRoot()
        let a = -0.059 + 0.02483 * b
        let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
        let v = 0.9277 - 3.6224 / (b - 2)
        while true {
            let u = stream.uniform() - 0.5
            let w = stream.openUniform()
            let us = 0.5 - abs(u)
            let k = ((2 * a / us + b) * u + rate + 0.43).rounded(.down)
            if us >= 0.07, w <= v { return Int(clamping: k) }
            guard k >= 0, us >= 0.013 || w <= us else { continue }
            let logMass = k == 0 ? -rate : logPoissonTerm(k, rate)
            if log(w) + log(inverseAlpha) - log(a / (us * us) + b) <= logMass { return Int(clamping: k) }
        }
    }
}
