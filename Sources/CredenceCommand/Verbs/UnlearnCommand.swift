import ArgumentParser
import Credence
import Foundation

/// `credence unlearn`: rows or classes taken out of a model, exactly.
struct UnlearnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlearn",
        abstract: "Take classes or rows out of a rail model exactly, as if it had never learnt them.",
        discussion: """
            The rows are read from the training rows in DIR, which must be those the model learnt; a whole class is \
            checked against what the model keeps. Replaces the model file in one step, or writes the result to another file. A \
            calibration or novelty detector in the model is dropped, since it was fitted with the rows; what was written \
            from the model before is not changed.

            EXAMPLE
              credence unlearn --model m.safetensors --data pets --classes hamster
              credence unlearn --model m.safetensors --data pets --rows 3,17,40-59 --output without.safetensors
            """)

    @Option(help: ArgumentHelp("The model file.", valueName: "file"), completion: .file())
    var model: String

    @Option(help: ArgumentHelp("Folder with the train.safetensors that was learnt.", valueName: "folder"), completion: .directory)
    var data: String

    @Option(help: ArgumentHelp("Classes to forget altogether, parted by commas.", valueName: "names"))
    var classes: String?

    @Option(help: ArgumentHelp("File with the classes to forget, one a line or a JSON list.", valueName: "file"), completion: .file())
    var classesFile: String?

    @Option(
        help: ArgumentHelp(
            "Training rows to forget, from 0, such as 3,17,40-59. Their classes stay known.", valueName: "rows"))
    var rows: RowList?

    @Option(
        help: ArgumentHelp("File with the rows to forget, a number or a range such as 40-59 a line.", valueName: "file"), completion: .file())
    var rowsFile: String?

    @Option(help: ArgumentHelp("File for the result. Default: the model file is replaced.", valueName: "file"), completion: .file())
    var output: String?

    @Flag(help: "Print the summary as JSON on standard output.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        let given = [classes != nil, classesFile != nil, rows != nil, rowsFile != nil].filter { $0 }.count
        guard given == 1 else {
            throw ValidationError("Give one of --classes, --classes-file, --rows and --rows-file.")
        }
    }

    func run() throws {
        try common.run { terminal in
            let target = URL(filePath: output ?? model)
            try OutputCheck.canWrite(target)
            var file = try ModelFile.load(URL(filePath: model))
            guard var head = file.head as? any UnlearningHead else {
                throw CommandFailure(
                    .usage, "\(model): a \(file.method.rawValue) model cannot unlearn; the rail methods can")
            }
            let dataset = try Dataset.open(URL(filePath: data), splits: [.train])
            guard dataset.featureDimension == head.featureDimension else {
                throw CommandFailure(
                    .badData,
                    "\(data): features of length \(dataset.featureDimension), the model \(model) expects "
                        + "\(head.featureDimension)")
            }
            let chosen = try chosenRows(dataset, known: head.classNames)
            let clock = ContinuousClock()
            let start = clock.now
            let names = chosen.classes.map { head.classNames[$0] }
            try head.unlearn(chosen.rows, removing: chosen.classes)
            file.head = head
            file.forgetFitted(terminal)
            try Interruption.check()
            try file.save(to: target)
            let summary = UnlearnSummary(
                model: target.relativePath, forgotten: names.sorted(), rows: chosen.rows.count,
                classes: head.classNames.count, seconds: (clock.now - start).inSeconds)
            terminal.say(summary.text)
            if json { print(try JSONOutput.text(summary)) }
        }
    }

    /// The rows to forget, labelled as the model knows their classes, and the classes that go.
    private func chosenRows(
        _ dataset: Dataset, known: [String]
    ) throws -> (rows: LabelledFeatures, classes: Set<Int>) {
        let train = try dataset.rows(.train)
        guard let labels = try train.labels() else {
            throw CommandFailure(.badData, "\(data): the training rows have no labels")
        }
        if let names = try classesFile.map(ClassLists.read) ?? classes.map(ClassLists.parse) {
            let source = classesFile ?? "--classes"
            guard !names.isEmpty else { throw CommandFailure(.badData, "\(source): no class is named") }
            var places: [Int: Int] = [:]
            for name in names {
                guard let place = known.firstIndex(of: name) else {
                    throw CommandFailure(.badData, "\(source): the model \(model) does not know class '\(name)'")
                }
                guard let label = dataset.classNames.firstIndex(of: name) else {
                    throw CommandFailure(.badData, "\(source): there is no class '\(name)' in \(data)")
                }
                places[label] = place
            }
            return (try train.selecting(labels.map { places[$0] }), Set(places.values))
        }
        let list = try rowsFile.map(RowList.read) ?? rows ?? RowList(rows: [])
        guard !list.rows.isEmpty else { throw CommandFailure(.badData, "\(rowsFile ?? "--rows"): no row is named") }
        if let bad = list.rows.max(), bad >= labels.count {
            throw CommandFailure(
                .badData, "\(rowsFile ?? "--rows"): row \(bad), but \(data) has \(labels.count) training rows from 0")
        }
        let places = try dataset.classNames.enumerated().map { label, name -> Int? in
            guard list.rows.contains(where: { labels[$0] == label }) else { return nil }
            guard let place = known.firstIndex(of: name) else {
                throw CommandFailure(
                    .badData, "\(rowsFile ?? "--rows"): a row of class '\(name)', which the model \(model) does not know")
            }
            return place
        }
        return (
            try train.selecting(labels.enumerated().map { list.rows.contains($0) ? places[$1] : nil }), []
        )
    }
}

/// Rows by number: `3,17,40-59`.
struct RowList: ExpressibleByArgument {
    let rows: Set<Int>

    init(rows: Set<Int>) { self.rows = rows }

    init?(argument: String) {
        var rows = Set<Int>()
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
                Int($0.trimmingCharacters(in: .whitespaces))
            }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 0, first <= last,
                last - first < 100_000_000
            else { return nil }
            rows.formUnion(first...last)
        }
        self.rows = rows
    }

    /// - Throws: `CommandFailure` naming the line that is no row.
    static func read(_ path: String) throws -> RowList {
        guard let text = String(validating: try ClassLists.contents(path), as: UTF8.self) else {
            throw CommandFailure(.badData, "\(path): not UTF-8 text")
        }
        var rows = Set<Int>()
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty else { continue }
            guard let part = RowList(argument: line) else {
                throw CommandFailure(.badData, "\(path), line \(number + 1): '\(line)' is no row nor a range such as 40-59")
            }
            rows.formUnion(part.rows)
        }
        return RowList(rows: rows)
    }
}

/// What `unlearn` tells at the end.
private struct UnlearnSummary: Encodable {
    var model: String
    /// The names of the classes that went.
    var forgotten: [String]
    var rows: Int
    var classes: Int
    var seconds: Double

    var text: String {
        let what = forgotten.isEmpty
            ? "\(rows) rows" : "\(forgotten.count) \(forgotten.count == 1 ? "class" : "classes") and their \(rows) rows"
        return "forgot \(what) in \(Format.fixed(seconds, 1)) s; \(model) knows \(classes) classes"
    }
}
