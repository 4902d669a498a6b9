import Foundation

/// What coverage can be expected of conformal sets, exactly.
///
/// With n calibration rows and continuous scores, how many of m new rows are covered has the beta-binomial distribution
/// with m trials and parameters k and n + 1 − k, k = ⌈(n + 1)(1 − α)⌉ (Angelopoulos and Bates 2023, arXiv:2107.07511,
/// section 3.2 and appendix C). Ties of scores can only raise coverage.
public struct ConformalCoverage: Sendable, Hashable {
    public let trials: Int
    public let a: Double
    public let b: Double

    /// - Returns: `nil` where k > n, so that every set is whole and coverage 1, and for no trials.
    public init?(alpha: Double, calibrationRows: Int, testRows: Int) {
        let k = ConformalPredictor.rank(alpha: alpha, rows: calibrationRows)
        guard k <= calibrationRows, testRows > 0 else { return nil }
        (trials, a, b) = (testRows, Double(k), Double(calibrationRows + 1 - k))
    }

    /// The probability of `count` covered rows.
    public func probability(_ count: Int) -> Double {
        guard count >= 0, count <= trials else { return 0 }
        let (m, x) = (Double(trials), Double(count))
        let choose = lgamma(m + 1) - lgamma(x + 1) - lgamma(m - x + 1)
        return exp(choose + Self.logBeta(x + a, m - x + b) - Self.logBeta(a, b))
    }

    /// Shares of covered rows that hold the middle `level` of the distribution: outside either end lies at most half of
    /// the rest.
    public func interval(level: Double = 0.95) -> (lower: Double, upper: Double) {
        let tail = (1 - level) / 2
        var (lower, upper) = (0, trials)
        var mass = probability(0)
        while lower < trials, mass <= tail {
            lower += 1
            mass += probability(lower)
        }
        mass = probability(trials)
        while upper > 0, mass <= tail {
            upper -= 1
            mass += probability(upper)
        }
        return (Double(lower) / Double(trials), Double(upper) / Double(trials))
    }

    private static func logBeta(_ a: Double, _ b: Double) -> Double { lgamma(a) + lgamma(b) - lgamma(a + b) }
}
