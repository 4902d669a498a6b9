import CGSL

/// Whether two classifiers differ on the same rows: the exact test of McNemar (1947, doi:10.1007/BF02295996). Under the
/// hypothesis of equal accuracy, the rows that only one of them has right fall to either with probability ½.
public struct McNemarTest: Codable, Sendable, Equatable {
    /// Rows that only the first, and only the second, has right.
    public let onlyFirst: Int
    public let onlySecond: Int
    /// Two-sided, 0…1. GSL: `gsl_cdf_binomial_P`.
    public let pValue: Double

    public init(onlyFirst: Int, onlySecond: Int) {
        precondition(onlyFirst >= 0 && onlySecond >= 0, "\(onlyFirst) and \(onlySecond) rows")
        (self.onlyFirst, self.onlySecond) = (onlyFirst, onlySecond)
        let total = onlyFirst + onlySecond
        pValue = total == 0
            ? 1 : min(1, 2 * gsl_cdf_binomial_P(UInt32(min(onlyFirst, onlySecond)), 0.5, UInt32(total)))
    }

    /// `nil` where the outcomes are not of the same rows, or damaged. O(rows).
    public init?(_ first: RowOutcomes, _ second: RowOutcomes) {
        guard first.fingerprint == second.fingerprint, let a = first.isRight, let b = second.isRight, a.count == b.count
        else { return nil }
        var (onlyFirst, onlySecond) = (0, 0)
        for (a, b) in zip(a, b) where a != b {
            if a { onlyFirst += 1 } else { onlySecond += 1 }
        }
        self.init(onlyFirst: onlyFirst, onlySecond: onlySecond)
    }
}
