import ArgumentParser
import Credence
import Foundation

/// `credence data validate`: all that is wrong or doubtful with data folders and feature files.
struct DataValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "List everything that is wrong or doubtful in data folders and feature files.",
        discussion: """
            Goes through all rows of all files, whatever is found on the way. Errors are what learning or classifying would \
            stop at: damaged or missing files, wrong types, shapes and lengths, NaN, infinite and zero rows, labels that are \
            no class, class names that differ. Warnings are doubts: classes without rows, equal rows in a split, test rows \
            that are training rows, equal rows with different labels, norms far apart, classes with the same text, a logit \
            scale that is missing or a logarithm. Every line names the file, the tensor and the first rows, counted from 0.
            The exit code is 65 where there are errors, with --strict also for warnings.

            EXAMPLE
              credence data validate Examples/Data/fashion-mnist-mini
              credence data validate --strict --json pets new-rows.npy
            """)

    @Argument(help: ArgumentHelp("Data folders and feature files.", valueName: "path"), completion: .file())
    var paths: [String]

    @Flag(help: "Let warnings fail, too.")
    var strict = false

    @Flag(help: "Do not look for equal rows, which takes 16 bytes of memory a row.")
    var noDuplicates = false

    @Flag(help: "Print JSON: a list with one object a path.")
    var json = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.run { terminal in
            var results: [DataValidation] = []
            for path in paths {
                var progress: RowProgress?
                results.append(
                    try DataValidation(of: URL(filePath: path), findingDuplicates: !noDuplicates) { done, total in
                        try Interruption.check()
                        if progress == nil { progress = RowProgress(terminal: terminal, verb: "checking \(path)", rows: total) }
                        progress?.reached(done)
                    })
            }
            terminal.wipe()
            print(
                json
                    ? try JSONOutput.text(results)
                    : results.map { ValidationReport.text(of: $0) }.joined(separator: "\n\n"))
            try fail(results)
        }
    }

    private func fail(_ results: [DataValidation]) throws {
        let (errors, warnings) = (results.flatMap(\.errors), results.flatMap(\.warnings))
        guard let first = errors.first ?? (strict ? warnings.first : nil) else { return }
        let more = errors.count + (strict ? warnings.count : 0) - 1
        throw CommandFailure(.badData, first.message + (more > 0 ? " (and \(more) more)" : ""))
    }
}

/// A validation for people: what there is as a table, then one line a finding.
private enum ValidationReport {
    static func text(of validation: DataValidation) -> String {
        var lines = [validation.path]
        var table = [["", "rows", "length", "type", "norms", "classes", "rows a class", "equal"]]
        table += validation.groups.map(row)
        if let text = validation.text {
            table.append([
                "text", "\(text.classes * text.promptsPerClass)", "\(text.dimension)", text.elementType.rawValue,
                range(text.smallestNorm, text.largestNorm), "\(text.classes)",
                "\(text.promptsPerClass) prompt\(text.promptsPerClass == 1 ? "" : "s")", "",
            ])
        }
        if table.count > 1 { lines += aligned(table) }
        if let text = validation.text, let scale = text.logitScale {
            lines.append("logit scale \(scale)\(text.isLogitScaleStated ? "" : " (assumed)")")
        }
        lines += validation.errors.map { "error: \($0.message)" } + validation.warnings.map { "warning: \($0.message)" }
        let (errors, warnings) = (validation.errors.count, validation.warnings.count)
        lines.append(
            errors + warnings == 0
                ? "no problem found"
                : "\(errors) error\(errors == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s")")
        return lines.joined(separator: "\n")
    }

    private static func row(_ group: DataValidation.Group) -> [String] {
        let name = group.name.contains("/") ? URL(filePath: group.name).lastPathComponent : group.name
        var rowsOfClass = ""
        if let fewest = group.fewestRowsOfClass, let most = group.mostRowsOfClass {
            rowsOfClass = fewest == most ? "\(fewest)" : "\(fewest) to \(most)"
        }
        return [
            group.files.count > 1 ? "\(name) (\(group.files.count) files)" : name, "\(group.rows)",
            group.dimension.map(String.init) ?? "–", group.elementTypes.map(\.rawValue).joined(separator: "/"),
            range(group.smallestNorm, group.largestNorm), group.classes.map(String.init) ?? "–", rowsOfClass,
            group.duplicateRows.map(String.init) ?? "–",
        ]
    }

    private static func range(_ smallest: Double?, _ largest: Double?) -> String {
        guard let smallest, let largest else { return "–" }
        return "\(Format.fixed(smallest, 3)) to \(Format.fixed(largest, 3))"
    }

    /// The first column to the left, the others to the right.
    private static func aligned(_ table: [[String]]) -> [String] {
        let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        return table.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }
            return ("  " + cells.joined(separator: "  ")).replacing(/\s+$/, with: "")
        }
    }
}
