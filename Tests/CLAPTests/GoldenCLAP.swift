import Foundation
import Gradients
import Matrices
import TestSupport

@testable import CLAP

/// A golden case of the reference's forward pass, turned into the network and batch it describes.
struct GoldenCLAP<Scalar: MatrixScalar> {
    let file: GoldenCase
    let configuration: CLAPConfiguration
    let classesPerTask: [Int]
    let phase: CLAPPhase
    let network: CLAPNetwork<Scalar>
    let text: CLAPText<Scalar>
    let logitScale: Scalar

    init(_ name: String, parameterPrefix: String = "param.") throws {
        file = try Golden.load("clap", name)
        var configuration = CLAPConfiguration(featureDimension: file.int("embed_dim") ?? 0)
        configuration.usesAttention = file.bool("use_vga") ?? true
        configuration.adapterPerTask = file.bool("expandable_adapter") ?? true
        configuration.usesTaskTokens = file.bool("expandable_tokens") ?? false
        configuration.globalSamples = file.bool("hierarchical") == true ? file.int("global_samples") ?? 0 : 0
        if file.bool("use_np_prior") == true { configuration.prior = .dataDriven }
        if file.bool("frozen_prior") == true { configuration.prior = .frozen }
        configuration.contextFraction = file.double("context_size") ?? configuration.contextFraction
        configuration.textRegularization = file.bool("lasp") == true ? file.double("beta") ?? 0 : 0
        configuration.orthogonalityWeight = file.bool("ortho_loss") == true ? file.double("ortho_weight") ?? 0 : 0
        configuration.distillationWeight = file.bool("distill") == true ? file.double("distill_weight") ?? 0 : 0
        configuration.dropout = 0
        self.configuration = configuration
        classesPerTask = file.ints("classes_per_task") ?? []
        phase = file.bool("test") == true ? .predict : file.bool("finetuning") == true ? .fineTune : .train
        network = try CLAPNetwork(
            configuration: configuration, classesPerTask: classesPerTask,
            values: Self.parameters(file, prefix: parameterPrefix))
        network.freeze(for: phase, learning: [network.classesPerTask.count - 1])
        let prompts: Matrix<Scalar> = try file.matrix("in.text_prompt_features")
        let shape = try file.shape("in.text_prompt_features")
        text = CLAPText(
            prompts: (0..<shape[0]).map { row in
                Matrix(rows: shape[1], columns: shape[2], elements: (0..<shape[1]).flatMap { prompts.row(row * shape[1] + $0) })
            }, dimension: shape[2])
        logitScale = Scalar(Foundation.exp(try file.scalar("in.log_logit_scale", of: Double.self)))
    }

    /// The reference's names to ours: `vga.layers.0.linear1` → `vga.linear1`, `mu_adapters.0.fc.0` → `mu_adapters.0`.
    static func ourName(_ name: String) -> String {
        name.replacingOccurrences(of: "vga.layers.0.", with: "vga.").replacingOccurrences(of: ".fc.0.", with: ".")
    }

    static func parameters(_ file: GoldenCase, prefix: String) throws -> [String: Matrix<Scalar>] {
        var values: [String: Matrix<Scalar>] = [:]
        for name in file.names where name.hasPrefix(prefix) {
            let own = String(name.dropFirst(prefix.count))
            guard prefix != "param." || !own.hasPrefix("previous_") else { continue }
            values[ourName(own)] = try file.matrix(name)
        }
        return values
    }

    var previous: CLAPNetwork<Scalar>? {
        get throws {
            guard configuration.distillationWeight > 0 else { return nil }
            return try CLAPNetwork(
                configuration: configuration, classesPerTask: classesPerTask.dropLast(),
                values: Self.parameters(file, prefix: "param.previous_"))
        }
    }

    /// Noise of all tasks side by side: `[samples · G · classes, D]`. `step` picks one of a training run's steps.
    func noise(step: Int? = nil) throws -> Matrix<Scalar> {
        let width = configuration.featureDimension
        let blocks = max(configuration.globalSamples, 1)
        let parts: [[Scalar]] = try classesPerTask.indices.map { try file.values("noise.task\($0)") }
        let draws = file.int("samples") ?? 0
        var elements: [Scalar] = []
        for unit in 0..<draws * blocks {
            for (task, count) in classesPerTask.enumerated() {
                let start = ((step ?? 0) * draws * blocks + unit) * count * width
                elements += parts[task][start..<start + count * width]
            }
        }
        return Matrix(rows: elements.count / width, columns: width, elements: elements)
    }

    func batch(step: Int? = nil) throws -> CLAPBatch<Scalar> {
        var rows: Matrix<Scalar> = try file.matrix("in.image_features")
        var labels = try file.integers("in.labels")
        let size = file.int("batch") ?? rows.rows
        if let step {
            rows = Matrix(rows: size, columns: rows.columns, elements: (0..<size).flatMap { rows.row(step * size + $0) })
            labels = Array(labels[step * size..<(step + 1) * size])
        }
        var batch = CLAPBatch<Scalar>(rows: rows.normalizedForTest(), labels: labels, noise: try noise(step: step))
        if configuration.isHierarchical { batch.globalNoise = try file.matrix("noise.global") }
        if file.has("in.context_permutation.0") {
            let count = Int((configuration.contextFraction * Double(size)).rounded(.up))
            batch.contextRows = Array(try file.integers("in.context_permutation.0").prefix(count))
        }
        return batch
    }
}

extension Matrix {
    func normalizedForTest() -> Matrix {
        Matrix((0..<rows).map { index in
            let values = row(index)
            let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return values.map { $0 / norm }
        })
    }
}

/// The largest difference, relative to the largest entry of `expected`.
func largestError<Scalar: MatrixScalar>(_ actual: Matrix<Scalar>, _ expected: Matrix<Scalar>) -> Double {
    let scale = largestEntry(expected)
    let difference = largestDifference(actual, expected)
    return scale == 0 ? difference : difference / scale
}

/// The largest absolute difference; infinite where the shapes differ or a value is NaN.
func largestDifference<Scalar: MatrixScalar>(_ actual: Matrix<Scalar>, _ expected: Matrix<Scalar>) -> Double {
    guard actual.count == expected.count else { return .infinity }
    var largest = 0.0
    for (a, e) in zip(actual.elements, expected.elements) {
        let difference = abs(Double(a) - Double(e))
        if difference.isNaN { return .infinity }
        largest = max(largest, difference)
    }
    return largest
}

func largestEntry<Scalar: MatrixScalar>(_ matrix: Matrix<Scalar>) -> Double {
    matrix.elements.map { abs(Double($0)) }.max() ?? 0
}
