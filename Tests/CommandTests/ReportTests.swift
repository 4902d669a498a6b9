import ContinualEvaluation
import Foundation
import TestSupport
import Testing

@Suite struct ReportTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func benchmark(_ name: String, _ options: String...) throws -> URL {
        let result = try CommandLineTool.run(
            ["benchmark", "--data", CommandLineTool.data, "--tasks", "5", "--output", folder.path(name).path] + options)
        #expect(result.status == 0, "\(result.errors)")
        return folder.path(name).appending(path: "results.json")
    }

    @Test func aBenchmarkEndsInAPageAndSeveralInAComparison() throws {
        let linear = try benchmark("linear", "--method", "linear")
        let zeroShot = try benchmark("zero-shot", "--method", "zero-shot")
        let page = try String(contentsOf: folder.path("linear/report.html"), encoding: .utf8)
        #expect(page.hasPrefix("<!doctype html>") && page.contains("fashion-mnist-mini"))
        for chart in ["reliability", "risk-coverage", "densities", "roc", "precision-recall", "confusion"] {
            #expect(page.contains("id=\"figure-\(chart)\""), "\(chart)")
        }

        let alone = try CommandLineTool.run("report", linear.path, "--output", folder.path("alone.html").path, "--title", "A <title>")
        #expect(alone.status == 0, "\(alone.errors)")
        let text = try String(contentsOf: folder.path("alone.html"), encoding: .utf8)
        #expect(text.contains("<h1>A &lt;title&gt;</h1>") && !text.contains(".svg\""))

        let both = try CommandLineTool.run(
            "report", folder.path("linear").path, zeroShot.path, "--output", folder.path("both").path)
        #expect(both.status == 0, "\(both.errors)")
        #expect(both.output == "")
        let together = try String(contentsOf: folder.path("both/report.html"), encoding: .utf8)
        // Both were examined on the same rows, so that McNemar's test could be made.
        #expect(together.contains("McNemar’s p"))
        #expect(together.utf8.count < 2_000_000)
        let charts = try FileManager.default.contentsOfDirectory(atPath: folder.path("both/charts").path)
        #expect(charts.contains("differences.svg") && charts.allSatisfy { $0.hasSuffix(".svg") })
        for chart in charts { #expect(together.contains("href=\"charts/\(chart)\"")) }
    }

    @Test func comparisonsOfSelectorsAreReadToo() throws {
        var comparison = SelectorComparison(settings: ["dataset": "d"])
        let results = try BenchmarkResults(json: Data(contentsOf: benchmark("out", "--method", "zero-shot")))
        comparison.add(.init(.init(budget: 10, selector: "herding", seed: 1), results))
        let file = try folder.file("comparison.json", Array(comparison.json()))
        let result = try CommandLineTool.run("report", file.path, "--output", folder.path("page").path, "--quiet")
        #expect(result.status == 0 && result.errors == "")
        #expect(folder.path("page/charts").isFolder)
        #expect(FileManager.default.fileExists(atPath: folder.path("page/charts/selectors.svg").path))
    }

    @Test func whatIsNoResultIsRefused() throws {
        let output = folder.path("page.html").path
        func report(_ path: String) throws -> CommandLineTool.Result {
            try CommandLineTool.run("report", path, "--output", output)
        }
        let missing = try report(folder.path("none.json").path)
        #expect(missing.status == 66 && missing.errors.contains("none.json"))
        for (name, text, reason) in [
            ("text.json", "no JSON", "text.json"), ("empty.json", "{}", "'version' is missing"),
            ("new.json", #"{"version":2}"#, "version 2, expected 1"), ("part.json", #"{"version":1,"method":"m"}"#, "is missing"),
            ("runs.json", #"{"version":1,"runs":[{}]}"#, "runs.json"),
        ] {
            let result = try report(folder.file(name, Array(text.utf8)).path)
            #expect(result.status == 65, "\(name): \(result.errors)")
            #expect(result.errors.contains(name) && result.errors.contains(reason), "\(result.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: output))
        #expect(try CommandLineTool.run("report", "--output", output).status == 64)
        let file = try benchmark("out", "--method", "zero-shot")
        let nowhere = try CommandLineTool.run("report", file.path, "--output", folder.path("none/page.html").path)
        #expect(nowhere.status == 73, "\(nowhere.errors)")
    }
}
