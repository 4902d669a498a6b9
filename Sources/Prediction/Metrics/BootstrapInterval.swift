import Foundation
import Probability

/// Percentile intervals by resampling rows (Efron and Tibshirani 1993, chapter 13).
public struct BootstrapInterval: Sendable, Hashable, Codable {
    public var lower: Double
    public var upper: Double

    /// The share `level` of `values` in the middle: quantiles at position (n − 1)·q, interpolated linearly.
    public init?(values: [Double], level: Double = 0.95) {
        let sorted = values.sorted()
        guard let last = sorted.last, last.isFinite else { return nil }
        func quantile(_ q: Double) -> Double {
            let position = q * Double(sorted.count - 1)
            let low = Int(position)
            let high = min(low + 1, sorted.count - 1)
            return sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low])
        }
        (lower, upper) = (quantile((1 - level) / 2), quantile((1 + level) / 2))
    }

    /// Rows drawn with replacement, `draws` times as many as there are; the same seed gives the same rows.
    public static func draws(rows: Int, draws: Int, seed: UInt64) -> BootstrapDraws {
        BootstrapDraws(rows: rows, draws: draws, stream: RandomStream(seed: seed))
    }
}

/// Resamples of row numbers, made one at a time.
public struct BootstrapDraws: Sequence, IteratorProtocol, Sendable {
    let rows: Int
    var draws: Int
    var stream: RandomStream

    public mutating func next() -> [Int]? {
        guard draws > 0, rows > 0 else { return nil }
        draws -= 1
        let count = rows
        return (0..<count).map { _ in stream.integer(below: count) }
    }
}
