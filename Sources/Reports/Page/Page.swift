import ContinualEvaluation

extension Report {
    /// The whole page as HTML, UTF-8.
    ///
    /// - Parameter chartFolder: where the page finds the charts' SVG files, such as "charts", for a link below each; `nil`
    ///   for a page on its own.
    public func page(chartFolder: String? = nil) -> String {
        var navigation = sections.map { ($0.name, $0.title) }
        if !groups.isEmpty { navigation += [("figures", "All figures"), ("runs", "Runs")] }
        let body: [Markup] =
            [
                .tag("a", ["class": "skip", "href": "#main"], text: "To the report"),
                .tag(
                    "header", [:],
                    [.tag("h1", [:], text: title), .tag("p", ["class": "lead"], text: lead)] + keyFigures
                        + [
                            .tag(
                                "nav", ["aria-label": "Sections"],
                                navigation.map { .tag("a", ["href": "#\($0.0)"], text: $0.1) })
                        ]),
                .tag(
                    "main", ["id": "main"],
                    sections.map { section in
                        .tag(
                            "section", ["id": section.name],
                            [
                                .tag("h2", [:], text: section.title),
                                .tag("div", ["class": "figures"], section.charts.map { figure($0, chartFolder) }),
                            ])
                    } + FigureTables(groups: groups).sections),
                .tag("footer", [:], [.tag("p", [:], text: "Made by Credence. Everything on this page is in this one file.")]),
                .tag("script", [:], [.verbatim(PageScript.text)]),
            ]
        let head: [Markup] = [
            .tag("meta", ["charset": "utf-8"]),
            .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            .tag("meta", ["http-equiv": "Content-Security-Policy", "content": PageScript.policy]),
            .tag("meta", ["name": "color-scheme", "content": "light dark"]),
            .tag("title", [:], text: title),
            .tag("style", [:], [.verbatim(PageStyle.css + ChartStyle.css)]),
        ]
        return "<!doctype html>\n"
            + Markup.tag("html", ["lang": "en"], [.tag("head", [:], head), .tag("body", [:], body)]).rendered + "\n"
    }

    private func figure(_ chart: Chart, _ chartFolder: String?) -> Markup {
        var below: [Markup] = chart.note.isEmpty ? [] : [.tag("p", [:], text: chart.note)]
        if let chartFolder {
            below.append(
                .tag(
                    "a", ["class": "file", "href": "\(chartFolder)/\(chart.name).svg", "aria-label": "\(chart.title) as an SVG file"],
                    text: "SVG"))
        }
        return .tag(
            "figure", ["id": "figure-\(chart.name)"],
            [
                .tag("h3", [:], text: chart.title), chart.inline, .tag("figcaption", [:], below),
                .tag(
                    "details", [:],
                    [.tag("summary", [:], text: "Numbers"), HTMLTable.markup(chart.table, caption: chart.title, showsCaption: false)]),
            ])
    }

    /// Data, tasks, classes and runs in a sentence.
    private var lead: String {
        guard let first = groups.first, let run = first.runs.first else {
            let runs = comparisons.reduce(0) { $0 + $1.runs.count }
            return "\(runs) runs with different selectors, budgets and seeds."
        }
        let runs = groups.reduce(0) { $0 + $1.runs.count }
        let classes = run.classesPerTask.reduce(0, +)
        let tasks = run.classesPerTask.count
        var text = "\(classes) classes, learnt in \(tasks) task\(tasks == 1 ? "" : "s")"
        if groups.contains(where: { $0.runs.contains { $0.classesPerTask != run.classesPerTask } }) {
            text = "Protocols of different tasks"
        }
        text += runs == 1 ? " by \(run.method), seed \(run.seed)." : "; \(runs) runs: " + groups.map { "\($0.name) (\($0.runs.count))" }.joined(separator: ", ") + "."
        if run.options["holdout"] != nil { text += " Examined on held-out training rows, not on test rows." }
        return text
    }

    /// Of a single group, the figures that people ask for first.
    private var keyFigures: [Markup] {
        guard groups.count == 1, let group = groups.first else { return [] }
        func half(_ interval: MeanInterval?, _ scale: Double, _ digits: Int) -> String {
            interval?.halfWidth.map { " ± " + NumberText.fixed($0 * scale, digits) } ?? ""
        }
        let (average, last) = (group.interval(\.average), group.interval(\.last))
        let (forgetting, ece) = (group.interval(\.forgetting), group.interval(\.ece))
        let score = group.noveltyScores.first
        let domains: [(String, String, String)] = !group.isOverDomains ? [] : [
            ("Transfer", NumberText.percent(group.domains(\.transfer)?.mean), "domains still to come; zero-shot \(NumberText.percent(group.domains(\.zeroShotTransfer)?.mean))"),
            ("Average over domains and steps", NumberText.percent(group.domains(\.average)?.mean), "of all domains after each step"),
        ]
        let cards: [(String, String, String)] = domains + [
            ("Accuracy at the end", NumberText.percent(last?.mean) + half(last, 100, 1), "zero-shot \(NumberText.percent(group.interval(\.zeroShot.accuracy)?.mean))"),
            ("Average over the run", NumberText.percent(average?.mean) + half(average, 100, 1), "zero-shot \(NumberText.percent(group.interval(\.zeroShot.average)?.mean))"),
            ("Forgetting", NumberText.fixed(forgetting.map { $0.mean * 100 }, 1) + half(forgetting, 100, 1), "points of accuracy a task"),
            ("Calibration error", NumberText.fixed(ece?.mean, 3) + half(ece, 1, 3), "ECE after the last task"),
            ("Unknown classes told", NumberText.fixed(score.flatMap { group.meanAUROC($0)?.mean }, 3), score.map { "AUROC, \($0)" } ?? "not measured"),
        ]
        return [
            .tag(
                "dl", ["class": "cards"],
                cards.map { name, value, detail in
                    .tag("div", [:], [.tag("dt", [:], text: name), .tag("dd", ["class": "value"], text: value), .tag("dd", ["class": "detail"], text: detail)])
                })
        ]
    }
}
