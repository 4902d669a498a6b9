import ContinualEvaluation
import TestSupport
import Testing

@Suite struct MeanIntervalTests {
    /// Quantiles of Student's t as printed in tables: 12.7062 (1 degree of freedom), 2.77645 (4), 2.30600 (8); 95 %.
    @Test(arguments: [(2, 12.7062), (5, 2.77645), (9, 2.30600)])
    func widthsFollowStudent(_ count: Int, _ quantile: Double) throws {
        let values = (0..<count).map { Double($0 * $0) }
        let interval = try #require(MeanInterval(values))
        let mean = values.reduce(0, +) / Double(count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
        #expect(interval.count == count)
        expectClose(interval.mean, mean, relative: 1e-12)
        expectClose(
            try #require(interval.halfWidth), quantile * (variance / Double(count)).squareRoot(), relative: 1e-5)
    }

    @Test func otherLevels() throws {
        // 99 % with 4 degrees of freedom: 4.60409; the standard error of 1, 2, 3, 4, 5 is √(2.5/5).
        let interval = try #require(MeanInterval([1, 2, 3, 4, 5], level: 0.99))
        expectClose(try #require(interval.halfWidth), 4.60409 * 0.5.squareRoot(), relative: 1e-5)
    }

    @Test func oneRunHasNoInterval() throws {
        #expect(MeanInterval([]) == nil)
        let one = try #require(MeanInterval([0.5]))
        #expect(one.mean == 0.5 && one.halfWidth == nil && one.count == 1)
        #expect(MeanInterval([0.25, 0.25, 0.25])?.halfWidth == 0)
    }
}
