import ContinualEvaluation
import ExemplarStore
import FeatureData
import Foundation
import TestSupport
import Testing

@Suite struct BenchmarkTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func benchmark(_ name: String, _ options: String...) throws -> CommandLineTool.Result {
        try CommandLineTool.run(
            ["benchmark", "--data", CommandLineTool.data, "--output", folder.path(name).path] + options)
    }

    private func results(_ name: String) throws -> BenchmarkResults {
        try BenchmarkResults(json: Data(contentsOf: folder.path(name).appending(path: "results.json")))
    }

    @Test(arguments: ["clap", "linear", "zero-shot"])
    func writesResultsInTheStatedSchema(_ method: String) throws {
        let result = try benchmark("out", "--tasks", "5", "--method", method, "--seed", "3", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let written = try Data(contentsOf: folder.path("out").appending(path: "results.json"))
        #expect(Data(result.output.utf8) == written)
        let json = try #require(try JSONSerialization.jsonObject(with: written) as? [String: Any])
        for key in [
            "version", "method", "dataset", "seed", "classes_per_task", "accuracy_matrix", "average", "last",
            "backward_transfer", "forgetting", "ece", "nll", "brier", "zero_shot", "novelty", "seconds",
            "rows_per_second", "peak_rss_bytes", "environment",
        ] {
            #expect(json[key] != nil, "\(key)")
        }
        #expect(json["version"] as? Int == 1)
        #expect((json["seconds"] as? [String: Any])?["train_step_median"] != nil)
        #expect((json["zero_shot"] as? [String: Any])?["accuracy"] is Double)
        let novelty = try #require(json["novelty"] as? [[String: Any]])
        #expect(novelty.map { $0["after_task"] as? Int } == [0, 1, 2, 3])
        for entry in novelty {
            let scores = try #require(entry["scores"] as? [String: [String: Any]])
            let energy = try #require(scores["energy"])
            for key in ["auroc", "aupr_in", "aupr_out", "fpr95"] {
                let value = try #require(energy[key] as? Double)
                #expect((0...1).contains(value))
            }
        }

        let decoded = try results("out")
        #expect(decoded.method == method)
        #expect(decoded.seed == 3)
        #expect(decoded.classesPerTask == [2, 2, 2, 2, 2])
        for (step, row) in decoded.accuracyMatrix.enumerated() {
            #expect(row.count == 5)
            for (task, accuracy) in row.enumerated() { #expect((accuracy != nil) == (task <= step)) }
        }
        #expect(FileManager.default.fileExists(atPath: folder.path("out/model.safetensors").path))
    }

    @Test func threadsChangeNoFigureAndNoModelByte() throws {
        for threads in ["1", "2"] {
            let result = try benchmark(
                threads, "--tasks", "3", "--method", "clap", "--epochs", "2", "--threads", threads)
            #expect(result.status == 0, "\(result.errors)")
        }
        let (one, two) = (try results("1"), try results("2"))
        #expect(one.accuracyMatrix == two.accuracyMatrix)
        #expect(one.nll == two.nll && one.ece == two.ece && one.brier == two.brier)
        #expect(one.novelty == two.novelty)
        #expect(
            try Data(contentsOf: folder.path("1/model.safetensors"))
                == Data(contentsOf: folder.path("2/model.safetensors")))
    }

    @Test func tasksMayComeFromAFile() throws {
        let tasks = try folder.file("tasks.json", Array(#"[["coat", "dress"], ["sandal"]]"#.utf8))
        let result = try benchmark("out", "--tasks-file", tasks.path, "--method", "linear")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try results("out").classesPerTask == [2, 1])
        #expect(try results("out").tasks.map(\.classes) == [["coat", "dress"], ["sandal"]])
    }

    @Test func aRandomOrderDependsOnTheSeed() throws {
        for (name, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
            _ = try benchmark(
                name, "--tasks", "5", "--class-order", "random", "--seed", seed, "--method", "zero-shot")
        }
        let orders = try ["a", "b", "c"].map { try results($0).tasks.map(\.classes) }
        #expect(orders[0] == orders[1])
        #expect(orders[0] != orders[2])
    }

    /// The holdout needs no test file and does not look at one that is there.
    @Test func aHoldoutLeavesTheTestFileAlone() throws {
        let data = folder.path("data")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        let source = URL(filePath: CommandLineTool.data)
        for name in ["train.safetensors", "text.safetensors"] {
            try FileManager.default.copyItem(at: source.appending(path: name), to: data.appending(path: name))
        }
        func run(_ output: String, _ options: String...) throws -> CommandLineTool.Result {
            try CommandLineTool.run(
                ["benchmark", "--data", data.path, "--output", folder.path(output).path, "--tasks", "2", "--method",
                 "linear"] + options)
        }
        let without = try run("without", "--holdout", "0.2", "--rows-per-class", "16", "--imbalance", "4")
        #expect(without.status == 0, "\(without.errors)")
        #expect(without.output.contains("held-out training rows"))
        _ = try folder.file("data/test.safetensors", Array("not a feature file".utf8))
        let with = try run("with", "--holdout", "0.2", "--rows-per-class", "16", "--imbalance", "4")
        #expect(with.status == 0, "\(with.errors)")
        let (a, b) = (try results("without"), try results("with"))
        #expect(a.accuracyMatrix == b.accuracyMatrix && a.nll == b.nll)
        #expect(a.options["holdout"] == "0.2" && a.options["rows_per_class"] == "16" && a.options["imbalance"] == "4.0")
        #expect(a.tasks.map(\.testRows) == [60, 120])
        #expect(a.tasks.map(\.trainRows).reduce(0, +) == [16, 14, 12, 10, 9, 7, 6, 5, 5, 4].reduce(0, +))
        #expect(try run("refused").status == 65)
    }

    @Test(arguments: [["--holdout", "1"], ["--holdout", "0"], ["--rows-per-class", "0"], ["--imbalance", "0.5"]])
    func subsetsThatCannotBeAreMistakesInUse(_ option: [String]) throws {
        let result = try CommandLineTool.run(
            ["benchmark", "--data", CommandLineTool.data, "--output", folder.path("out").path] + option)
        #expect(result.status == 64)
        #expect(result.errors.contains(option[0]))
        #expect(folder.names == [])
    }

    @Test func progressStaysOffWhereNobodyWatches() throws {
        let result = try benchmark("out", "--tasks", "2", "--method", "linear")
        #expect(!result.errors.contains("\r") && !result.errors.contains("\u{1B}"))
        #expect(result.errors.split(separator: "\n").count == 3)
        #expect(try benchmark("quiet", "--tasks", "2", "--method", "linear", "--quiet").errors == "")
    }

    /// The same protocol, whether rows are kept in memory or in a store; the store knows where each row came from.
    @Test func keepsExemplarsInAStore() throws {
        let path = folder.path("e.sqlite").path
        let options = ["--tasks", "5", "--method", "linear", "--budget", "40", "--selector", "herding", "--seed", "2"]
        func run(_ name: String, _ more: [String] = []) throws -> CommandLineTool.Result {
            try CommandLineTool.run(
                ["benchmark", "--data", CommandLineTool.data, "--output", folder.path(name).path] + options + more)
        }
        #expect(try run("inside").status == 0)
        let outside = try run("outside", ["--exemplars", path])
        #expect(outside.status == 0, "\(outside.errors)")
        let (one, other) = (try results("inside"), try results("outside"))
        #expect(one.accuracyMatrix == other.accuracyMatrix && one.nll == other.nll)
        #expect(other.tasks.map(\.exemplars) == [40, 40, 40, 40, 40])

        let source = try FeatureRows(
            files: [URL(filePath: CommandLineTool.data).appending(path: "train.safetensors")])
        let store = try ExemplarStore(contentsOf: folder.path("e.sqlite"))
        try store.read { reader in
            #expect(try reader.classes().map(\.task) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
            try reader.forEachBlock { block in
                for (row, record) in block.records.enumerated() {
                    let original = try source.block(record.sourceRow..<record.sourceRow + 1)
                    #expect(block.features.row(row) == original.features.row(0))
                    #expect(record.source.hasSuffix("train.safetensors"))
                }
            }
        }
        // The model goes on with the store.
        let inspected = try CommandLineTool.run(
            "inspect", folder.path("outside").appending(path: "model.safetensors").path)
        #expect(inspected.output.contains("e.sqlite"))
        let again = try run("again", ["--exemplars", path])
        #expect(again.status == 73)
        #expect(again.errors.contains("exists already"))
        #expect(!folder.names.contains { $0.hasPrefix(".") })
    }
}
