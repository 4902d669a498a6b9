import ArgumentParser
import Credence
import Foundation

/// `credence novelty score`: how novel each of many rows is, streamed, restartable.
struct NoveltyScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Score feature rows: whether each is novel, its scores and their p-values.",
        discussion: """
            Reads the rows in blocks and writes one line a row, so memory does not grow with their number. Columns: row \
            (0-based over all files), is_novel, then each score (higher is more novel) and its p-value: the share of known \
            rows that score as high. is_novel by the first score or the one that --decide names: above its threshold, or \
            with --fdr such that at most that share of the rows called novel is known, on average.

            With --output, scores of finished blocks are kept in OUTPUT.journal until OUTPUT is complete; after a kill or \
            Ctrl-C the same command with --resume goes on from there.

            EXAMPLE
              credence novelty score --model m.safetensors --features images.safetensors --output novelty.csv
              credence novelty score --model m.safetensors --features a.npy b.npy --fdr 0.1 --output novelty.jsonl --resume
              credence novelty score --detector d.safetensors --features a.npy | head
            """)

    @OptionGroup var source: DetectorOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files with feature rows: safetensors, npy or npz; or folders of img_emb_0.npy and so on.", valueName: "file"))
    var features: [String]

    @Option(
        help: ArgumentHelp(
            "Where to write; the extension .csv or .jsonl says the format. Default: standard output.",
            valueName: "file"))
    var output: String?

    @Option(help: "csv or jsonl. Default: by the extension of --output, else csv.")
    var format: PredictionTextFormat?

    @Option(help: ArgumentHelp("The score that says which rows are novel. Default: the first.", valueName: "name"))
    var decide: String?

    @Option(help: ArgumentHelp("The share of known rows that passes, instead of the detector's own.", valueName: "share"))
    var tpr: Double?

    @Option(
        help: ArgumentHelp(
            """
            Call rows novel so that at most that share of them is known, on average (Benjamini-Hochberg over all rows).
            """, valueName: "share"))
    var fdr: Double?

    @Flag(help: "With --fdr: find more where many rows are novel (Storey's estimate of the share of known rows).")
    var storey = false

    @Option(
        help: ArgumentHelp(
            """
            Watch the rows in their order and say when their scores have risen: a false alarm has that probability, \
            however many rows there are.
            """, valueName: "probability"))
    var drift: Double?

    @Option(
        help: ArgumentHelp(
            "File that keeps the state of --drift from one run to the next; made if it does not exist.",
            valueName: "file"))
    var driftState: String?

    @Flag(help: "Go on from the journal of a run that was stopped.")
    var resume = false

    @Option(help: "Rows at a time.")
    var blockRows = 8192

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if features.isEmpty { throw ValidationError("--features needs a file at least.") }
        if blockRows < 1 { throw ValidationError("--block-rows must be at least 1, not \(blockRows).") }
        for (name, share) in [("--tpr", tpr), ("--fdr", fdr), ("--drift", drift)] {
            if let share, !(share > 0 && share < 1) {
                throw ValidationError("\(name) must be above 0 and below 1, not \(share).")
            }
        }
        if tpr != nil, fdr != nil { throw ValidationError("--tpr and --fdr exclude each other.") }
        if storey, fdr == nil { throw ValidationError("--storey needs --fdr.") }
        if driftState != nil, drift == nil { throw ValidationError("--drift-state needs --drift.") }
        if resume, output == nil { throw ValidationError("--resume needs --output.") }
        _ = try chosenFormat()
    }

    private func chosenFormat() throws -> NoveltyRowWriter.TextFormat {
        if let format { return format == .csv ? .csv : .jsonl }
        guard let output else { return .csv }
        switch URL(filePath: output).pathExtension.lowercased() {
        case "csv": return .csv
        case "jsonl", "ndjson": return .jsonl
        default:
            throw ValidationError("--output \(output): the extension is neither .csv nor .jsonl; give --format.")
        }
    }

    func run() throws {
        try common.run { terminal in
            let target = output.map { URL(filePath: $0) }
            if let target { try OutputCheck.canWrite(target) }
            let loaded = try source.load()
            let rows = try loaded.rows(features)
            let work = try NoveltyScoring(
                loaded: loaded, rows: rows, decisive: try loaded.decisive(decide), format: try chosenFormat(), tpr: tpr,
                fdr: fdr.map { ($0, storey ? .storey : .all) }, drift: drift, driftState: driftState,
                blockRows: blockRows, seed: common.seed, terminal: terminal)
            if let target {
                try work.run(to: target, files: rows.urls, resume: resume)
            } else {
                try work.runToStandardOutput()
            }
        }
    }
}

/// The two formats that lines can have.
enum PredictionTextFormat: String, ExpressibleByArgument, CaseIterable {
    case csv, jsonl
}
