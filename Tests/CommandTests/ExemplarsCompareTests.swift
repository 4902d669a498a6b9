import ContinualEvaluation
import Foundation
import TestSupport
import Testing

@Suite struct ExemplarsCompareTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func compare(_ options: String...) throws -> CommandLineTool.Result {
        try CommandLineTool.run(
            ["exemplars", "compare", "--data", CommandLineTool.data, "--tasks", "5", "--method", "linear"] + options)
    }

    private var file: URL { folder.path("comparison.json") }

    @Test func comparesSelectorsAndGoesOnWhereItWas() throws {
        let options = ["--selector", "random", "herding", "--budget", "20", "40", "--holdout", "0.2"]
        func run(_ more: String...) throws -> CommandLineTool.Result {
            try CommandLineTool.run(
                ["exemplars", "compare", "--data", CommandLineTool.data, "--tasks", "5", "--method", "linear"]
                    + options + ["--output", file.path] + more)
        }
        let first = try run("--seeds", "1", "--json")
        #expect(first.status == 0, "\(first.errors)")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any])
        #expect(json["baseline"] as? String == "random")
        #expect((json["settings"] as? [String: String])?["holdout"] == "0.2")
        let rows = try #require(json["rows"] as? [[String: Any]])
        #expect(rows.count == 4)
        for row in rows {
            let last = try #require((row["last"] as? [String: Any])?["mean"] as? Double)
            #expect((0...1).contains(last))
            #expect((row["last_gain"] == nil) == (row["selector"] as? String == "random"))
        }

        let second = try run("--seeds", "2")
        #expect(second.status == 0, "\(second.errors)")
        #expect(second.errors.contains("4 of 8 runs are in the file"))
        #expect(second.output.contains("on held-out training rows; gain over random"))
        let both = try SelectorComparison(json: Data(contentsOf: file))
        #expect(both.runs.count == 8)
        #expect(Set(both.runs.map(\.case)).count == 8)

        // A run is what 'benchmark' gives with the same seed.
        let benchmark = try CommandLineTool.run([
            "benchmark", "--data", CommandLineTool.data, "--tasks", "5", "--method", "linear", "--holdout", "0.2",
            "--budget", "20", "--selector", "herding", "--seed", "2", "--output", folder.path("out").path,
        ])
        #expect(benchmark.status == 0, "\(benchmark.errors)")
        let results = try BenchmarkResults(
            json: Data(contentsOf: folder.path("out").appending(path: "results.json")))
        let same = try #require(both.runs.first { $0.case == .init(budget: 20, selector: "herding", seed: 2) })
        #expect(same.last == results.last && same.average == results.average && same.nll == results.nll)
    }

    @Test func refusesAnotherComparisonsFile() throws {
        #expect(try compare("--selector", "random", "--budget", "20", "--seeds", "1", "--output", file.path).status == 0)
        let before = try Data(contentsOf: file)
        let other = try compare(
            "--selector", "random", "--budget", "20", "--seeds", "1", "--output", file.path, "--rows-per-class", "5")
        #expect(other.status == 65)
        #expect(other.errors.contains("rows_per_class 5") || other.errors.contains("not 5"), "\(other.errors)")
        #expect(try Data(contentsOf: file) == before)

        try before.dropLast(before.count / 2).write(to: file)
        let damaged = try compare("--selector", "random", "--budget", "20", "--seeds", "1", "--output", file.path)
        #expect(damaged.status == 65)
        #expect(damaged.errors.contains("not a comparison of selectors"))
    }

    @Test(arguments: [
        (["--seeds", "0"], "--seeds"), (["--budget", "0"], "--budget"),
        (["--selector", "random", "random"], "twice"), (["--selector", "random", "--baseline", "herding"], "herding"),
        (["--selector", "hurding"], "hurding"),
    ])
    func refusesMistakes(_ options: [String], _ named: String) throws {
        let result = try CommandLineTool.run(
            ["exemplars", "compare", "--data", CommandLineTool.data, "--method", "linear"] + options)
        #expect(result.status == 64)
        #expect(result.errors.contains(named))
    }

    @Test func aHeadThatKeepsNoRowsIsRefused() throws {
        let result = try CommandLineTool.run([
            "exemplars", "compare", "--data", CommandLineTool.data, "--recipe", "no-memory",
        ])
        #expect(result.status == 64)
        #expect(result.errors.contains("keeps no rows"))
    }
}
