import ArgumentParser
import Credence
import Foundation

/// `credence exemplars import`: rows of a feature file into a store.
struct ExemplarsImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take all rows of a safetensors or NumPy file into a store, made if it does not exist.",
        discussion: """
            Takes what 'export' wrote, or any file with image_features, labels and class names in its metadata. Rows come after \
            those that the store holds of their class, in the file's order; classes that it does not hold become a task. A row \
            that is in the store already is an error, and then nothing is taken.

            EXAMPLE
              credence exemplars import exemplars.safetensors --store e.sqlite
              credence exemplars import rows.npy --store small.sqlite --encoding f16 --budget 100
            """)

    @Argument(help: "The file: .safetensors, or .npy with its labels beside it.", completion: .file())
    var file: String

    @OptionGroup var options: StoreOptions
    @OptionGroup var budget: BudgetOptions

    @Option(
        help: ArgumentHelp(
            "Class names that the labels index, one a line or a JSON list. Default: those of the file.", valueName: "file"), completion: .file())
    var classesFile: String?

    @OptionGroup var encoding: EncodingOptions

    @Flag(help: "Print the summary as JSON on standard output.")
    var json = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.run { terminal in
            let source = try ExemplarFile(
                contentsOf: URL(filePath: file), classNames: try classesFile.map(ClassLists.read))
            let store = try options.openOrCreate(
                dimension: source.rows.dimension, encoding: try encoding.encoding(dimension: source.rows.dimension))
            let progress = RowProgress(terminal: terminal, verb: "importing", rows: source.rows.count)
            let summary = try store.write { writer in
                let before = try writer.reader.count()
                let loss = try writer.import(source, budget: budget.given, seed: common.seed) { done in
                    try Interruption.check()
                    progress.reached(done)
                }
                return try AdditionSummary(store: options.store, loss, before: before, writer.reader)
            }
            store.compact()
            terminal.wipe()
            terminal.say(summary.text(store.format.encoding))
            if json { print(try JSONOutput.text(summary)) }
        }
    }
}

/// What `add` and `import` tell.
struct AdditionSummary: Encodable {
    var store: String
    var added: Int
    var removed: Int
    var rows: Int
    var classes: Int
    var relativeSquaredError: Double
    var meanCosine: Double

    init(store: String, _ loss: EncodingLoss, before: Int, _ reader: StoreReader) throws {
        let classes = try reader.classes()
        self.store = store
        (added, rows, self.classes) = (loss.rows, classes.reduce(0) { $0 + $1.rows }, classes.count)
        removed = before + added - rows
        (relativeSquaredError, meanCosine) = (loss.relativeSquaredError, loss.meanCosine)
    }

    func text(_ encoding: FeatureEncoding) -> String {
        var text =
            "added \(StoreText.count(added, "row", "rows"))" + (removed > 0 ? ", removed \(removed)" : "")
            + "; \(store) holds \(rows) rows of \(StoreText.count(classes, "class", "classes"))"
        if encoding != .float32, added > 0 {
            text += "; \(encoding) lost \(StoreText.loss(relativeSquaredError))"
        }
        return text
    }
}
