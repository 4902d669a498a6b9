import ContinualEvaluation

/// Ways to choose exemplars, at each budget.
enum SelectorChart {
    /// Gains are taken against it where it was compared.
    private static let usualBaseline = "random"

    static func baseline(_ comparison: SelectorComparison) -> String? {
        let names = comparison.runs.map(\.case.selector)
        return names.contains(usualBaseline) ? usualBaseline : names.first
    }

    static func chart(_ comparison: SelectorComparison, name: String) -> Chart? {
        guard let baseline = baseline(comparison) else { return nil }
        let rows = comparison.rows(baseline: baseline)
        let budgets = Set(rows.map(\.budget)).sorted()
        var best: [String: Double] = [:]
        for row in rows { best[row.selector] = max(best[row.selector] ?? 0, row.last?.mean ?? 0) }
        let selectors = best.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        guard rows.contains(where: { $0.last != nil }) else { return nil }
        let chart = IntervalChart(
            rows: selectors.map { selector in
                .init(
                    name: selector,
                    estimates: budgets.enumerated().compactMap { series, budget in
                        guard let row = rows.first(where: { $0.budget == budget && $0.selector == selector }),
                            let estimate = Estimate(row.last)
                        else { return nil }
                        return (series, estimate, "\(selector), \(NumberText.count(budget)) rows kept: \(estimate.percent)")
                    })
            },
            legend: budgets.enumerated().map { ("\(NumberText.count($1)) rows kept", .line($0)) },
            title: "accuracy after the last task")
        func cell(_ interval: MeanInterval?, gain: Bool = false) -> String {
            guard let interval else { return "–" }
            let mean = gain ? NumberText.points(interval.mean) : NumberText.percent(interval.mean)
            return interval.halfWidth.map { mean + " ± " + NumberText.fixed($0 * 100, 1) } ?? mean
        }
        let examined = comparison.settings["holdout"] == nil ? "test" : "held-out training"
        let seeds = Set(comparison.runs.map(\.case.seed)).count
        return Chart(
            name: name, title: "Ways to choose exemplars",
            summary: budgets.compactMap { budget in
                rows.filter { $0.budget == budget }.max { ($0.last?.mean ?? 0) < ($1.last?.mean ?? 0) }.map {
                    "Best with \(NumberText.count(budget)) rows: \($0.selector), \(NumberText.percent($0.last?.mean))."
                }
            }.joined(separator: " "),
            note: "On \(examined) rows; mean over \(seeds) seed\(seeds == 1 ? "" : "s")\(seeds == 1 ? "" : " and 95 % interval of Student’s t"). Gains in points over \(baseline), seed by seed.",
            table: DataTable(
                heads: ["rows kept", "selector", "seeds", "last", "gain", "average", "gain", "forgetting", "ECE", "NLL", "choosing"],
                rows: rows.map { row in
                    [
                        NumberText.count(row.budget), row.selector, String(row.last?.count ?? 0), cell(row.last),
                        cell(row.lastGain, gain: true), cell(row.average), cell(row.averageGain, gain: true),
                        cell(row.forgetting), NumberText.fixed(row.ece?.mean, 3), NumberText.fixed(row.nll?.mean, 3),
                        NumberText.seconds(row.secondsSelect?.mean),
                    ]
                }), height: chart.height, marks: chart.marks(label: Axes.percent))
    }
}
