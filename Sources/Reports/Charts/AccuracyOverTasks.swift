/// How accuracy goes as tasks are learnt.
enum AccuracyOverTasks {
    static func chart(_ groups: [RunGroup]) -> Chart? {
        let tasks = groups.map(\.tasks).max() ?? 0
        let lines = groups.map(\.accuracyAfterTask)
        guard lines.joined().contains(where: { $0 != nil }) else { return nil }
        // Zero-shot is the same whatever is learnt, where the data are the same.
        let zeroShot = groups.first.map(\.zeroShotAfterTask) ?? []
        let isShared = groups.allSatisfy { $0.runs.first?.dataset == groups.first?.runs.first?.dataset }
        let showsZeroShot = isShared && zeroShot.contains { $0 != nil }

        let values = lines.joined().flatMap { $0?.extent ?? [] } + (showsZeroShot ? zeroShot.compactMap { $0 } : [])
        let legend = Legend(
            groups.enumerated().map { ($1.name, .line($0)) } + (showsZeroShot ? [("zero-shot (text alone)", .reference)] : []))
        let axes = Axes(
            x: 1...Double(max(tasks, 2)), y: LinearScale.domain(of: values, within: 0...1), top: legend.bottom)
        var marks = legend.marks + axes.drawn(
            xTitle: "tasks learnt", yTitle: "accuracy", xTicks: Axes.taskTicks(tasks), xLabel: { NumberText.fixed($0, 0) },
            yLabel: Axes.percent(axes.y))
        var hits: [Markup] = []
        if showsZeroShot {
            marks += Marks.polyline(zeroShot.enumerated().map { task, value in value.map { (axes.x(Double(task + 1)), axes.y($0)) } }, "cm ref")
            for (task, value) in zeroShot.enumerated() {
                guard let value else { continue }
                hits.append(Marks.hit(axes.x(Double(task + 1)), axes.y(value), "zero-shot, \(classesKnown(task)): \(NumberText.percent(value))", radius: 8))
            }
        }
        for (series, line) in lines.enumerated() {
            let bounded = line.enumerated().compactMap { task, estimate -> (Double, Double, Double)? in
                guard let estimate, let lower = estimate.lower, let upper = estimate.upper else { return nil }
                return (axes.x(Double(task + 1)), axes.y(max(lower, axes.y.domain.lowerBound)), axes.y(min(upper, axes.y.domain.upperBound)))
            }
            if bounded.count > 1 {
                marks.append(Marks.band(bounded.map { ($0.0, $0.2) }, bounded.map { ($0.0, $0.1) }, "band f\(series % 8)"))
            } else if let only = bounded.first {
                marks.append(Marks.whisker(x: only.0, from: only.2, to: only.1, "c\(series % 8)"))
            }
            marks += Marks.polyline(
                line.enumerated().map { task, estimate in estimate.map { (axes.x(Double(task + 1)), axes.y($0.value)) } },
                "c\(series % 8) d\(series % 8)")
            for (task, estimate) in line.enumerated() {
                guard let estimate else { continue }
                let (x, y) = (axes.x(Double(task + 1)), axes.y(estimate.value))
                marks.append(Marks.point(x, y, series: series))
                hits.append(Marks.hit(x, y, "\(groups[series].name), \(classesKnown(task)): \(estimate.percent)"))
            }
        }
        return Chart(
            name: "accuracy", title: "Accuracy as tasks are learnt", summary: summary(groups, lines),
            note: note(groups), table: table(groups, lines, zeroShot: showsZeroShot ? zeroShot : nil), marks: marks + hits)

        func classesKnown(_ task: Int) -> String { "after task \(task + 1)" }
    }

    private static func summary(_ groups: [RunGroup], _ lines: [[Estimate?]]) -> String {
        zip(groups, lines).compactMap { group, line in
            guard let first = line.compactMap({ $0 }).first, let last = line.compactMap({ $0 }).last else { return nil }
            return "\(group.name): \(NumberText.percent(first.value)) after the first task, \(NumberText.percent(last.value)) after the last."
        }.joined(separator: " ")
    }

    /// What the bands are.
    static func note(_ groups: [RunGroup]) -> String {
        let single = groups.contains { !$0.hasSeveralRuns }
        let several = groups.contains(where: \.hasSeveralRuns)
        var parts = ["Share of all rows examined that are classified right, among all classes known then."]
        if several { parts.append("Over several seeds: mean and 95 % interval of Student’s t.") }
        if single { parts.append("Of a single run: 95 % interval of the share (Clopper–Pearson), which leaves out what another seed would change.") }
        return parts.joined(separator: " ")
    }

    private static func table(_ groups: [RunGroup], _ lines: [[Estimate?]], zeroShot: [Double?]?) -> DataTable {
        let tasks = groups.map(\.tasks).max() ?? 0
        return DataTable(
            heads: ["after task"] + groups.map(\.name) + (zeroShot == nil ? [] : ["zero-shot"]),
            rows: (0..<tasks).map { task in
                [String(task + 1)] + lines.map { $0.indices.contains(task) ? $0[task]?.percent ?? "–" : "–" }
                    + (zeroShot.map { [NumberText.percent($0.indices.contains(task) ? $0[task] : nil)] } ?? [])
            })
    }
}
