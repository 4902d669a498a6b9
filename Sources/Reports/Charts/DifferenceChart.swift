/// Every group less the first.
enum DifferenceChart {
    static func chart(_ groups: [RunGroup]) -> Chart? {
        let comparisons = Comparison.all(groups)
        guard let baseline = groups.first?.name, comparisons.contains(where: { $0.last != nil || $0.average != nil }) else { return nil }
        let chart = IntervalChart(
            rows: comparisons.map { comparison in
                .init(
                    name: comparison.name,
                    estimates: [("average", comparison.average), ("last", comparison.last)].enumerated().compactMap { series, part in
                        Estimate(part.1).map { estimate in
                            let ends = estimate.lower.flatMap { lower in
                                estimate.upper.map { " (\(NumberText.points(lower)) to \(NumberText.points($0)))" }
                            }
                            return (series, estimate, "\(comparison.name), \(part.0): \(NumberText.points(estimate.value)) points" + (ends ?? ""))
                        }
                    })
            }, legend: [("average over the run", .line(0)), ("after the last task", .line(1))],
            title: "accuracy less that of \(TextFitting.shortened(baseline, to: 150)), points", zero: 0)
        return Chart(
            name: "differences", title: "Differences to \(baseline)",
            summary: comparisons.map { "\($0.name): \(NumberText.points($0.last?.mean)) points after the last task." }.joined(separator: " "),
            note: comparisons.map { verdict($0, baseline: baseline) }.joined(separator: " ")
                + " Run less run of the same seed; intervals, 95 %, of Student’s t over the paired differences, for two seeds or more. "
                + "McNemar’s exact test asks whether two runs differ on the very same rows after the last task; it does not see what another seed would change. Not corrected for the number of comparisons.",
            table: DataTable(
                heads: ["less \(baseline)", "pairs", "average, points", "last, points", "only it right", "only \(baseline) right", "McNemar’s p"],
                rows: comparisons.map { comparison in
                    func cell(_ part: KeyPath<Comparison, Estimate?>) -> String {
                        guard let estimate = comparison[keyPath: part] else { return "–" }
                        return NumberText.points(estimate.value)
                            + (estimate.upper.map { " ± " + NumberText.fixed(($0 - estimate.value) * 100, 1) } ?? "")
                    }
                    return [
                        comparison.name, String(comparison.last?.count ?? 0), cell(\.averageEstimate), cell(\.lastEstimate),
                        comparison.mcNemar.map { NumberText.count($0.onlySecond) } ?? "–",
                        comparison.mcNemar.map { NumberText.count($0.onlyFirst) } ?? "–", NumberText.pValue(comparison.mcNemar?.pValue),
                    ]
                }), height: chart.height,
            marks: chart.marks(label: { scale in { NumberText.signed($0 * 100, max(0, scale.digits() - 2)) } }))
    }

    /// What the tests of the last accuracy say, in words.
    private static func verdict(_ comparison: Comparison, baseline: String) -> String {
        var text = "\(comparison.name) after the last task: \(NumberText.points(comparison.last?.mean)) points"
        if let last = Estimate(comparison.last), let lower = last.lower, let upper = last.upper {
            text += lower > 0 || upper < 0 ? ", 95 % interval without zero" : ", 95 % interval with zero"
        }
        if let test = comparison.mcNemar { text += ", McNemar’s p \(NumberText.pValue(test.pValue))" }
        return text + "."
    }
}

extension Comparison {
    fileprivate var averageEstimate: Estimate? { Estimate(average) }
    fileprivate var lastEstimate: Estimate? { Estimate(last) }
}
