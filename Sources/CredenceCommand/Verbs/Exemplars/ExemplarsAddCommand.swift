import ArgumentParser
import Credence
import Foundation

/// `credence exemplars add`: rows that the user names.
struct ExemplarsAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add rows by file and number, or pin and unpin rows of the store.",
        discussion: """
            Rows are numbered from 0 in the training rows of the data folder, over all its files. They come after those that \
            the store holds of their class. A pinned row is never removed: others make room for it. Rows that are not pinned are \
            refused where the store's budget does not hold them. Rows that are in the store already are pinned with --pin, let \
            go with --unpin, and an error otherwise.

            EXAMPLE
              credence exemplars add --data Examples/Data/fashion-mnist-mini --store e.sqlite --rows 3,17,100-104 --pin
            """)

    @Option(help: ArgumentHelp("Folder with train.safetensors and text.safetensors.", valueName: "folder"), completion: .directory)
    var data: String

    @Option(help: ArgumentHelp("Row numbers and ranges, parted by commas, such as 3,17,100-104.", valueName: "numbers"))
    var rows: RowNumbers

    @OptionGroup var options: StoreOptions

    @Flag(help: "Keep the rows whatever the budget and the selectors say.")
    var pin = false

    @Flag(help: "Let pinned rows go: they become the best of the others.")
    var unpin = false

    @OptionGroup var budget: BudgetOptions
    @OptionGroup var encoding: EncodingOptions

    @Flag(help: "Print the summary as JSON on standard output.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if pin, unpin { throw ValidationError("--pin and --unpin exclude each other.") }
    }

    func run() throws {
        try common.run { terminal in
            let source = try CandidateRows(folder: data)
            if let outside = rows.numbers.first(where: { $0 >= source.rows.count }) {
                throw CommandFailure(
                    .badData, "--rows: there is no row \(outside) in \(data), which has \(source.rows.count) training rows")
            }
            let store = try unpin
                ? options.open(for: .writing)
                : options.openOrCreate(
                    dimension: source.rows.dimension, encoding: try encoding.encoding(dimension: source.rows.dimension))
            let summary = try store.write { writer in
                let before = try writer.reader.count()
                let loss = try unpin ? setPinned(false, source, writer) : add(source, writer)
                try Interruption.check()
                return try AdditionSummary(store: options.store, loss, before: before, writer.reader)
            }
            store.compact()
            terminal.say(summary.text(store.format.encoding))
            if json { print(try JSONOutput.text(summary)) }
        }
    }

    private func location(_ row: Int, _ source: CandidateRows) -> StoreWriter.Location {
        let place = source.rows.location(ofRow: row)
        return StoreWriter.Location(source: place.file.path, row: place.row)
    }

    private func setPinned(_ isPinned: Bool, _ source: CandidateRows, _ writer: StoreWriter) throws -> EncodingLoss {
        try writer.setPinned(isPinned, rows.numbers.map { location($0, source) })
        return EncodingLoss()
    }

    private func add(_ source: CandidateRows, _ writer: StoreWriter) throws -> EncodingLoss {
        let known = pin ? try writer.reader.contains(rows.numbers.map { location($0, source) }) : []
        try writer.setPinned(true, known.sorted { ($0.source, $0.row) < ($1.source, $1.row) })
        let new = rows.numbers.filter { !known.contains(location($0, source)) }
        guard !new.isEmpty else {
            if let budget = budget.given { try writer.prune(to: budget) }
            return EncodingLoss()
        }
        let names = source.dataset.classNames
        var blocks = Dictionary(grouping: new, by: { source.labels[$0] }).sorted { $0.key > $1.key }
        return try writer.add(
            classNames: Set(new.map { source.labels[$0] }).sorted().map { names[$0] }, budget: budget.given,
            settings: ["data": URL(filePath: data).standardizedFileURL.path], seed: common.seed,
            sample: { try source.rows.gather(sample(of: source.rows.count)) },
            blocks: {
                guard let (label, members) = blocks.popLast() else { return nil }
                return ExemplarRows(
                    className: names[label], features: try source.rows.gather(members),
                    locations: members.map { location($0, source) }, pinned: members.map { _ in pin })
            })
    }

    /// Rows spread over the data, from which a store with product quantisation learns.
    private func sample(of count: Int) -> [Int] {
        Array(stride(from: 0, to: count, by: max(1, count / ProductQuantizer.trainingRows)))
    }
}

/// Row numbers and ranges: `3,17,100-104`. Each row once, in the order given.
struct RowNumbers: ExpressibleByArgument {
    let numbers: [Int]

    /// More rows than anyone names by hand; beyond, a selection or an import is meant.
    private static let most = 1_000_000

    init?(argument: String) {
        var numbers: [Int] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
                Int($0.trimmingCharacters(in: .whitespaces))
            }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 0,
                first <= last, last - first < Self.most, numbers.count + last - first < Self.most
            else { return nil }
            numbers += first...last
        }
        var seen = Set<Int>()
        self.numbers = numbers.filter { seen.insert($0).inserted }
    }
}
