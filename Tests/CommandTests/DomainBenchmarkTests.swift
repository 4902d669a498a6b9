import ContinualEvaluation
import Foundation
import TestSupport
import Testing

/// Protocols over domains, and methods joined by `+`, as a user runs them.
@Suite struct DomainBenchmarkTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        // The same classes twice: their names must be told apart.
        for name in ["first", "second"] {
            let target = folder.path(name)
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
            for file in ["train", "test", "text"] {
                try FileManager.default.createSymbolicLink(
                    at: target.appending(path: "\(file).safetensors"),
                    withDestinationURL: URL(filePath: CommandLineTool.data).appending(path: "\(file).safetensors"))
            }
        }
    }

    private func benchmark(_ options: String...) throws -> CommandLineTool.Result {
        try CommandLineTool.run(
            ["benchmark", "--data", folder.path("first").path, folder.path("second").path, "--output",
             folder.path("out").path] + options)
    }

    private var results: BenchmarkResults {
        get throws { try BenchmarkResults(json: Data(contentsOf: folder.path("out/results.json"))) }
    }

    @Test(arguments: ["mtil", "x-tail"])
    func domainsAreExaminedBeforeTheyAreLearnt(_ name: String) throws {
        let result = try benchmark("--protocol", name, "--method", "linear", "--tasks", "2")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("Transfer") && result.output.contains("forward transfer"))
        let results = try results
        #expect(results.classesPerTask == [5, 5, 5, 5])
        #expect(results.accuracyMatrix.allSatisfy { $0.allSatisfy { $0 != nil } })
        #expect(results.tasks[0].classes.allSatisfy { $0.hasPrefix("first/") })
        #expect(results.tasks[3].classes.allSatisfy { $0.hasPrefix("second/") })
        let domains = try #require(results.domains)
        #expect(domains.protocol == name && domains.tasksPerDomain == [2, 2])
        #expect(results.options["protocol"] == name)
        #expect(result.errors.contains("folder/class"))
        // Reliability and confusions need the same classes for all rows.
        #expect((results.diagnostics == nil) == (name == "mtil"))
        let page = try String(contentsOf: folder.path("out/report.html"), encoding: .utf8)
        #expect(page.contains("Transfer, Average and Last over domains"))
    }

    @Test func aClassInTwoFoldersIsRefusedAndTheWayOutTold() throws {
        let result = try benchmark("--method", "linear")
        #expect(result.status == 65)
        #expect(result.errors.contains("x-tail") && result.errors.contains("first") && result.errors.contains("second"))
    }

    @Test(arguments: [
        ["--protocol", "x-tail", "--tasks-file", "tasks.json"], ["--protocol", "else"], ["--protocol", "mtil", "--tasks", "11"],
        ["--method", "linear+linear"], ["--method", "linear+else"], ["--method", "linear", "--gate", "diki"],
        ["--method", "linear+zero-shot", "--recipe", "default"],
    ])
    func mistakesInUse(_ options: [String]) throws {
        let result = try CommandLineTool.run(
            ["benchmark", "--data", CommandLineTool.data, "--output", folder.path("out").path] + options)
        #expect(result.status == 64, "\(result.errors)")
    }

    /// Everything a model of one head can do.
    @Test(arguments: ["calibrated", "diki"])
    func aCombinationIsAModelLikeOthers(_ gate: String) throws {
        let model = folder.path("m.safetensors").path
        for classes in ["coat,dress,sandal", "shirt,handbag"] {
            let options = classes.hasPrefix("coat") ? ["--method", "linear+zero-shot", "--gate", gate] : []
            let learnt = try CommandLineTool.run(
                ["learn", "--model", model, "--data", CommandLineTool.data, "--classes", classes] + options)
            #expect(learnt.status == 0, "\(learnt.errors)")
        }
        let refused = try CommandLineTool.run(
            ["learn", "--model", model, "--data", CommandLineTool.data, "--method", "linear"])
        #expect(refused.status == 64 && refused.errors.contains("linear+zero-shot"))
        let inspected = try CommandLineTool.run("inspect", model)
        #expect(inspected.status == 0 && inspected.output.contains("linear+zero-shot"))
        #expect(inspected.output.contains("part 1 weight"))
        for command in [
            ["evaluate", "--model", model, "--data", CommandLineTool.data, "--bootstrap", "0"],
            ["calibrate", "--model", model, "--data", CommandLineTool.data, "--part", "1/2"],
            ["classify", "--model", model, "--features", CommandLineTool.data + "/test.safetensors", "--output",
             folder.path("p.csv").path],
            ["novelty", "fit", "--model", model, "--data", CommandLineTool.data, "--score", "energy"],
        ] {
            let result = try CommandLineTool.run(command)
            #expect(result.status == 0, "\(command[0]): \(result.errors)")
        }
    }

    @Test func aCombinationRunsAWholeProtocol() throws {
        let result = try benchmark("--protocol", "x-tail", "--method", "linear+zero-shot")
        #expect(result.status == 0, "\(result.errors)")
        let results = try results
        #expect(results.method == "linear+zero-shot" && results.options["gate"] == "calibrated")
        #expect(results.classesPerTask == [10, 10])
        let evaluated = try CommandLineTool.run(
            "inspect", folder.path("out/model.safetensors").path, "--json")
        #expect(evaluated.status == 0, "\(evaluated.errors)")
    }
}
