import ContinualEvaluation

/// Every number of the runs as tables, and what the runs were.
struct FigureTables {
    let groups: [RunGroup]

    var sections: [Markup] {
        guard !groups.isEmpty else { return [] }
        var figures: [Markup] = [HTMLTable.markup(summary, caption: "Figures of the runs")]
        for group in groups where !(group.runs.first?.tasks.isEmpty ?? true) {
            figures.append(HTMLTable.markup(tasks(group), caption: "After each task" + suffix(group)))
        }
        for group in groups {
            guard let domains = DomainTransfer.tasks(group) else { continue }
            figures.append(HTMLTable.markup(domains, caption: "By domain" + suffix(group)))
        }
        for group in groups where !group.noveltyScores.isEmpty {
            figures.append(HTMLTable.markup(novelty(group), caption: "Novelty scores, mean over tasks" + suffix(group)))
        }
        return [
            .tag("section", ["id": "figures"], [.tag("h2", [:], text: "All figures")] + figures),
            .tag(
                "section", ["id": "runs"],
                [
                    .tag("h2", [:], text: "Runs"), HTMLTable.markup(settings, caption: "Settings"),
                    HTMLTable.markup(machines, caption: "Machines"),
                ]),
        ]
    }

    private func suffix(_ group: RunGroup) -> String { groups.count > 1 ? ": \(group.name)" : "" }

    private static func percent(_ interval: MeanInterval?) -> String {
        guard let interval else { return "–" }
        return NumberText.percent(interval.mean) + (interval.halfWidth.map { " ± " + NumberText.fixed($0 * 100, 1) } ?? "")
    }

    private static func number(_ interval: MeanInterval?) -> String {
        guard let interval else { return "–" }
        return NumberText.fixed(interval.mean, 4) + (interval.halfWidth.map { " ± " + NumberText.fixed($0, 4) } ?? "")
    }

    private var summary: DataTable {
        let figures: [(String, (RunGroup) -> String)] = [
            ("runs", { String($0.runs.count) }),
            ("average incremental accuracy", { Self.percent($0.interval(\.average)) }),
            ("accuracy after the last task, mean over tasks", { Self.percent($0.interval(\.last)) }),
            ("zero-shot average", { Self.percent($0.interval(\.zeroShot.average)) }),
            ("zero-shot after the last task", { Self.percent($0.interval(\.zeroShot.accuracy)) }),
            ("backward transfer", { Self.percent($0.interval(\.backwardTransfer)) }),
            ("forgetting", { Self.percent($0.interval(\.forgetting)) }),
            ("expected calibration error", { Self.number($0.interval(\.ece)) }),
            ("negative log-likelihood, nats", { Self.number($0.interval(\.nll)) }),
            ("Brier score", { Self.number($0.interval(\.brier)) }),
            ("time to learn", { NumberText.seconds($0.interval(\.seconds.train)?.mean) }),
            ("time to predict", { NumberText.seconds($0.interval(\.seconds.predict)?.mean) }),
            ("most memory held", { NumberText.bytes($0.interval { $0.peakRssBytes > 0 ? Double($0.peakRssBytes) : nil }?.mean) }),
        ]
        return DataTable(
            heads: ["figure"] + groups.map(\.name),
            rows: figures.map { name, figure in [name] + groups.map(figure) })
    }

    private func tasks(_ group: RunGroup) -> DataTable {
        let columns: [(String, (BenchmarkResults.TaskFigures) -> Double?, (Double?) -> String)] = [
            ("rows learnt", { Double($0.trainRows) }, Self.count), ("rows examined", { Double($0.testRows) }, Self.count),
            ("accuracy", \.accuracy, { NumberText.percent($0) }), ("ECE", \.ece, { NumberText.fixed($0, 4) }),
            ("NLL", \.nll, { NumberText.fixed($0, 4) }), ("Brier", \.brier, { NumberText.fixed($0, 4) }),
            ("exemplars", { Double($0.exemplars) }, Self.count), ("time to learn", { $0.secondsTrain }, NumberText.seconds),
        ]
        let values = columns.map { group.afterTask($0.1) }
        return DataTable(
            heads: ["task", "new classes"] + columns.map(\.0),
            rows: (0..<group.tasks).map { task in
                [String(task + 1), classes(group, task)] + zip(columns, values).map { $0.2($1[task]) }
            })
    }

    /// The first of the task's classes by name.
    private func classes(_ group: RunGroup, _ task: Int) -> String {
        let orders = Set(group.runs.map { $0.tasks.indices.contains(task) ? $0.tasks[task].classes : [] })
        let names = group.classes(ofTask: task)
        guard orders.count == 1, !names.isEmpty else { return "\(names.count), other ones in each run" }
        let shown = names.prefix(3).joined(separator: ", ")
        return names.count > 3 ? "\(names.count): \(shown), …" : shown
    }

    private func novelty(_ group: RunGroup) -> DataTable {
        DataTable(
            heads: ["score", "AUROC", "AUPR in", "AUPR out", "FPR at 95 % TPR"],
            rows: group.noveltyScores.map { score in
                [score] + [
                    Self.number(group.meanAUROC(score)), Self.number(group.novelty(score, \.auprIn)),
                    Self.number(group.novelty(score, \.auprOut)), Self.number(group.novelty(score, \.fpr95)),
                ]
            })
    }

    private var settings: DataTable {
        let options = Set(groups.flatMap { $0.runs.flatMap(\.options.keys) }).sorted()
        func values(_ group: RunGroup, _ value: (BenchmarkResults) -> String?) -> String {
            var found: [String] = []
            for text in group.runs.compactMap(value) where !found.contains(text) { found.append(text) }
            return found.isEmpty ? "–" : found.joined(separator: "; ")
        }
        let rows: [(String, (BenchmarkResults) -> String?)] =
            [
                ("method", \.method), ("data", { $0.dataset.joined(separator: ", ") }), ("seed", { String($0.seed) }),
                ("classes of each task", { $0.classesPerTask.map(String.init).joined(separator: ", ") }),
            ] + options.map { option in (option.replacing("_", with: " "), { $0.options[option] }) }
        return DataTable(
            heads: ["setting"] + groups.map(\.name), rows: rows.map { row in [row.0] + groups.map { values($0, row.1) } })
    }

    private var machines: DataTable {
        let keys = Set(groups.flatMap { $0.runs.flatMap(\.environment.keys) }).sorted()
        return DataTable(
            heads: ["of the machine"] + groups.map(\.name),
            rows: keys.map { key in
                [key] + groups.map { group in
                    Set(group.runs.compactMap { $0.environment[key] }).sorted().joined(separator: "; ")
                }
            })
    }

    private static func count(_ value: Double?) -> String {
        value.flatMap { $0.isFinite && abs($0) < 1e15 ? NumberText.count(Int($0.rounded())) : nil } ?? "–"
    }
}
