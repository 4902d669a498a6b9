extension BenchmarkResults {
    /// A score's area under the receiver operating characteristic, averaged over the tasks after which it was measured;
    /// `nil` where it never was.
    public func meanAUROC(score: String) -> Double? {
        let values = novelty.compactMap { $0.scores[score]?.auroc }
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
