/// Which rows of a batch are novel so that at most a chosen share of those called novel is known, on average: control of
/// the false discovery rate from p-values.
///
/// Benjamini and Hochberg 1995 (doi:10.1111/j.2517-6161.1995.tb02031.x). With conformal p-values of one set of known rows
/// the promise holds although they depend on each other (Bates et al. 2023, arXiv:2104.08279).
public struct FalseDiscoveryRate: Sendable, Hashable, Codable {
    /// How the number of known rows in the batch is estimated.
    public enum Known: Sendable, Hashable, Codable {
        /// All rows count: the rate is at most level · (share of known rows).
        case all
        /// Storey's estimate, (1 + #{p > λ})/(m(1 − λ)) of m rows but 1 at most, 0 < λ < 1: finds more where much of the
        /// batch is novel (Storey, Taylor and Siegmund 2004, doi:10.1111/j.1467-9868.2004.00439.x). The 1 added, and that no
        /// row with p above λ is called novel, keep the promise in finite batches (their theorem 3).
        case storey(lambda: Double)

        /// Storey's with λ = ½.
        public static var storey: Known { .storey(lambda: 0.5) }
    }

    /// The level that was asked for, 0…1.
    public let level: Double
    /// Rows with a p-value up to here are novel; 0 where no row is.
    public let threshold: Double
    /// How many rows are novel.
    public let discoveries: Int
    public let rows: Int
    /// The estimated share of known rows, 0…1; 1 for `.all`.
    public let knownShare: Double

    public func isNovel(pValue: Double) -> Bool { pValue <= threshold && discoveries > 0 }

    /// Of the p-values of a batch. A NaN counts as 1. O(m log m).
    public init(pValues: some Collection<Double>, level: Double, known: Known = .all) {
        let sorted = pValues.map { $0.isNaN ? 1 : $0 }.sorted()
        var groups: [(value: Double, count: Int)] = []
        for p in sorted {
            if let last = groups.last, last.value == p { groups[groups.count - 1].count += 1 } else { groups.append((p, 1)) }
        }
        self.init(groups: groups, level: level, known: known)
    }

    /// Of conservative conformal p-values that were only counted: `counts[k]` rows have p = (k + 1)/counts.count. So a
    /// batch of any length is decided in memory of the known rows' number. O(counts).
    public init(conformalCounts counts: [Int], level: Double, known: Known = .all) {
        let whole = Double(counts.count)
        self.init(
            groups: counts.enumerated().filter { $1 > 0 }.map { (Double($0 + 1) / whole, $1) }, level: level,
            known: known)
    }

    /// From distinct ascending p-values with their counts.
    private init(groups: [(value: Double, count: Int)], level: Double, known: Known) {
        precondition(level > 0 && level < 1, "a false discovery rate of \(level)")
        let rows = groups.reduce(0) { $0 + $1.count }
        var (share, limit) = (1.0, 1.0)
        if case .storey(let lambda) = known {
            precondition(lambda > 0 && lambda < 1, "λ = \(lambda)")
            let above = groups.reduce(0) { $1.value > lambda ? $0 + $1.count : $0 }
            share = min(1, Double(1 + above) / (Double(max(rows, 1)) * (1 - lambda)))
            limit = lambda
        }
        var (threshold, discoveries, seen) = (0.0, 0, 0)
        for (value, count) in groups {
            seen += count
            // p₍ₖ₎ ≤ k·level/(share·m), the last such k.
            if value <= limit, value * share * Double(rows) <= level * Double(seen) * (1 + 1e-14) {
                (threshold, discoveries) = (value, seen)
            }
        }
        (self.level, self.rows, knownShare) = (level, rows, share)
        (self.threshold, self.discoveries) = (threshold, discoveries)
    }

    /// The smallest level at which each row would be novel (its adjusted p-value or q-value), in the order given; 1 at
    /// most. O(m log m).
    public static func adjusted(_ pValues: [Double], known: Known = .all) -> [Double] {
        let share = FalseDiscoveryRate(pValues: pValues, level: 0.5, known: known).knownShare
        let values = pValues.map { $0.isNaN ? 1 : $0 }
        let order = values.indices.sorted { values[$0] < values[$1] }
        var (result, least) = (values, 1.0)
        for (place, row) in order.enumerated().reversed() {
            least = min(least, values[row] * share * Double(values.count) / Double(place + 1))
            result[row] = least
        }
        return result
    }
}
