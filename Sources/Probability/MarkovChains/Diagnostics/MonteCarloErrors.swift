import CGSL
import Foundation

// Monte-Carlo standard errors: how far estimates from these chains lie from the values of infinitely long ones.

extension ChainDiagnostics {
    /// Of the mean: the standard deviation over the root of the mean's effective sample size.
    public var standardErrorOfMean: Double { standardDeviation / effectiveSampleSizeOfMean.squareRoot() }

    /// Of the standard deviation, by the delta method: √(Var((x − mean)²) / (4 · E(x − mean)² · size)), with the
    /// effective sample size of the standard deviation.
    public var standardErrorOfStandardDeviation: Double {
        let mean = mean
        let squares = sorted.map { ($0 - mean) * ($0 - mean) }
        let variance = squares.reduce(0, +) / Double(count)
        let fourth = squares.reduce(0) { $0 + $1 * $1 } / Double(count)
        let size = effectiveSampleSizeOfStandardDeviation
        return ((fourth - variance * variance) / (size * 4 * variance)).squareRoot()
    }

    /// Of the median.
    public var standardErrorOfMedian: Double { standardErrorOfQuantile(0.5) }

    /// Of the quantile at `p` in [0, 1]: half the width between the order statistics at the 16 % and 84 % quantiles of
    /// the Beta distribution of the quantile's level (Vehtari et al. 2021, section 4.4).
    public func standardErrorOfQuantile(_ p: Double) -> Double {
        let size = effectiveSampleSizeOfQuantile(p)
        guard !size.isNaN else { return .nan }
        GSL.prepare()
        let (a, b) = (size * p + 1, size * (1 - p) + 1)
        // One standard deviation of a normal distribution to either side.
        let lower = gsl_cdf_beta_Pinv(0.1586553, a, b) * Double(count) - 1
        let upper = gsl_cdf_beta_Pinv(0.8413447, a, b) * Double(count) - 1
        guard lower.isFinite, upper.isFinite else { return .nan }
        let first = Int(max(0, lower.rounded(.down)))
        let last = Int(min(Double(count - 1), max(0, upper.rounded(.up))))
        return (sorted[last] - sorted[first]) / 2
    }
}
