/// How a score tells two sets apart at every threshold: the receiver operating characteristic.
///
/// A row is called positive where its score is at or above the threshold. Rows with equal scores cross the threshold
/// together, so ties and the order of rows change nothing.
public struct ReceiverOperatingCharacteristic: Sendable {
    /// One point a distinct score, descending, after the start (threshold +∞, nothing called positive).
    public let thresholds: [Double]
    /// Called positive among the positive and the negative rows, by point.
    public let truePositives: [Int]
    public let falsePositives: [Int]
    public let positives: Int
    public let negatives: Int

    /// O(n log n).
    ///
    /// - Throws: `NoveltyError` where a set is empty or a score is NaN; the sets are named by `positiveName` and
    ///   `negativeName`.
    public init(
        positives: some Collection<Double>, negatives: some Collection<Double>, positiveName: String = "positive",
        negativeName: String = "negative"
    ) throws(NoveltyError) {
        let groups = try ScoreGroups(
            known: negatives, novel: positives, knownName: negativeName, novelName: positiveName)
        (self.positives, self.negatives) = (groups.novelRows, groups.knownRows)
        thresholds = [.infinity] + groups.scores
        truePositives = Self.sums(groups.novel)
        falsePositives = Self.sums(groups.known)
    }

    private static func sums(_ counts: [Int32]) -> [Int] {
        var total = 0
        return [0] + counts.map { count in
            total += Int(count)
            return total
        }
    }

    /// The share of positive rows called positive, by point, from 0 to 1.
    public var truePositiveRates: [Double] { truePositives.map { Double($0) / Double(positives) } }
    /// The share of negative rows called positive, by point, from 0 to 1.
    public var falsePositiveRates: [Double] { falsePositives.map { Double($0) / Double(negatives) } }

    /// The area under the curve: P(positive > negative) + ½·P(equal). Counted in whole numbers, so exact.
    public var area: Double {
        var doubled = 0.0
        for i in 1..<truePositives.count {
            doubled += Double((falsePositives[i] - falsePositives[i - 1]) * (truePositives[i] + truePositives[i - 1]))
        }
        return doubled / 2 / (Double(positives) * Double(negatives))
    }

    /// Average precision, the area under precision and recall by steps: Σ (recallᵢ − recallᵢ₋₁)·precisionᵢ.
    public var averagePrecision: Double {
        (1..<truePositives.count).reduce(0) { sum, i in
            let gained = Double(truePositives[i] - truePositives[i - 1]) / Double(positives)
            return sum + gained * Double(truePositives[i]) / Double(truePositives[i] + falsePositives[i])
        }
    }

    /// Which threshold stands for a wanted true-positive rate.
    public enum OperatingPoint: Sendable, Hashable {
        /// The first, from above, whose rate is at least the wanted one.
        case first
        /// The one whose rate is nearest to the wanted one, which may be below it; of two equally near the lower
        /// threshold, but none below the first that has all. As the code of CLAP4CLIP does.
        case nearest
    }

    /// The share of negative rows called positive where the true-positive rate is `rate` (0 < rate ≤ 1).
    public func falsePositiveRate(atTruePositiveRate rate: Double, _ point: OperatingPoint = .first) -> Double {
        Double(falsePositives[index(atTruePositiveRate: rate, point)]) / Double(negatives)
    }

    /// The threshold of that point.
    public func threshold(atTruePositiveRate rate: Double, _ point: OperatingPoint = .first) -> Double {
        thresholds[index(atTruePositiveRate: rate, point)]
    }

    private func index(atTruePositiveRate rate: Double, _ point: OperatingPoint) -> Int {
        precondition(rate > 0 && rate <= 1, "a true-positive rate of \(rate)")
        let rates = truePositiveRates
        switch point {
        case .first:
            return rates.firstIndex { $0 >= rate } ?? rates.count - 1
        case .nearest:
            var best = rates.firstIndex { $0 == 1 } ?? rates.count - 1
            for i in stride(from: best, to: 0, by: -1) where abs(rates[i] - rate) < abs(rates[best] - rate) { best = i }
            return best
        }
    }
}
