import ArgumentParser
import Credence
import Foundation

/// `credence exemplars list`: the rows of a store, one a line.
struct ExemplarsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the rows of a store: class, rank, where each comes from and what chose it.",
        discussion: """
            Class after class, pinned rows first, then the best first. Score is what the selector gave, higher was rather kept, \
            or its gain when the row was taken. The table shows file names, the other formats whole paths.

            EXAMPLE
              credence exemplars list --store e.sqlite --classes dress
              credence exemplars list --store e.sqlite --format csv --output rows.csv
            """)

    enum TextFormat: String, ExpressibleByArgument, CaseIterable { case table, csv, jsonl }

    @OptionGroup var options: StoreOptions
    @OptionGroup var filter: ExemplarFilterOptions

    @Option(help: "table, csv or jsonl (a JSON object a line).")
    var format: TextFormat?

    @Option(help: ArgumentHelp("Where to write. Default: standard output.", valueName: "file"), completion: .file())
    var output: String?

    @Option(help: ArgumentHelp("List at most that many rows.", valueName: "rows"))
    var limit: Int?

    @Flag(help: "Print one JSON list.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit must not be negative, not \(limit).") }
        if json, format != nil { throw ValidationError("Give --json or --format, not both.") }
    }

    func run() throws {
        try common.run { _ in
            let filter = try filter.filter()
            let store = try options.open(for: .reading)
            let text = try output.map { try TextOutput(file: URL(filePath: $0)) } ?? TextOutput()
            try store.read { reader in
                let classes = try reader.classes()
                try self.filter.check(filter, against: classes, store: options.store)
                let selectors = Dictionary(uniqueKeysWithValues: try reader.selections().map { ($0.number, $0) })
                let lines = ExemplarLines(
                    format: json ? .json : .init(format ?? .table), classes: classes, selections: selectors)
                try text.write(lines.head)
                var count = 0
                do {
                    try reader.forEachRecord(filter) { stored, record in
                        if count == limit { throw Enough() }
                        try text.write(lines.line(stored, record, isFirst: count == 0))
                        count += 1
                        if count % 1024 == 0 { try Interruption.check() }
                    }
                } catch is Enough {}
                try text.write(lines.tail(isEmpty: count == 0))
            }
            try text.finish()
        }
    }

    /// The limit is reached.
    private struct Enough: Error {}
}

/// Rows of a store as lines of text.
private struct ExemplarLines {
    enum Form {
        case table, csv, jsonl, json

        init(_ format: ExemplarsListCommand.TextFormat) {
            switch format {
            case .table: self = .table
            case .csv: self = .csv
            case .jsonl: self = .jsonl
            }
        }
    }

    private let form: Form
    private let selections: [Int: StoredSelection]
    private let width: Int

    init(format: Form, classes: [StoredClass], selections: [Int: StoredSelection]) {
        form = format
        self.selections = selections
        width = max(5, classes.map(\.name.count).max() ?? 0)
    }

    private static let columns = [
        "class", "task", "rank", "pinned", "selector", "score", "source", "source_row", "added_at", "content_hash",
    ]

    var head: String {
        switch form {
        case .table:
            StoreText.left("class", width) + "  task    rank  pinned  selector            score         row  source\n"
        case .csv: Self.columns.joined(separator: ",") + "\n"
        case .jsonl: ""
        case .json: "["
        }
    }

    func tail(isEmpty: Bool) -> String { form == .json ? (isEmpty ? "]\n" : "\n]\n") : "" }

    func line(_ stored: StoredClass, _ record: ExemplarRecord, isFirst: Bool) -> String {
        let selection = selections[record.selection]
        let selector = selection?.selector ?? selection?.kind.rawValue ?? ""
        let score = record.score.map { "\($0)" }
        let hash = String(record.contentHash, radix: 16)
        let padded = String(repeating: "0", count: 16 - hash.count) + hash
        switch form {
        case .table:
            return StoreText.left(stored.name, width) + StoreText.right("\(stored.task)", 6)
                + StoreText.right("\(record.rank)", 8) + "  " + StoreText.left(record.isPinned ? "yes" : "", 8)
                + StoreText.left(selector, 20) + StoreText.left(record.score.map { String(format: "%.5g", $0) } ?? "–", 11)
                + StoreText.right("\(record.sourceRow)", 6) + "  " + URL(filePath: record.source).lastPathComponent + "\n"
        case .csv:
            return [
                TextPredictions.csvField(stored.name), "\(stored.task)", "\(record.rank)", "\(record.isPinned)",
                TextPredictions.csvField(selector), score ?? "",
                TextPredictions.csvField(record.source), "\(record.sourceRow)", "\(record.addedAt)", padded,
            ].joined(separator: ",") + "\n"
        case .jsonl, .json:
            let object =
                "{\"class\":\(stored.name.asJSON),\"task\":\(stored.task),\"rank\":\(record.rank),"
                + "\"pinned\":\(record.isPinned),\"selector\":\(selector.asJSON),\"score\":\(score ?? "null"),"
                + "\"source\":\(record.source.asJSON),\"source_row\":\(record.sourceRow),\"added_at\":\(record.addedAt),"
                + "\"content_hash\":\"\(padded)\"}"
            return form == .jsonl ? object + "\n" : (isFirst ? "\n" : ",\n") + object
        }
    }
}
