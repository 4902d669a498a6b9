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
        let result = try Python.run([script, test, test])
        #expect(result.status != 0 && result.errors.contains("not a Credence model"))
    }

    /// Mean and variance of the logits, and in PyTorch the same as in NumPy.
    @Test(arguments: [
        ["rail-primal", "--hidden", "200"], ["rail-primal", "--hidden", "0"],
        ["rail-primal", "--hidden", "150", "--lambda", "0.01", "--fusion-weight", "0.7"],
        ["rail-dual"], ["rail-dual", "--kernel", "polynomial", "--degree", "2"], ["rail-dual", "--kernel", "linear"],
        ["rail-dual", "--kernel", "arc-cosine", "--degree", "0"], ["rail-dual", "--kernel", "arc-cosine"],
        ["rail-dual", "--kernel", "arc-cosine", "--degree", "2"],
        ["rail-dual", "--exact-rows", "100", "--landmarks", "60", "--fusion-weight", "0.5"],
        ["linear+rail-primal", "--hidden", "100"], ["clap+rail-dual+zero-shot"],
    ])
    func givesTheSamePosterior(_ options: [String]) throws {
        let model = folder.path("m")
        try learn(model, ["--method"] + options)
        let rows = try FeatureRows(files: [Self.test]).load().features
        let expected = try ModelFile.load(model).head.posterior(for: rows)
        let result = try Python.run(["-c", Self.posteriors, Self.examples, model.path, Self.test.path, folder.url.path])
        try #require(result.status == 0, "\(result.errors)")
        let mean = try NumPyFile(contentsOf: folder.path("mean.npy")).array.matrix(of: Double.self)
        let variance = try NumPyFile(contentsOf: folder.path("variance.npy")).array.matrix(of: Double.self)
        expectClose(mean, expected.mean, relative: 1e-5)
        expectClose(variance, expected.variance, relative: 1e-5)
    }

    @Test(arguments: ["temperature", "task-temperature", "vector", "matrix", "platt", "beta", "isotonic", "histogram"])
    func appliesTheCalibration(_ method: String) throws {
        let model = folder.path("m")
        try learn(model, ["--method", "rail-dual"])
        let calibrated = try CommandLineTool.run(
            ["calibrate", "--quiet", "--model", model.path, "--data", CommandLineTool.data, "--method", method])
        try #require(calibrated.status == 0, "\(calibrated.errors)")
        let file = folder.path("p.safetensors")
        let classified = try CommandLineTool.run([
            "classify", "--quiet", "--model", model.path, "--features", Self.test.path, "--probabilities", "--output", file.path,
        ])
        try #require(classified.status == 0, "\(classified.errors)")
        let expected = try SafetensorsFile(contentsOf: file).matrix("probabilities", of: Double.self)
        let result = try Python.run([Self.examples + "/load_head.py", model.path, Self.test.path])
        try #require(result.status == 0, "\(result.errors)")
        let values = result.output.split(separator: "\n").dropFirst().flatMap { $0.split(separator: ",").compactMap { Double($0) } }
        expectClose(values, expected.elements, absolute: 1e-5)
    }

    private static let test = URL(filePath: CommandLineTool.data).appending(path: "test.safetensors")
    private static let examples = Golden.packageRoot.appending(path: "Examples/python").path

    /// Two tasks of five classes.
    private func learn(_ model: URL, _ options: [String]) throws {
        for (classes, more) in [("dress,coat,sandal", options), ("shirt,sneaker", [])] {
            let result = try CommandLineTool.run(
                ["learn", "--quiet", "--model", model.path, "--data", CommandLineTool.data, "--classes", classes] + more)
            try #require(result.status == 0, "\(result.errors)")
        }
    }

    /// Writes mean and variance; where PyTorch is there, fails unless its module gives the same.
    private static let posteriors = """
        import sys
        sys.path.insert(0, sys.argv[1])
        import numpy as np
        from load_head import load_head, read_safetensors
        head = load_head(sys.argv[2])
        rows = read_safetensors(sys.argv[3])[0]["image_features"]
        mean, variance = head.posterior(rows)
        np.save(sys.argv[4] + "/mean.npy", np.ascontiguousarray(mean))
        np.save(sys.argv[4] + "/variance.npy", np.ascontiguousarray(variance))
        try:
            import torch
        except ImportError:
            sys.exit()
        features = torch.from_numpy(rows.astype(np.float64)).requires_grad_()
        m, v = head.torch().posterior(features)
        m.sum().backward()
        assert torch.isfinite(features.grad).all()
        assert np.abs(m.detach().numpy() - mean).max() < 1e-8 * np.abs(mean).max()
        assert np.abs(v.detach().numpy() - variance).max() < 1e-8 * max(variance.max(), 1)
        """
}
