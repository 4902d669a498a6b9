import CGSL

/// The mean of a figure over runs, with the confidence interval of Student's t: mean ± t · s/√n with n − 1 degrees of
/// freedom, for runs that are independent and nearly normal. GSL: `gsl_cdf_tdist_Pinv`.
public struct MeanInterval: Codable, Sendable, Equatable {
    public let mean: Double
    /// Half the width of the interval; `nil` for a single run.
    public let halfWidth: Double?
    /// The number of runs.
    public let count: Int

    /// The mean of `values`, `nil` where there are none. O(values).
    ///
    /// - Parameter level: the coverage of the interval, above 0 and below 1.
    public init?(_ values: [Double], level: Double = 0.95) {
        precondition(level > 0 && level < 1, "an interval of level \(level)")
        guard !values.isEmpty else { return nil }
        count = values.count
        mean = values.reduce(0, +) / Double(count)
        guard count > 1 else {
            halfWidth = nil
            return
        }
        let freedom = Double(count - 1)
        var squares = 0.0
        for value in values { squares += (value - mean) * (value - mean) }
        halfWidth = gsl_cdf_tdist_Pinv((1 + level) / 2, freedom) * (squares / freedom / Double(count)).squareRoot()
    }
}
