import Foundation
import TestSupport
import Testing

@testable import ContinualEvaluation
@testable import Reports

@Suite struct ReportTests {
    /// Whatever there is to show: well-formed, every chart named once, its words and numbers there.
    private func check(_ report: Report, _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(Set(report.charts.map(\.name)).count == report.charts.count, "\(comment)", sourceLocation: sourceLocation)
        for chart in report.charts {
            let parsed = XMLText(chart.svgFile)
            #expect(parsed.error == nil, "\(comment) \(chart.name): \(parsed.error ?? "")", sourceLocation: sourceLocation)
            #expect(parsed.elements.first == "svg")
            #expect(parsed.attributes.first?["role"] == "img")
            let labels = parsed.attributes.first?["aria-labelledby"]?.split(separator: " ").map(String.init) ?? []
            let ids = parsed.attributes.compactMap { $0["id"] }
            #expect(labels.count == 2 && labels.allSatisfy(ids.contains))
            #expect(!chart.summary.isEmpty && !chart.title.isEmpty, "\(chart.name)")
            #expect(chart.table.rows.allSatisfy { $0.count == chart.table.heads.count }, "\(chart.name)")
            #expect(!chart.table.rows.isEmpty, "\(chart.name)")
            for attributes in parsed.attributes {
                for (name, value) in attributes where name != "class" && name != "id" {
                    #expect(!value.lowercased().contains("nan") && !value.contains("inf"), "\(comment) \(chart.name): \(value)")
                }
            }
        }
        for folder in ["charts", nil] {
            let page = report.page(chartFolder: folder)
            let parsed = XMLText.ofPage(page)
            #expect(parsed.error == nil, "\(comment): \(parsed.error ?? "")", sourceLocation: sourceLocation)
            let ids = parsed.attributes.compactMap { $0["id"] }
            #expect(Set(ids).count == ids.count)
            for link in parsed.attributes.compactMap({ $0["href"] }) {
                if link.hasPrefix("#") {
                    #expect(ids.contains(String(link.dropFirst())), "\(link)")
                } else {
                    #expect(folder != nil && report.charts.map { "charts/\($0.name).svg" }.contains(link), "\(link)")
                }
            }
            // Nothing from elsewhere: the only address is the name of SVG's name space.
            #expect(parsed.attributes.allSatisfy { $0["src"] == nil })
            #expect(page.components(separatedBy: "http").count - 1 == report.charts.count + 1, "one a drawing, one http-equiv")
            #expect(!page.contains("url(") && !page.contains("@import"))
        }
    }

