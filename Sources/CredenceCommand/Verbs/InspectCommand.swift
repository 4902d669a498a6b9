import ArgumentParser
import Credence
import Foundation

/// `credence inspect`: what a model is.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a model is: method, recipe and settings, what it remembers, tasks, tensors.",
        discussion: """
            EXAMPLE
              credence inspect m.safetensors
              credence inspect m.safetensors --json
            """)

    @Argument(help: "The model file.", completion: .file())
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
    var recipe: String?
    var settings: [String: String]
    var featureDimension: Int
    var classes: [String]
    /// The number of new classes of each task; 0 for a task that only updated known ones.
    var classesPerTask: [Int]
    var exemplars: Int
    var budget: Int
    /// The store that keeps the exemplars instead of the model file.
    var exemplarStore: String?
    /// Of the exemplar rows and their labels in the model file.
    var exemplarBytes: Int
    var densities: RememberedDensities?
    var parameters: Int
    var tensors: [String: [Int]]
    var configuration: String
    /// The standard deviation of a unit row's logits, averaged over classes, of heads that have one.
    var logitStandardDeviation: Float?

    /// The calibration's method and the rows it was fitted on; the score of prediction sets and its rows.
    var calibration: String?
    var calibrationRows: Int?
    var calibrationFingerprint: String?
    /// The scores of the novelty detector, the first of which decides.
    var noveltyScores: [String]?
    var conformal: String?
    var conformalRows: Int?

    private var orderedSettings: [HeadSetting]

    private enum CodingKeys: CodingKey {
        case method, recipe, settings, featureDimension, classes, classesPerTask, exemplars, budget, exemplarStore, exemplarBytes
        case densities, parameters, tensors, configuration, logitStandardDeviation
        case calibration, calibrationRows, calibrationFingerprint, conformal, conformalRows, noveltyScores
    }

    init(_ file: ModelFile, archive: ModelArchive) {
        let head = file.head
        method = file.method.rawValue
        recipe = head.recipeName
        orderedSettings = head.settings
        settings = Dictionary(head.settings.map { ($0.name, $0.value) }) { $1 }
        featureDimension = head.featureDimension
        classes = head.classNames
        classesPerTask = head.classesPerTask
        logitStandardDeviation = head.posteriorScale
        calibration = file.calibration?.method.rawValue
        calibrationRows = file.calibration?.source.rows
        calibrationFingerprint = file.calibration?.source.fingerprint
        noveltyScores = file.detector?.parts.map(\.name)
        conformal = file.conformal?.score.name
        conformalRows = file.conformal?.rows
        exemplars = file.exemplars.count
        budget = file.exemplars.budget
        exemplarStore = file.exemplarStore
        let isExemplar = { (name: String) in name.hasPrefix("exemplars.") }
        let isAddition = { (name: String) in
            isExemplar(name) || name.hasPrefix(Calibration.prefix) || name.hasPrefix(ConformalPredictor.prefix)
        }
        exemplarBytes = archive.tensors.filter { isExemplar($0.key) && $0.key != "exemplars.budget" }
            .reduce(0) { $0 + $1.value.byteCount }
        densities = head.densities
        tensors = archive.tensors.mapValues(\.shape)
        parameters = archive.tensors.filter { !isAddition($0.key) }.reduce(0) { $0 + $1.value.shape.reduce(1, *) }
        configuration = archive.configurationJSON
    }

    var text: String {
        var lines: [String] = []
        func line(_ name: String, _ value: String) {
            lines.append(name.padding(toLength: 18, withPad: " ", startingAt: 0) + value)
        }
        line("method", method)
        if let recipe { line("recipe", recipe) }
        line("feature dimension", "\(featureDimension)")
        line("classes", "\(classes.count)")
        line("exemplars", exemplarStore.map { "in \($0)" } ?? "\(exemplars) of \(budget)")
        line("remembered", remembered)
        line("stored numbers", "\(parameters)")
        if let deviation = logitStandardDeviation { line("logit deviation", Format.fixed(Double(deviation), 3)) }
        if let calibration, let calibrationRows { line("calibration", "\(calibration) on \(calibrationRows) rows") }
        if let conformal, let conformalRows { line("prediction sets", "\(conformal) on \(conformalRows) rows") }
        if let noveltyScores { line("novelty detector", noveltyScores.joined(separator: ", ")) }
        var start = 0
        for (task, count) in classesPerTask.enumerated() {
            let names = classes[start..<(start + count)].joined(separator: ", ")
            lines.append("task \(task + 1): \(count == 0 ? "no new class, known classes updated" : names)")
            start += count
        }
        if !orderedSettings.isEmpty {
            let width = orderedSettings.map(\.name.count).max() ?? 0
            lines.append("settings")
            lines += orderedSettings.map {
                "  " + $0.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + $0.value
            }
        }
        lines.append("tensors")
        lines += tensors.sorted { $0.key < $1.key }.map { "  \($0.key) \($0.value)" }
        return lines.joined(separator: "\n")
    }

    /// What is kept of data that was learnt.
    private var remembered: String {
        var parts: [String] = []
        if exemplars > 0 { parts.append("\(exemplars) rows, \(Format.kibibytes(exemplarBytes))") }
        if let densities {
            parts.append(
                "densities of \(densities.classes) classes (\(densities.kind)) in \(densities.elementType), "
                    + Format.kibibytes(densities.bytes))
        }
        return parts.isEmpty ? "no rows" : parts.joined(separator: "; ")
    }
}
