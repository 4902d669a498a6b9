import Foundation

/// The number of marked items among n drawn without replacement from N items of which K are marked:
/// C(K, k)·C(N − K, n − k)/C(N, n).
///
/// Masses as a ratio of three binomial masses in Loader's form. Tails are summed from x outwards, O(standard deviation).
public struct Hypergeometric: DiscreteDistribution {
    /// N.
    public let populationCount: Int
    /// K.
    public let markedCount: Int
    /// n.
    public let drawCount: Int

    /// - Throws: `DistributionError.invalidParameter` unless 0 ≤ `markedCount`, `drawCount` ≤ `populationCount` < 2⁵³.
    public init(populationCount: Int, markedCount: Int, drawCount: Int) throws(DistributionError) {
        (self.populationCount, self.markedCount, self.drawCount) = (populationCount, markedCount, drawCount)
        try Self.check("populationCount", Double(populationCount), .integer(from: 0, through: 1 << 53 - 1))
        try Self.check("markedCount", Double(markedCount), .integer(from: 0, through: populationCount))
        try Self.check("drawCount", Double(drawCount), .integer(from: 0, through: populationCount))
    }

    public static var name: String { "Hypergeometric" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("populationCount", [Double(populationCount)], .integer(from: 0, through: 1 << 53 - 1)),
            DistributionParameter("markedCount", [Double(markedCount)], .integer(from: 0, through: populationCount)),
            DistributionParameter("drawCount", [Double(drawCount)], .integer(from: 0, through: populationCount)),
        ]
    }

    private var lowest: Int { max(0, drawCount + markedCount - populationCount) }
    private var highest: Int { min(drawCount, markedCount) }
    public var support: Support { .integers(lower: lowest, upper: highest) }

    private var total: Double { Double(populationCount) }
    private var marked: Double { Double(markedCount) }
    private var draws: Double { Double(drawCount) }

    /// nK/N.
    public var mean: Double { populationCount == 0 ? 0 : draws * (marked / total) }
    /// n·K/N·(1 − K/N)·(N − n)/(N − 1).
    public var variance: Double {
        populationCount <= 1 ? 0 : mean * ((total - marked) / total) * ((total - draws) / (total - 1))
    }
    /// ⌈(n + 1)(K + 1)/(N + 2)⌉ − 1.
    public var mode: Int {
        let position = ((draws + 1) * ((marked + 1) / (total + 2))).rounded(.up) - 1
        return min(highest, max(lowest, Int(clamping: position)))
    }
    /// Summed over the support's values that matter.
    public var entropy: Double { lowest == highest ? 0 : summedEntropy() }

    public func logDensity(_ k: Int) -> Double {
        guard k >= lowest, k <= highest else { return -.infinity }
        if lowest == highest { return 0 }
        let share = draws / total
        return Self.logBinomial(k, markedCount, share) + Self.logBinomial(drawCount - k, populationCount - markedCount, share)
            - Self.logBinomial(drawCount, populationCount, share)
    }

    private static func logBinomial(_ k: Int, _ n: Int, _ p: Double) -> Double {
        if n == 0 { return 0 }
        if p == 1 { return k == n ? 0 : -.infinity }
        if k == 0 { return Double(n) * log1p(-p) }
        if k == n { return Double(n) * log(p) }
        let (a, b) = (Double(k), Double(n - k))
        return logBetaTerm(a, b, p, 1 - p) - log(a) - log(b / Double(n))
    }

    /// P(k + 1)/P(k).
    private func ratio(_ k: Int) -> Double {
        (marked - Double(k)) / (Double(k) + 1) * ((draws - Double(k)) / (total - marked - draws + Double(k) + 1))
    }

    /// ln of the sum of masses from `start` away from the mode.
    private func logSum(from start: Int, upwards: Bool) -> Double {
        var (sum, term, k) = (1.0, 1.0, start)
        while upwards ? k < highest : k > lowest {
            term *= upwards ? ratio(k) : 1 / ratio(k - 1)
            k += upwards ? 1 : -1
            sum += term
            if term < 1e-18 * sum { break }
        }
        return logDensity(start) + log(sum)
    }

    public func logCdf(_ k: Int) -> Double {
        guard k >= lowest else { return -.infinity }
        guard k < highest else { return 0 }
        if Double(k) <= mean { return min(0, logSum(from: k, upwards: false)) }
        return logOneMinusExp(min(0, logSum(from: k + 1, upwards: true)))
    }

    public func logSurvival(_ k: Int) -> Double {
        guard k >= lowest else { return 0 }
        guard k < highest else { return -.infinity }
        if Double(k) > mean { return min(0, logSum(from: k + 1, upwards: true)) }
        return logOneMinusExp(min(0, logSum(from: k, upwards: false)))
    }

    public func cdf(_ k: Int) -> Double { exp(logCdf(k)) }
    public func survival(_ k: Int) -> Double { exp(logSurvival(k)) }

    /// By inversion from the mode, O(standard deviation); GSL's sampler walks over all n draws.
    public func sample(_ stream: inout RandomStream) -> Int {
        lowest == highest ? lowest : drawnByInversion(stream.uniform(), from: mode, ratio)
    }
}
