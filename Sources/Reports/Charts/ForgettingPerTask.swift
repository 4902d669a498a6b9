/// What was lost of each task by the end.
enum ForgettingPerTask {
    /// Beyond it bars are too thin to be told apart.
    private static let mostGroups = 6

    static func chart(_ groups: [RunGroup]) -> Chart? {
        let all = groups.map(\.forgettingPerTask)
        let tasks = all.map(\.count).max() ?? 0
        let shown = Array(all.prefix(mostGroups))
        guard tasks > 0, shown.joined().contains(where: { $0 != nil }) else { return nil }
        let legend = Legend(groups.count > 1 ? groups.prefix(mostGroups).enumerated().map { ($1.name, .field($0)) } : [])
        let values = shown.joined().flatMap { $0?.extent ?? [] } + [0.0]
        let axes = Axes(
            x: 0.5...(Double(tasks) + 0.5), y: LinearScale.domain(of: values, within: -1...1), top: legend.bottom)
        var marks = legend.marks + axes.drawn(
            xTitle: "task", yTitle: "accuracy lost", xTicks: Axes.taskTicks(tasks), xLabel: { NumberText.fixed($0, 0) },
            yLabel: Axes.percent(axes.y))
        let band = axes.x(2) - axes.x(1)
        let width = min(34, band * 0.76 / Double(shown.count))
        let zero = axes.y(0)
        for (series, bars) in shown.enumerated() {
            for (task, estimate) in bars.enumerated() {
                guard let estimate else { continue }
                let place = Double(series) - Double(shown.count - 1) / 2
                let middle = axes.x(Double(task + 1)) + place * width
                let y = axes.y(estimate.value)
                let named = groups.count > 1 ? "\(groups[series].name), " : ""
                let classes = groups[series].classes(ofTask: task)
                let tip = "\(named)task \(task + 1): \(NumberText.points(estimate.value)) points lost"
                    + (classes.isEmpty ? "" : " (" + TextFitting.shortened(classes.joined(separator: ", "), to: 420) + ")")
                marks.append(
                    Marks.rect(middle - width / 2 + 0.5, min(y, zero), width - 1, max(abs(zero - y), 1), "f\(series % 8)", tip: tip))
                if let lower = estimate.lower, let upper = estimate.upper {
                    marks.append(
                        Marks.whisker(
                            x: middle, from: axes.y(min(upper, axes.y.domain.upperBound)),
                            to: axes.y(max(lower, axes.y.domain.lowerBound)), "cm", reach: min(3, width / 3)))
                }
            }
        }
        marks.append(Marks.line(axes.left, zero, axes.right, zero, "axis"))
        return Chart(
            name: "forgetting", title: "Forgetting of each task",
            summary: zip(groups, all).compactMap { group, bars in
                let values = bars.compactMap { $0?.value }
                guard let most = values.max() else { return nil }
                return "\(group.name): \(NumberText.points(values.reduce(0, +) / Double(values.count))) points on average, \(NumberText.points(most)) at most."
            }.joined(separator: " "),
            note: "The best accuracy since the task was learnt, less that after the last task; below zero the task got better."
                + (groups.contains(where: \.hasSeveralRuns) ? " Over several seeds: mean and 95 % interval of Student’s t." : "")
                + (groups.count > mostGroups ? " The first \(mostGroups) runs are drawn, all are in the table." : ""),
            table: DataTable(
                heads: ["task"] + groups.map(\.name),
                rows: (0..<tasks).map { task in
                    [String(task + 1)] + all.map { $0.indices.contains(task) ? $0[task]?.percent ?? "–" : "–" }
                }), marks: marks)
    }
}
