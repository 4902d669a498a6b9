import ArgumentParser
import Credence
import Foundation

/// `credence inspect`: what a model is.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a model is: method, classes, tasks, exemplars, tensors.",
        discussion: """
            EXAMPLE
              credence inspect m.safetensors
              credence inspect m.safetensors --json
            """)

    @Argument(help: "The model file.")
    var model: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.run { _ in
            let url = URL(filePath: model)
            let file = try ModelFile.load(url)
            let summary = ModelSummary(file, archive: try ModelArchive(contentsOf: url))
            print(json ? try JSONOutput.text(summary) : summary.text)
        }
    }
}

/// What `inspect` tells.
private struct ModelSummary: Encodable {
    var method: String
    var featureDimension: Int
    var classes: [String]
    var classesPerTask: [Int]
    var exemplars: Int
    var budget: Int
    var parameters: Int
    var tensors: [String: [Int]]
    var configuration: String
    /// The standard deviation of a unit row's logits, averaged over classes (CLAP).
    var logitStandardDeviation: Float?

    init(_ file: ModelFile, archive: ModelArchive) {
        method = file.method.rawValue
        featureDimension = file.head.featureDimension
        classes = file.head.classNames
        switch file.head {
        case let head as CLAPHead:
            classesPerTask = head.classesPerTask
            logitStandardDeviation = head.logitStandardDeviation
        case let head as LinearHead: classesPerTask = head.classesPerTask
        case let head as ZeroShotHead: classesPerTask = head.classesPerTask
        default: classesPerTask = []
        }
        exemplars = file.exemplars.count
        budget = file.exemplars.budget
        tensors = archive.tensors.mapValues(\.shape)
        parameters = archive.tensors.filter { !$0.key.hasPrefix("exemplars.") }
            .reduce(0) { $0 + $1.value.shape.reduce(1, *) }
        configuration = archive.configurationJSON
    }

    var text: String {
        var lines = [
            "method            \(method)",
            "feature dimension \(featureDimension)",
            "exemplars         \(exemplars) of \(budget)",
            "stored numbers    \(parameters)",
        ]
        if let deviation = logitStandardDeviation {
            lines.append("logit deviation   \(Format.fixed(Double(deviation), 3))")
        }
        var start = 0
        for (task, count) in classesPerTask.enumerated() {
            lines.append("task \(task + 1): \(classes[start..<(start + count)].joined(separator: ", "))")
            start += count
        }
        lines.append("tensors")
        lines += tensors.sorted { $0.key < $1.key }.map { "  \($0.key) \($0.value)" }
        return lines.joined(separator: "\n")
    }
}
