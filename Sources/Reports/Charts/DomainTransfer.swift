import ContinualEvaluation

/// Transfer, Average and Last of runs over domains, with what the text alone reaches.
enum DomainTransfer {
    private static var figures: [(name: String, figure: (BenchmarkResults.Domains) -> Double?)] {
        [("Transfer", \.transfer), ("Average", \.average), ("Last", \.last)]
    }

    static func chart(_ all: [RunGroup]) -> Chart? {
        let groups = all.filter(\.isOverDomains)
        guard !groups.isEmpty else { return nil }
        let zeroShot = shared(groups)
        let chart = IntervalChart(
            rows: groups.map { group in
                .init(
                    name: group.name,
                    estimates: figures.enumerated().compactMap { series, figure in
                        Estimate(group.domains(figure.figure)).map { (series, $0, "\(group.name), \(figure.name): \($0.percent)") }
                    })
            } + (zeroShot.map { value in
                [
                    .init(
                        name: "zero-shot",
                        estimates: [(series: 0, estimate: value, tip: "zero-shot, domains still to come: \(value.percent)")])
                ]
            } ?? []),
            legend: figures.enumerated().map { ($1.name, .line($0)) }, title: "accuracy")
        func cell(_ interval: MeanInterval?, points: Bool = false) -> String {
            guard let interval else { return "–" }
            let mean = points ? NumberText.points(interval.mean) : NumberText.percent(interval.mean)
            return interval.halfWidth.map { mean + " ± " + NumberText.fixed($0 * 100, 1) } ?? mean
        }
        return Chart(
            name: "domains", title: "Transfer, Average and Last over domains",
            summary: groups.map { group in
                "\(group.name): " + figures.map { "\($0.name) \(NumberText.percent(group.domains($0.figure)?.mean))" }
                    .joined(separator: ", ") + "."
            }.joined(separator: " "),
            note: note(groups),
            table: DataTable(
                heads: ["run"] + figures.map(\.name) + ["zero-shot’s Transfer", "forward transfer, points"],
                rows: groups.map { group in
                    [group.name] + figures.map { cell(group.domains($0.figure)) } + [
                        cell(group.domains(\.zeroShotTransfer)), cell(group.domains(\.forwardTransfer), points: true),
                    ]
                }), height: chart.height, marks: chart.marks(label: Axes.percent))
    }

    /// Zero-shot's Transfer where it is that of all groups.
    private static func shared(_ groups: [RunGroup]) -> Estimate? {
        let values = groups.map { $0.domains(\.zeroShotTransfer)?.mean }
        guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
        return Estimate(first.flatMap { MeanInterval([$0]) })
    }

    private static func note(_ groups: [RunGroup]) -> String {
        let protocols = Set(groups.flatMap { $0.runs.compactMap(\.domains?.protocol) })
        var parts = [
            "Transfer: mean accuracy on tasks before they were learnt. Average: over all steps. Last: after the last step.",
        ]
        if protocols == ["x-tail"] { parts.append("Classes of all domains compete (X-TAIL).") }
        if protocols == ["mtil"] { parts.append("The classes of a row’s own domain compete (MTIL).") }
        if groups.contains(where: \.hasSeveralRuns) {
            parts.append("Over several seeds: mean and 95 % interval of Student’s t.")
        }
        return parts.joined(separator: " ")
    }

    /// Transfer, average and last of each task of a group, beside zero-shot.
    static func tasks(_ group: RunGroup) -> DataTable? {
        guard let first = group.runs.first, let domains = first.domains else { return nil }
        let names = zip(first.dataset, domains.tasksPerDomain).flatMap { name, tasks in
            Array(repeating: RunGroup.dataName([name]), count: max(0, tasks))
        }
        func value(_ task: Int, _ figure: (BenchmarkResults.Domains) -> [Double?]) -> String {
            let mean = group.domains { domains in
                let values = figure(domains)
                return values.indices.contains(task) ? values[task] : nil
            }?.mean
            return NumberText.percent(mean)
        }
        let shown = min(names.count, group.tasks)
        guard shown > 0 else { return nil }
        return DataTable(
            heads: ["task", "domain", "zero-shot", "Transfer", "Average", "Last"],
            rows: (0..<shown).map { task in
                [
                    String(task + 1), names[task], value(task, \.zeroShotPerTask), value(task, \.transferPerTask),
                    value(task, \.averagePerTask), value(task, \.lastPerTask),
                ]
            })
    }
}

extension RunGroup {
    var isOverDomains: Bool { runs.contains { $0.domains != nil } }

    /// A figure of runs over domains, over the runs that have it.
    func domains(_ figure: (BenchmarkResults.Domains) -> Double?) -> MeanInterval? {
        interval { $0.domains.flatMap(figure) }
    }
}
