import ArgumentParser
import Credence
import Foundation

/// `credence data inspect`: what a data folder or feature file holds.
struct DataInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a data folder or feature file holds, and whether it is sound.",
        discussion: """
            Reads every row once: tensors, rows, norms, duplicates, labels, classes and prompts. Where something is \
            wrong, such as NaN or zero rows, the summary is printed all the same and the exit code is 65.

            EXAMPLE
              credence data inspect Examples/Data/fashion-mnist-mini
              credence data inspect images.npy --json
            """)

    @Argument(help: "The folder or file.", completion: .file())
    var path: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.run { _ in
            let summary = try DatasetSummary(of: URL(filePath: path))
            print(json ? try JSONOutput.text(summary) : DataReport.text(of: summary))
            if let problem = summary.files.compactMap(\.problem).first ?? summary.problems.first {
                throw CommandFailure(.badData, problem)
            }
        }
    }
}

/// A data summary for people.
private enum DataReport {
    static func text(of summary: DatasetSummary) -> String {
        var lines: [String] = []
        if !summary.classNames.isEmpty {
            var facts = ["\(summary.classNames.count) classes"]
            if let prompts = summary.promptsPerClass { facts.append("\(prompts) prompts a class") }
            if let dimension = summary.featureDimension { facts.append("features of length \(dimension)") }
            if let scale = summary.logitScale { facts.append("logit scale \(scale)") }
            lines += [facts.joined(separator: ", "), "classes: " + summary.classNames.joined(separator: ", ")]
        }
        for file in summary.files {
            lines.append("\(URL(filePath: file.path).lastPathComponent), \(file.bytes) bytes")
            lines += file.tensors.map { "  \($0.name) \($0.elementType.rawValue) \($0.shape)" }
            if let rows = file.rows { lines.append("  " + text(of: rows)) }
            if let problem = file.problem { lines.append("  problem: \(problem)") }
        }
        lines += summary.problems.map { "problem: \($0)" }
        return lines.joined(separator: "\n")
    }

    private static func text(of rows: DatasetSummary.Rows) -> String {
        var facts = ["\(rows.count) rows"]
        if let classes = rows.classes, let fewest = rows.fewestRowsOfClass, let most = rows.mostRowsOfClass {
            facts.append("\(classes) classes of \(fewest == most ? "\(fewest)" : "\(fewest) to \(most)")")
        }
        facts.append("norms \(Format.fixed(rows.smallestNorm, 3)) to \(Format.fixed(rows.largestNorm, 3))")
        for (count, name) in [
            (rows.duplicateRows, "duplicate"), (rows.zeroRows, "zero"), (rows.nonFiniteRows, "NaN or infinite"),
        ] where count > 0 {
            facts.append("\(count) \(name)")
        }
        return facts.joined(separator: ", ")
    }
}
