import Probability

/// The exact interval of a share that was counted (Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404): it misses the
/// true share with probability `1 − level` at most, half of it on either side, whatever the share and the number of rows.
public struct BinomialInterval: Sendable, Hashable, Codable {
    /// 0…1; 0 where nothing was counted, so that the interval is one-sided there.
    public let lower: Double
    /// 0…1; 1 where everything was counted.
    public let upper: Double
    /// How sure the interval is, such as 0.95.
    public let level: Double

    /// Of `count` among `total` rows. O(1).
    public init(count: Int, of total: Int, level: Double = 0.95) {
        precondition(total > 0 && (0...total).contains(count), "\(count) of \(total)")
        precondition(level > 0 && level < 1, "a level of \(level)")
        let tail = (1 - level) / 2
        // The shares at which `count` or more, or `count` or fewer, come up with probability `tail`.
        func share(_ a: Int, _ b: Int, _ quantile: (Beta) -> Double) -> Double? {
            (try? Beta(concentration1: Double(a), concentration0: Double(b))).map(quantile)
        }
        lower = count == 0 ? 0 : share(count, total - count + 1) { $0.quantile(tail) } ?? 0
        upper = count == total ? 1 : share(count + 1, total - count) { $0.upperQuantile(tail) } ?? 1
        self.level = level
    }
}
