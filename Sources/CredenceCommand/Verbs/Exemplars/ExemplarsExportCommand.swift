import ArgumentParser
import Credence
import Foundation

/// `credence exemplars export`: a store's rows as a feature file.
struct ExemplarsExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write rows of a store to a safetensors or NumPy file.",
        discussion: """
            A safetensors file has image_features, labels and the class names, as data folders have, and besides each row's \
            rank, source, score and whether it is pinned, so that 'import' gives the same rows. Beside \
            train_image_features.npy stand train_labels.npy and class_names.json; beside any other x.npy x_labels.npy and \
            x_class_names.json. Rows are in the store's order: class after class, pinned rows first, then the best first.

            EXAMPLE
              credence exemplars export --store e.sqlite --output exemplars.safetensors
              credence exemplars export --store e.sqlite --tasks 0 --output first.npy
            """)

    @OptionGroup var options: StoreOptions

    @Option(help: ArgumentHelp("The file to write: .safetensors or .npy.", valueName: "file"), completion: .file())
    var output: String

    @OptionGroup var filter: ExemplarFilterOptions
    @OptionGroup var common: CommonOptions

    private var isNumPy: Bool { URL(filePath: output).pathExtension.lowercased() == "npy" }

    func validate() throws {
        guard isNumPy || URL(filePath: output).pathExtension.lowercased() == "safetensors" else {
            throw ValidationError("--output \(output): the extension is neither .safetensors nor .npy.")
        }
    }

    func run() throws {
        try common.run { terminal in
            let target = URL(filePath: output)
            try OutputCheck.canWrite(target)
            let filter = try filter.filter()
            let store = try options.open(for: .reading)
            let (count, summary) = try store.read { reader in
                try self.filter.check(filter, against: try reader.classes(), store: options.store)
                let progress = RowProgress(terminal: terminal, verb: "writing", rows: try reader.count(filter))
                func reached(_ row: Int) throws {
                    try Interruption.check()
                    progress.reached(row)
                }
                let count = isNumPy
                    ? try reader.export(filter, toNumPy: target, progress: reached)
                    : try reader.export(filter, toSafetensors: target, progress: reached)
                return (count, progress.summary)
            }
            terminal.wipe()
            terminal.say(count > 0 ? "wrote \(summary) to \(output)" : "wrote no rows to \(output)")
        }
    }
}
