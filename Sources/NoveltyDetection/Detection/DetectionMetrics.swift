/// How well a novelty score tells known rows from novel ones. All are fractions, 0…1.
public struct DetectionMetrics: Sendable, Hashable, Codable {
    /// Area under the receiver operating characteristic: P(novel row scores higher) with ties counting half. 0.5 is
    /// chance.
    public let auroc: Double
    /// Average precision with the known rows as positives (the lower the score, the more positive).
    public let auprIn: Double
    /// Average precision with the novel rows as positives.
    public let auprOut: Double
    /// The share of novel rows taken as known where at least 95 % of the known rows are.
    public let fpr95: Double

    /// Measures scores, higher = more novel. O(n log n).
    ///
    /// - Throws: `NoveltyError` where a set is empty or a score is NaN.
    public init(
        known: some Collection<Double>, novel: some Collection<Double>,
        operatingPoint: ReceiverOperatingCharacteristic.OperatingPoint = .first
    ) throws(NoveltyError) {
        let confidence = try ReceiverOperatingCharacteristic(
            positives: known.map { -$0 }, negatives: novel.map { -$0 }, positiveName: "known", negativeName: "novel")
        let detection = try ReceiverOperatingCharacteristic(
            positives: novel, negatives: known, positiveName: "novel", negativeName: "known")
        auroc = confidence.area
        auprIn = confidence.averagePrecision
        auprOut = detection.averagePrecision
        fpr95 = confidence.falsePositiveRate(atTruePositiveRate: 0.95, operatingPoint)
    }

    public init(
        known: some Collection<Float>, novel: some Collection<Float>,
        operatingPoint: ReceiverOperatingCharacteristic.OperatingPoint = .first
    ) throws(NoveltyError) {
        try self.init(known: known.map(Double.init), novel: novel.map(Double.init), operatingPoint: operatingPoint)
    }
}
