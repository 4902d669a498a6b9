import ArgumentParser
import Credence
import Foundation

/// `credence data`: looks into feature data.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Look into feature data.", subcommands: [DataInspectCommand.self])
}

/// `credence data inspect`: what a data folder holds.
struct DataInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a data folder holds: rows, dimensions, classes, prompts.",
        discussion: """
            Reads the labels and headers; with --check every row, which finds NaN, infinite and zero rows.

            EXAMPLE
              credence data inspect Examples/Data/fashion-mnist-mini
              credence data inspect Examples/Data/fashion-mnist-mini --check --json
            """)

    @Argument(help: "The folder.")
    var folder: String

    @Flag(help: "Read and check every row.")
    var check = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.run { terminal in
            let dataset = try Dataset.open(URL(filePath: folder))
            let summary = try DataSummary(dataset)
            if check { try checkRows(dataset, terminal) }
            print(json ? try JSONOutput.text(summary) : summary.text)
        }
    }

    private func checkRows(_ dataset: Dataset, _ terminal: Terminal) throws {
        for split in Dataset.Split.allCases where dataset.has(split) {
            var stream = try dataset.stream(split)
            let progress = RowProgress(terminal: terminal, verb: "checking \(split)", rows: stream.rows.count)
            while try stream.next() != nil {
                try Interruption.check()
                progress.reached(stream.position)
            }
        }
    }
}

/// What `data inspect` tells.
private struct DataSummary: Encodable {
    var name: String
    var featureDimension: Int
    var logitScale: Float
    var templates: [String]
    var classes: [ClassSummary]
    var rows: [String: Int]

    struct ClassSummary: Encodable {
        var name: String
        var prompts: Int
        var train: Int?
        var test: Int?
    }

    init(_ dataset: Dataset) throws {
        name = dataset.name
        featureDimension = dataset.featureDimension
        logitScale = dataset.prompts.logitScale
        templates = dataset.prompts.templates
        let train = dataset.has(.train) ? try dataset.counts(.train) : nil
        let test = dataset.has(.test) ? try dataset.counts(.test) : nil
        classes = dataset.classNames.indices.map { index in
            ClassSummary(
                name: dataset.classNames[index], prompts: dataset.prompts.features[index].rows, train: train?[index],
                test: test?[index])
        }
        rows = [:]
        for split in Dataset.Split.allCases where dataset.has(split) {
            rows[split.rawValue] = try dataset.rows(split).count
        }
    }

    var text: String {
        var lines = [
            "\(name): \(classes.count) classes, features of length \(featureDimension), logit scale \(logitScale)",
            rows.sorted { $0.key > $1.key }.map { "\($0.key) \($0.value) rows" }.joined(separator: ", "),
        ]
        let width = max(5, classes.map(\.name.count).max() ?? 0)
        func cell(_ text: String) -> String { String(repeating: " ", count: max(0, 8 - text.count)) + text }
        func count(_ value: Int?) -> String { cell(value.map { String($0) } ?? "–") }
        func label(_ text: String) -> String { text + String(repeating: " ", count: width - text.count) }
        lines.append(label("class") + cell("prompts") + cell("train") + cell("test"))
        for item in classes {
            lines.append(label(item.name) + count(item.prompts) + count(item.train) + count(item.test))
        }
        return lines.joined(separator: "\n")
    }
}
