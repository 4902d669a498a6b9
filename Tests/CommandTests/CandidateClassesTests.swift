import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

/// `classify --text`: classes known by their prompts alone.
@Suite struct CandidateClassesTests {
    private let folder: TemporaryFolder
    private let features = CommandLineTool.data + "/test.safetensors"
    private let text = CommandLineTool.data + "/text.safetensors"

    init() throws { folder = try TemporaryFolder() }

    private func learn(_ method: String, classes: String? = nil) throws -> String {
        let model = folder.path("m-\(method)").path
        let result = try CommandLineTool.run(
            ["learn", "--quiet", "--model", model, "--data", CommandLineTool.data, "--method", method]
                + (classes.map { ["--classes", $0] } ?? []))
        try #require(result.status == 0, "\(result.errors)")
        return model
    }

    private func classify(_ model: String, _ options: String...) throws -> CommandLineTool.Result {
        try CommandLineTool.run(["classify", "--quiet", "--model", model, "--features", features] + options)
    }

    /// Rows of classes that were never learnt are given such classes, and rows of learnt ones mostly keep theirs.
    @Test(arguments: ["linear", "linear+zero-shot"]) func candidatesCompete(_ method: String) throws {
        let dataset = try Dataset.open(URL(filePath: CommandLineTool.data))
        let learnt = Array(dataset.classNames[..<4])
        let result = try classify(
            try learn(method, classes: learnt.joined(separator: ",")), "--text", text, "--top-k", "10")
        try #require(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
        let labels = try dataset.load(.test).labels
        #expect(lines.count == labels.count)
        var (right, candidates) = (0, 0)
        for (cells, label) in zip(lines, labels) {
            let probabilities = [cells[2]] + stride(from: 10, to: cells.count, by: 2).map { cells[$0] }
            #expect(probabilities.count == 10)
            expectClose(probabilities.compactMap(Double.init).reduce(0, +), 1, absolute: 1e-4)
            if label >= 4, !learnt.contains(cells[1]) { candidates += 1 }
            if label < 4, cells[1] == dataset.classNames[label] { right += 1 }
        }
        // Zero-shot alone is right for 0.43 of all rows, and would be for 0.1 by chance.
        #expect(candidates > 120 && right > 80, "\(candidates) of 240, \(right) of 160")
    }

    @Test func withoutCandidatesNothingChanges() throws {
        let model = try learn("linear")
        let (plain, open) = (try classify(model), try classify(model, "--text", text))
        #expect(open.status == 0 && open.output == plain.output)
    }

    @Test func promptsThatDoNotFitAreRefused() throws {
        let model = try learn("linear", classes: "dress,coat")
        let missing = folder.path("t.safetensors")
        let others = try Dataset.open(URL(filePath: CommandLineTool.data)).prompts
        let kept = others.classNames.indices.filter { others.classNames[$0] != "coat" }
        func write(_ prompts: ClassPrompts, dimension: Int) throws {
            let names = try JSONEncoder().encode(prompts.classNames)
            let writer = try SafetensorsWriter(
                to: missing, tensors: [TensorDeclaration("text_features", .float32, [prompts.count, dimension])],
                metadata: ["class_names": String(decoding: names, as: UTF8.self)])
            for features in prompts.features {
                try writer.append(Matrix(rows: 1, columns: dimension, elements: Array(features.row(0)[..<dimension])), to: "text_features")
            }
            try writer.finish()
        }
        try write(others.selecting(kept), dimension: 512)
        let lacking = try classify(model, "--text", missing.path)
        #expect(lacking.status == 65 && lacking.errors.contains("no prompts for 'coat'"), "\(lacking.errors)")
        try write(others, dimension: 64)
        let short = try classify(model, "--text", missing.path)
        #expect(short.status == 65 && short.errors.contains("prompts of length 64"), "\(short.errors)")
        #expect(try classify(model, "--text", folder.path("none").path).status == 66)
        #expect(try classify(model, "--text", text, "--conformal", "0.1").status == 64)
    }
}
