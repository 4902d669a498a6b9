import CGSL
import Foundation
import Matrices

/// Counts `[K]` of n independent draws from K classes: n!/Π kᵢ!·Π pᵢ^kᵢ. Counts are whole numbers held as `Double`.
public struct Multinomial: MultivariateDistribution {
    /// n.
    public let totalCount: Int
    /// The class of one draw.
    public let categorical: Categorical

    /// - Throws: `DistributionError` unless `totalCount` is in 0 … 2³¹ − 1 and the probabilities are those of a
    ///   `Categorical`.
    public init(totalCount: Int, probabilities: [Double]) throws(DistributionError) {
        self.totalCount = totalCount
        try Self.check("totalCount", Double(totalCount), .integer(from: 0, through: Int(Int32.max)))
        categorical = try Self.part("probabilities", as: "probabilities") { () throws(DistributionError) in
            try Categorical(probabilities: probabilities)
        }
    }

    public static var name: String { "Multinomial" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("totalCount", [Double(totalCount)], .integer(from: 0, through: Int(Int32.max))),
            DistributionParameter("probabilities", probabilities, .simplex),
        ]
    }
    public var probabilities: [Double] { categorical.probabilities }
    public var dimension: Int { categorical.classCount }
    public var support: Support { .counts(dimension: dimension, total: totalCount) }
    private var n: Double { Double(totalCount) }
    /// n·p.
    public var mean: [Double] { probabilities.map { n * $0 } }
    /// n·p(1 − p).
    public var variance: [Double] { probabilities.map { n * $0 * (1 - $0) } }
    public var covariance: Matrix<Double> { multinomialCovariance(probabilities, scale: n) }

    /// A point of highest probability, by the greedy rule of Finucan (1964, doi:10.2307/2333920): the next unit goes where
    /// pᵢ/(kᵢ + 1) is largest.
    public var mode: [Double] {
        var counts = probabilities.map { ((n + 1) * $0).rounded(.down) }
        var left = n - counts.reduce(0, +)
        while left > 0 {
            let index = counts.indices.max { (probabilities[$0] / (counts[$0] + 1), -$0) < (probabilities[$1] / (counts[$1] + 1), -$1) } ?? 0
            counts[index] += 1
            left -= 1
        }
        while left < 0 {
            let index = counts.indices.filter { counts[$0] > 0 }.min { probabilities[$0] / counts[$0] < probabilities[$1] / counts[$1] } ?? 0
            counts[index] -= 1
            left += 1
        }
        return counts
    }

    /// −ln n! − n·Σ p ln p + Σᵢ E[ln kᵢ!], each kᵢ being binomial. O(K·n).
    public var entropy: Double {
        var result = -logGamma(n + 1) + n * categorical.entropy
        for p in probabilities where p > 0 {
            guard let marginal = try? Binomial(totalCount: totalCount, probability: min(1, p)) else { return .nan }
            for k in stride(from: 2, through: totalCount, by: 1) {
                result += exp(marginal.logDensity(k)) * logGamma(Double(k) + 1)
            }
        }
        return result
    }

    public func logDensity(_ x: [Double]) -> Double {
        checkWidth(x.count)
        guard support.contains(x) else { return -.infinity }
        // Chained binomial masses in Loader's form: no factorials that cancel.
        var (result, left, share) = (0.0, n, 1.0)
        for (k, p) in zip(x, probabilities) {
            if p == 0 {
                if k > 0 { return -.infinity }
                continue
            }
            result += Self.logBinomial(k, left, min(1, p / share))
            left -= k
            share = max(share - p, 0)
            if left == 0 { return result }
        }
        return left == 0 ? result : -.infinity
    }

    private static func logBinomial(_ k: Double, _ n: Double, _ p: Double) -> Double {
        if k == n { return xLogY(n, p) }
        // The last class takes what is left, whatever rounding has made of its share.
        if p >= 1 { return -.infinity }
        if k == 0 { return xLog1pY(n, -p) }
        return logBetaTerm(k, n - k, p, 1 - p) - log(k) - log((n - k) / n)
    }

    /// By GSL's `gsl_ran_multinomial`: conditional binomial draws.
    public func sample(_ stream: inout RandomStream) -> [Double] {
        var counts = [UInt32](repeating: 0, count: dimension)
        stream.withGenerator { gsl_ran_multinomial($0, dimension, UInt32(totalCount), probabilities, &counts) }
        return counts.map { Double($0) }
    }
}