    @Test func oneRunHasEveryChart() {
        let report = Report(results: [SampleRuns.run()])
        check(report)
        #expect(
            report.charts.map(\.name) == [
                "accuracy", "forgetting", "accuracy-matrix", "reliability", "risk-coverage", "novelty", "densities", "roc",
                "precision-recall", "confusion", "time", "memory",
            ])
        #expect(report.title == "Continual learning on animals")
    }

    @Test func runsOverDomainsShowTransferAverageAndLast() throws {
        var run = SampleRuns.run(tasks: 3, dataset: ["data/animals", "data/plants"])
        run.domains = .init(
            protocol: "x-tail", tasksPerDomain: [2, 1], transfer: 0.31, average: 0.5, last: 0.7,
            transferPerTask: [nil, 0.3, 0.32], averagePerTask: [0.6, 0.5, 0.4], lastPerTask: [0.71, 0.72, 0.67],
            zeroShotPerTask: [0.2, 0.25, 0.29], zeroShotTransfer: 0.27, forwardTransfer: 0.04)
        var other = run
        other.method = "linear"
        other.domains?.transfer = 0.27
        let single = Report(results: [run])
        check(single)
        let chart = try #require(single.charts.first { $0.name == "domains" })
        func percent(_ values: Double...) -> [String] { values.map { NumberText.percent($0 / 100) } }
        #expect(chart.summary == "clap: Transfer \(percent(31)[0]), Average \(percent(50)[0]), Last \(percent(70)[0]).")
        #expect(chart.table.rows == [["clap"] + percent(31, 50, 70, 27) + ["+4.0"]])
        #expect(DomainTransfer.tasks(single.groups[0])?.rows.last == ["3", "plants"] + percent(29, 32, 40, 67))
        #expect(single.page().contains("Average over domains and steps"))
        let both = Report(results: [run, other, SampleRuns.run(method: "rail-primal", tasks: 3, dataset: run.dataset)])
        check(both)
        #expect(try #require(both.charts.first { $0.name == "domains" }).table.rows.map(\.first) == ["clap", "linear"])
    }

    @Test func seedsAreJoinedAndMethodsStandSideBySide() {
        let runs = (1...3).flatMap { seed in
            ["clap", "linear"].map { SampleRuns.run(method: $0, seed: seed, shift: $0 == "clap" ? 0.001 * Double(seed) : -0.03) }
        }
        let report = Report(results: runs, comparisons: [SampleRuns.comparison])
        check(report)
        #expect(report.groups.map(\.name) == ["clap", "linear"])
        #expect(report.groups.map(\.runs.count) == [3, 3])
        #expect(report.charts.contains { $0.name == "differences" } && report.charts.contains { $0.name == "selectors" })
        #expect(report.charts.map(\.name).contains("confusion-2"))

        let comparison = Comparison(report.groups[1], baseline: report.groups[0])
        expectClose(comparison.last?.mean ?? .nan, -0.032, absolute: 1e-9)
        #expect(comparison.last?.count == 3)
        // 70 % right against 70 + 20·0.1 % …: the first pair of equal seeds.
        #expect(comparison.mcNemar != nil)
    }

    @Test func groupsAreNamedByWhatTellsThemApart() {
        let runs = [
            SampleRuns.run(options: ["budget": "100", "recipe": "default"]),
            SampleRuns.run(options: ["budget": "200", "recipe": "default"]),
            SampleRuns.run(method: "linear", options: ["budget": "100", "step": "0.1"]),
            SampleRuns.run(dataset: ["x/birds/"], options: ["budget": "100", "recipe": "default"]),
        ]
        let names = RunGroup.groups(of: runs).map(\.name)
        #expect(names == ["clap, animals, budget 100", "clap, animals, budget 200", "linear, animals", "clap, birds"])
    }

    @Test func manyRunsAndManyTasks() {
        let runs = (0..<12).map { SampleRuns.run(options: ["budget": "\($0)"]) }
        check(Report(results: runs), "12 groups")
        let long = SampleRuns.run(tasks: 60)
        let report = Report(results: [long])
        check(report, "60 tasks")
        #expect(report.page().utf8.count < 2_000_000)
    }

    @Test func littleToShow() throws {
        check(Report(results: []), "nothing")
        check(Report(results: [SampleRuns.run(tasks: 0)]), "no tasks")
        check(Report(results: [SampleRuns.run(tasks: 1)]), "one task")
        check(Report(results: [SampleRuns.run(tasks: 2)]), "two tasks")
        check(Report(results: [SampleRuns.run(withDiagnostics: false)]), "no diagnostics")
        check(Report(results: [SampleRuns.run(tasks: 2), SampleRuns.run(method: "linear", tasks: 5)]), "unequal tasks")
        check(Report(results: [], comparisons: [SampleRuns.comparison]), "selectors alone")
        check(Report(results: [], comparisons: [SelectorComparison(settings: [:])]), "no selectors")
    }

    /// A file of a release that had no curves, every figure undefined.
    @Test func oldAndUndefinedResults() throws {
        let text = """
            {"version":1,"method":"m","dataset":["d"],"seed":1,"classes_per_task":[1,1],"accuracy_matrix":[[null,null],[null,null]],
            "average":null,"last":null,"backward_transfer":null,"forgetting":null,"ece":null,"nll":null,"brier":null,
            "zero_shot":{"accuracy":null,"accuracy_after_task":[null,null],"average":null},
            "novelty":[{"after_task":0,"known_rows":0,"novel_rows":0,"scores":{}}],
            "seconds":{"train":0,"train_step_median":null,"predict":0},"rows_per_second":{"train":null,"predict":null},
            "peak_rss_bytes":0,"environment":{},"tasks":[],"options":{}}
            """
        let old = try BenchmarkResults(json: Data(text.utf8))
        #expect(old.diagnostics == nil && old.novelty[0].curves == nil)
        check(Report(results: [old]))
        var infinite = SampleRuns.run()
        infinite.seconds.train = .infinity
        infinite.rowsPerSecond.predict = 1e300
        infinite.diagnostics?.reliability.append(.init(rows: 3, confidence: .nan, accuracy: 5))
        infinite.diagnostics?.riskCoverage.append(.init(coverage: .nan, risk: -1))
        check(Report(results: [infinite]), "infinite")
    }

    /// A file's parts need not fit together.
    @Test func damagedResults() {
        var run = SampleRuns.run()
        run.accuracyMatrix = [[0.5], [], [0.1, 0.2, 0.3, 0.4, 0.5], [1]]
        run.zeroShot.accuracyAfterTask = []
        run.tasks.removeLast(2)
        run.diagnostics?.confusion?.rows = [1]
        run.novelty[1].curves?["energy"]?.known = [1]
        run.novelty[1].curves?["energy"]?.falsePositiveRates = []
        check(Report(results: [run]))
        check(Report(results: [run, SampleRuns.run(method: "linear")]))
    }

    @Test func whateverClassesAreCalled() {
        let names = [
            "<script>alert(1)</script>", "\"quoted\" 'single'", "a & b", "</title></svg></script>", "猫 🐈‍⬛ é", "\u{0}\u{7}\u{FFFF}",
            "-->", String(repeating: "very long name ", count: 40),
        ]
        let run = SampleRuns.run(
            method: "m<i>", dataset: ["/data/<img src=x onerror=alert(1)>"], classNames: { names[$0 % names.count] },
            options: ["<b>": "\"&"])
        let other = SampleRuns.run(method: "</style><script>", dataset: run.dataset, classNames: { names[$0 % names.count] })
        for runs in [[run], [run, other]] {
            let report = Report(results: runs, title: "<h1>&\"'")
            check(report)
            let page = report.page(chartFolder: "charts")
            #expect(page.components(separatedBy: "<script").count == 2)
            #expect(!page.contains("<img") && !page.contains("<i>") && !page.contains("<b>"))
            for chart in report.charts { #expect(!chart.svgFile.contains("<script")) }
        }
        let confusion = Report(results: [run]).charts.first { $0.name == "confusion" }
        let titles = XMLText(confusion?.svgFile ?? "").texts["title"] ?? []
        #expect(titles.contains { $0.contains("<script>alert(1)</script> taken for \"quoted\" 'single'") })
    }

    @Test func theSameResultsGiveTheSameBytes() {
        let runs = [SampleRuns.run(), SampleRuns.run(method: "linear", seed: 2)]
        let (one, two) = (Report(results: runs), Report(results: runs))
        #expect(one.page() == two.page())
        #expect(one.charts.map(\.svgFile) == two.charts.map(\.svgFile))
    }

    /// The page's policy lets exactly its own script run.
    @Test func thePolicyNamesTheScript() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("script", Array(PageScript.text.utf8))
        let sum = try runProgram(URL(filePath: "/usr/bin/sha256sum"), [file.path])
        let digits = Array(sum.stdout.prefix(64))
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
        #expect(bytes.count == 32)
        #expect(Data(bytes).base64EncodedString() == PageScript.hash)
    }
}
