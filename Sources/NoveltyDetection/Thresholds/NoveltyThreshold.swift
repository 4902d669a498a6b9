import Probability

/// Where a score begins to mean "novel": the threshold that keeps a chosen share of known rows.
///
/// Set on known rows that neither the head nor the score was fitted on. A row is novel where its score is above the
/// threshold, so of equal scores all or none are.
public struct NoveltyThreshold: Sendable, Hashable, Codable {
    /// Rows with a higher score are novel.
    public let value: Double
    /// The share of known rows that was to be kept, 0…1.
    public let truePositiveRate: Double
    /// The known rows that set the threshold, and how many of them it keeps: at least the wanted share, more where scores
    /// are equal.
    public let rows: Int
    public let kept: Int
    /// The share of all known rows that the threshold keeps lies here (`BinomialInterval` of `kept` of `rows`).
    ///
    /// It holds although the same rows set the threshold: the share below the k-th smallest of n scores has the law
    /// Beta(k, n + 1 − k) or, with equal scores, lies above it. The interval's lower end is that law's quantile and its
    /// upper end that of Beta(k + 1, n − k), which is higher.
    public let interval: BinomialInterval

    public func isNovel(_ score: Double) -> Bool { score > value }

    /// The smallest threshold that keeps at least the share `rate` of `known` scores, 0 < rate ≤ 1. O(n log n).
    ///
    /// - Throws: `NoveltyError` where there is no score or one is NaN.
    public init(known: some Collection<Double>, truePositiveRate rate: Double, level: Double = 0.95)
        throws(NoveltyError)
    {
        precondition(rate > 0 && rate <= 1, "a true-positive rate of \(rate)")
        let sorted = try Self.sorted(known)
        // 0.95 · 20 is 19, but 0.95 is no binary fraction: a share that is whole but for rounding is not rounded up.
        let wanted = Int((rate * Double(sorted.count) * (1 - 1e-12)).rounded(.up))
        self.init(sorted, place: max(1, wanted), rate, level)
    }

    /// The smallest threshold that keeps at least the share `rate` of all known rows with probability `confidence`: an
    /// upper tolerance limit (Wilks 1941, doi:10.1214/aoms/1177731788), the k-th smallest score with
    /// P(Beta(k, n + 1 − k) ≥ rate) ≥ confidence.
    ///
    /// - Throws: `NoveltyError` where there is no score, one is NaN, or there are too few: the largest of n scores keeps
    ///   `rate` with probability 1 − rateⁿ only.
    public init(
        known: some Collection<Double>, truePositiveRate rate: Double, confidence: Double, level: Double = 0.95
    ) throws(NoveltyError) {
        precondition(rate > 0 && rate < 1, "a true-positive rate of \(rate)")
        precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
        let sorted = try Self.sorted(known)
        let n = sorted.count
        func isEnough(_ k: Int) -> Bool {
            let content = try? Beta(concentration1: Double(k), concentration0: Double(n + 1 - k))
            return content.map { $0.survival(rate) >= confidence } ?? false
        }
        guard isEnough(n) else {
            throw .knownRows(
                reason: "\(n) of them, expected \(Self.rowsNeeded(rate, confidence)) at least for a threshold that keeps "
                    + "\(rate) of all with confidence \(confidence)")
        }
        var (low, high) = (0, n)  // `low` is not enough, `high` is
        while high - low > 1 {
            let middle = (low + high) / 2
            if isEnough(middle) { high = middle } else { low = middle }
        }
        self.init(sorted, place: high, rate, level)
    }

    private init(_ sorted: [Double], place: Int, _ rate: Double, _ level: Double) {
        value = sorted[place - 1]
        truePositiveRate = rate
        rows = sorted.count
        kept = sorted.places(of: sorted[place - 1]).upperBound
        interval = BinomialInterval(count: kept, of: sorted.count, level: level)
    }

    /// The smallest n with 1 − rateⁿ ≥ confidence.
    private static func rowsNeeded(_ rate: Double, _ confidence: Double) -> Int {
        var (rows, missed) = (0, 1.0)
        while missed > 1 - confidence, rows < 1_000_000_000 {
            missed *= rate
            rows += 1
        }
        return rows
    }

    private static func sorted(_ known: some Collection<Double>) throws(NoveltyError) -> [Double] {
        if known.isEmpty { throw .noRows(set: "known") }
        for (row, score) in known.enumerated() where score.isNaN { throw .scoreIsNaN(set: "known", row: row) }
        return known.sorted()
    }
}

extension [Double] {
    /// Of an ascending array: where `value` stands or would stand. Before it all are smaller, behind it all are larger.
    /// O(log n).
    func places(of value: Double) -> Range<Int> {
        func first(where isBehind: (Double) -> Bool) -> Int {
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        let lower = first { $0 >= value }
        return lower..<Swift.max(lower, first { $0 > value })
    }
}
