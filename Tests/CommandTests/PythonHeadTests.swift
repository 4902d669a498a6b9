import Credence
import Foundation
import TestSupport
import Testing

@testable import CredenceCommand

/// `Examples/python/load_head.py` against the library: the same class probabilities from the same model file.
@Suite(.enabled(if: Python.hasNumPy, "python3 has no NumPy"))
struct PythonHeadTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [
        ["--method", "clap"], ["--method", "clap", "--recipe", "few-shot"], ["--method", "linear"],
        ["--method", "zero-shot"], ["--method", "clap", "--recipe", "reference", "--epochs", "1"],
    ])
    func givesTheSameProbabilities(_ options: [String]) throws {
        // The attention of these recipes needs PyTorch.
        if !Python.hasTorch, options.contains("reference") || options.contains("few-shot") { return }
        let model = folder.path("m")
        for (classes, more) in [("dress,coat,sandal", options), ("shirt,sneaker", [])] {
            let result = try CommandLineTool.run(
                ["learn", "--model", model.path, "--data", CommandLineTool.data, "--classes", classes] + more)
            #expect(result.status == 0, "\(result.errors)")
        }
        let test = URL(filePath: CommandLineTool.data).appending(path: "test.safetensors")
        let script = Golden.packageRoot.appending(path: "Examples/python/load_head.py")
        let result = try Python.run([script.path, model.path, test.path])
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n")
        var head = try ModelFile.load(model).head
        if var clap = head as? CLAPHead {
            (clap.recipe.prediction.context, clap.recipe.prediction.samples) = (.inductive, nil)
            head = clap
        }
        #expect(lines.first == "dress,coat,sandal,shirt,sneaker")

        let rows = try FeatureRows(files: [test]).load()
        let expected = try head.posterior(for: rows.features).exact(.double).probabilities
        try #require(lines.count == rows.count + 1)
        var largest: Float = 0
        for (row, line) in lines.dropFirst().enumerated() {
            let values = line.split(separator: ",").compactMap { Float($0) }
            try #require(values.count == 5)
            for k in 0..<5 { largest = max(largest, abs(values[k] - Float(expected[row, k]))) }
        }
        #expect(largest < 1e-5)
    }

    @Test func anotherFileIsNoModel() throws {
        let test = URL(filePath: CommandLineTool.data).appending(path: "test.safetensors").path
        let script = Golden.packageRoot.appending(path: "Examples/python/load_head.py").path
        #expect(try Python.run([script, test, test]).status != 0)
    }
}

private enum Python {
    static let hasNumPy = (try? run(["-c", "import numpy"]))?.status == 0
    static let hasTorch = (try? run(["-c", "import torch"]))?.status == 0

    static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
