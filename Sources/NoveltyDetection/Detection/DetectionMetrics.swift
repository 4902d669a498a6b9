/// How well a novelty score tells known rows from novel ones. All are fractions, 0…1.
public struct DetectionMetrics: Sendable, Hashable, Codable {
    /// Area under the receiver operating characteristic: P(novel row scores higher) with ties counting half. 0.5 is
    /// chance. The same in every convention.
    public let auroc: Double
    /// Area under precision and recall with the known rows as positives (the lower the score, the more positive). By
    /// chance the share of known rows.
    public let auprIn: Double
    /// Area under precision and recall with the novel rows as positives. By chance the share of novel rows.
    public let auprOut: Double
    /// The share of the negative rows taken for positive ones where at least 95 % of the positive rows are found. Positive
    /// are the known rows, or the novel ones, as the convention says.
    public let fpr95: Double
    /// The largest ½·(share of known rows taken as known + share of novel rows taken as novel) over all thresholds (Liang,
    /// Li and Srikant 2018, arXiv:1706.02690, one minus the detection error). 0.5 is chance. The same in every convention.
    public let detectionAccuracy: Double

    /// Measures scores, higher = more novel. O(n log n).
    ///
    /// - Throws: `NoveltyError` where a set is empty or a score is NaN.
    public init(
        known: some Collection<Double>, novel: some Collection<Double>, convention: DetectionConvention = .knownPositive,
        operatingPoint: ReceiverOperatingCharacteristic.OperatingPoint = .first
    ) throws(NoveltyError) {
        let groups = try ScoreGroups(known: known, novel: novel)
        self = groups.metrics(known: groups.known, novel: groups.novel, convention: convention, operatingPoint)
    }

    public init(
        known: some Collection<Float>, novel: some Collection<Float>, convention: DetectionConvention = .knownPositive,
        operatingPoint: ReceiverOperatingCharacteristic.OperatingPoint = .first
    ) throws(NoveltyError) {
        try self.init(
            known: known.map(Double.init), novel: novel.map(Double.init), convention: convention,
            operatingPoint: operatingPoint)
    }

    init(auroc: Double, auprIn: Double, auprOut: Double, fpr95: Double, detectionAccuracy: Double) {
        (self.auroc, self.auprIn, self.auprOut) = (auroc, auprIn, auprOut)
        (self.fpr95, self.detectionAccuracy) = (fpr95, detectionAccuracy)
    }
}

/// Which rows are the positive ones and how the area under precision and recall is taken. Papers and packages disagree, so
/// figures of different conventions must not stand side by side.
public enum DetectionConvention: String, Sendable, Hashable, Codable, CaseIterable {
    /// Known rows are positive: FPR at 95 % TPR is the share of novel rows kept where 95 % of the known ones are. Areas by
    /// steps, as scikit-learn's `average_precision_score`. That of most papers and of CLAP4CLIP's code.
    case knownPositive = "known-positive"
    /// Novel rows are positive: FPR at 95 % TPR is the share of known rows called novel where 95 % of the novel ones are.
    /// Areas by trapezoids, which lie above the steps. That of pytorch-ood.
    case novelPositive = "novel-positive"

    /// How the area under precision and recall is taken.
    public enum Rule: String, Sendable, Hashable, Codable {
        /// Σ (recallᵢ − recallᵢ₋₁)·precisionᵢ.
        case steps
        /// Σ (recallᵢ − recallᵢ₋₁)·(precisionᵢ + precisionᵢ₋₁)/2, from precision 1 at recall 0.
        case trapezoids
    }

    public var rule: Rule { self == .knownPositive ? .steps : .trapezoids }
}
