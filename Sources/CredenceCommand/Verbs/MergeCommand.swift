import ArgumentParser
import Credence
import Foundation

/// `credence merge`: the parts of many machines as one result.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Join the parts that --shard wrote: of a model, of a novelty detector, of predictions or scores.",
        discussion: """
            The parts of 'learn --shard' are added up and solved, into --model (made, or taking one more task) or --output: the \
            model of one process, to rounding. Those of 'novelty fit --shard' make a detector, in --model or --output. Those of \
            'classify --shard' and 'novelty score --shard' are put one after the other in --output: the bytes of one process.

            The order of the parts does not matter: they are taken in the order of their shards, and the same parts give the same \
            bits. Missing shards, a shard given twice and parts that do not belong together are refused and named. Memory does \
            not grow with the number of parts.

            EXAMPLE
              credence merge part-*.safetensors --model m.safetensors
              credence merge fit-*.safetensors --model m.safetensors --output detector.safetensors
              credence merge predictions-*.csv --output predictions.csv
            """)

    @Argument(help: ArgumentHelp("The parts of all shards, in any order.", valueName: "part"), completion: .file())
    var parts: [String]

    @Option(
        help: ArgumentHelp("The model that the parts are for; replaced unless --output is given.", valueName: "file"),
        completion: .file())
    var model: String?

    @Option(help: ArgumentHelp("Where to write the result; the model stays as it is.", valueName: "file"), completion: .file())
    var output: String?

    @Flag(help: "Join the shards of 'learn' that are there, leaving out the rows of missing ones.")
    var partial = false

    @Flag(help: "Print the summary as JSON on standard output.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if parts.isEmpty { throw ValidationError("merge needs a part at least.") }
        if model == nil, output == nil { throw ValidationError("--output <file> is missing (or --model <file>).") }
        if let model, output.map({ URL(filePath: $0).standardizedFileURL == URL(filePath: model).standardizedFileURL }) == true {
            throw ValidationError("--output is the model itself; leave it out to put the result in the model.")
        }
    }

    func run() throws {
        try common.run { terminal in
            let urls = parts.map { URL(filePath: $0) }
            let target = URL(filePath: output ?? model ?? "")
            try OutputCheck.canWrite(target)
            if let part = urls.first(where: { $0.standardizedFileURL == target.standardizedFileURL }) {
                throw ValidationError("\(part.relativePath) is a part: the result needs a file of its own.")
            }
            let kind = try kind(urls[0])
            for url in urls.dropFirst() where try self.kind(url) != kind {
                throw CommandFailure(.badData, "\(urls[0].relativePath) and \(url.relativePath) are parts of different kinds")
            }
            if partial, kind != .model { throw ValidationError("--partial is for parts of a model.") }
            let summary: MergeSummary
            switch kind {
            case .model:
                let merging = ModelPartMerging(parts: urls, model: model, isPartial: partial, terminal: terminal)
                summary = try merging.run(to: target)
            case .detector:
                let merging = DetectorPartMerging(parts: urls, model: model, isInModel: output == nil, terminal: terminal)
                summary = try merging.run(to: target)
            case .rows: summary = try mergeRows(urls, to: target, terminal)
            }
            terminal.say(summary.text)
            if json { print(try JSONOutput.text(summary)) }
        }
    }

    private enum Kind { case model, detector, rows }

    private func kind(_ url: URL) throws -> Kind {
        if FileManager.default.fileExists(atPath: ShardOutput.noteURL(url).path) { return .rows }
        // Without a note it is a file that tells itself, or none of ours.
        let file: SafetensorsFile
        do {
            file = try SafetensorsFile(contentsOf: url)
        } catch let error as FeatureDataError where error.kind == .badData {
            let note = ShardOutput.noteURL(url).lastPathComponent
            throw CommandFailure(
                .badData, "\(url.relativePath): is no part: there is no \(note) beside it, and it holds no sums: \(error.reason)")
        }
        guard let method = file.metadata["method"] else {
            _ = try ShardOutput(url)
            return .rows
        }
        switch method {
        case RAILPrimalPart.method: return .model
        case NoveltyFitPart.method: return .detector
        default:
            throw CommandFailure(
                .badData, "\(url.relativePath): is a \(method) model, no part; parts are written with --shard")
        }
    }

    private func mergeRows(_ urls: [URL], to target: URL, _ terminal: Terminal) throws -> MergeSummary {
        if let model { throw ValidationError("--model \(model) has no use for parts of rows; give --output.") }
        let merging = ShardOutputMerging(parts: try ShardOutput.ordered(urls.map { try ShardOutput($0) }))
        try merging.write(to: target)
        return MergeSummary(output: target.relativePath, parts: urls.count, missing: 0, rows: merging.rows)
    }
}

/// What `merge` tells at the end.
struct MergeSummary: Encodable {
    var output: String
    var parts: Int
    /// Shards that were left out.
    var missing: Int
    var rows: Int
    /// Of a model or detector.
    var classes: Int?

    var text: String {
        "merged \(parts) part\(parts == 1 ? "" : "s") of \(rows) rows"
            + (missing > 0 ? ", without \(missing) missing shard\(missing == 1 ? "" : "s")," : "") + " into \(output)"
            + (classes.map { ", which knows \($0) classes" } ?? "")
    }
}
