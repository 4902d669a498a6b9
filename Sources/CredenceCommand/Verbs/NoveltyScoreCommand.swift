import ArgumentParser
import Credence
import Foundation

/// `credence novelty score`: how novel each of many rows is, streamed, restartable.
struct NoveltyScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Score feature rows: whether each is novel, its scores and their p-values.",
        discussion: """
            Reads the rows in blocks and writes one line or record a row, so memory does not grow with their number. Columns: \
            row (0-based over all files; in text alone), is_novel, then each score (higher is more novel) and its p-value, \
            NAME_p: the share of known rows that score as high. is_novel by the first score or the one that --decide names: above its threshold, or \
            with --fdr such that at most that share of the rows called novel is known, on average.

            With --output, scores of finished blocks are kept in OUTPUT.journal until OUTPUT is complete; after a kill or \
            Ctrl-C the same command with --resume goes on from there, whatever the format.

            --drift and --cusum watch the rows in their order for a lasting rise of the deciding score and tell the row at \
            which they notice it: --drift P once, with a false alarm ever in a stream with probability P at most; --cusum \
            N again and again, with N rows at least from one false alarm to the next, on average.

            EXAMPLE
              credence novelty score --model m.safetensors --features images.safetensors --output novelty.csv
              credence novelty score --model m.safetensors --features a.npy b.npy --fdr 0.1 --output novelty.npy --resume
              credence novelty score --model m.safetensors --features day1.npy --cusum 1e6 --drift-state s.json --output d1.csv --json
              credence novelty score --detector d.safetensors --features a.npy | head
              credence novelty score --model m.safetensors --features a.npy --shard 3/8 --output n-3.csv
            """)

    @OptionGroup var source: DetectorOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files with feature rows: safetensors, npy or npz; or folders of img_emb_0.npy and so on.", valueName: "file"), completion: .file())
    var features: [String]

    @Option(
        help: ArgumentHelp(
            "Where to write; the extension .csv, .jsonl, .npy or .safetensors says the format. Default: standard output.",
            valueName: "file"), completion: .file())
    var output: String?

    @Option(help: "csv, jsonl, npy or safetensors. Default: by the extension of --output, else csv.")
    var format: PredictionFormat?

    @Option(
        help: ArgumentHelp("The score that says which rows are novel. Default: the first.", valueName: "name"),
        completion: .list(NoveltyScores.all.map(\.name)))
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
        help: """
            conservative or randomised. Known rows that score the same count as more novel, or by chance (--seed): then \
            p-values of known rows are exactly uniform.
            """)
    var pValues = ConformalPValues.Ties.conservative

    @Option(
        help: ArgumentHelp(
            """
            Watch the rows in their order and say when their scores have risen: a false alarm has that probability, \
            however many rows there are.
            """, valueName: "probability"))
    var drift: Double?

    @Option(
        help: ArgumentHelp(
            """
            The same by CUSUM, which goes on after an alarm: that many rows at least from one false alarm to the next, on \
            average.
            """, valueName: "rows"))
    var cusum: Double?

    @Option(
        help: ArgumentHelp(
            "File that keeps the state of --drift or --cusum from one run to the next; made if it does not exist.",
            valueName: "file"), completion: .file())
    var driftState: String?

    @Flag(help: "Go on from the journal of a run that was stopped.")
    var resume = false

    @Flag(help: "Print a summary as JSON: rows, novel rows, threshold, drift. Needs --output.")
    var json = false

    @Option(help: "Rows at a time.")
    var blockRows = 8192

    @OptionGroup(title: "Many machines") var sharding: ShardOptions

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
        if let cusum, !(cusum > 1 && cusum.isFinite) {
            throw ValidationError("--cusum must be a number of rows above 1, not \(cusum).")
        }
        if drift != nil, cusum != nil { throw ValidationError("--drift and --cusum exclude each other.") }
        if driftState != nil, drift == nil, cusum == nil {
            throw ValidationError("--drift-state needs --drift or --cusum.")
        }
        if pValues == .randomised, fdr != nil {
            throw ValidationError("--p-values randomised and --fdr exclude each other.")
        }
        for (name, isGiven) in [("--resume", resume), ("--json", json)] where isGiven && output == nil {
            throw ValidationError("\(name) needs --output.")
        }
        if sharding.shard != nil {
            if output == nil { throw ValidationError("--shard needs --output <file> for its part.") }
            for (name, isGiven) in [("--fdr", fdr != nil), ("--drift", drift != nil), ("--cusum", cusum != nil)] where isGiven {
                throw ValidationError("\(name) looks at all rows together, in their order, and does not go with --shard.")
            }
        }
        let chosen = try chosenFormat()
        if output == nil, !chosen.isText { throw ValidationError("--format \(chosen.rawValue) needs --output.") }
    }

    private func chosenFormat() throws -> PredictionFormat {
        if let format { return format }
        guard let output else { return .csv }
        guard let byExtension = PredictionFormat(fileExtension: URL(filePath: output).pathExtension) else {
            throw ValidationError(
                "--output \(output): the extension is none of .csv, .jsonl, .npy and .safetensors; give --format.")
        }
        return byExtension
    }

    func run() throws {
        try common.run(ranks: sharding.shard == nil ? .shared : .apart) { terminal in
            let target = output.map { URL(filePath: $0) }
            let isFirst = Parallelism.ranks.isFirst
            if let target, isFirst { try OutputCheck.canWrite(target) }
            let loaded = try source.load()
            let rows = try loaded.rows(features)
            let rule = drift.map { DriftAlarm.Rule.eProcess(falseAlarmProbability: $0) }
            let work = try NoveltyScoring(
                loaded: loaded, rows: rows,
                settings: NoveltyScoring.Settings(
                    format: try chosenFormat(), decide: decide, truePositiveRate: tpr,
                    falseDiscovery: fdr.map { ($0, storey ? .storey : .all) }, ties: pValues,
                    drift: rule ?? cusum.map { .cusum(rowsBetweenFalseAlarms: $0) },
                    driftState: driftState.map { URL(filePath: $0) }, blockRows: blockRows, seed: common.seed,
                    shard: sharding.shard ?? .whole),
                terminal: terminal)
            if !isFirst {
                try work.help()
            } else if let target {
                let summary = try work.run(to: target, files: rows.urls, resume: resume)
                if let shard = sharding.shard {
                    try ShardOutput.write(
                        target, verb: "novelty score", format: chosenFormat(), shard: shard, range: work.range, of: rows.count,
                        settings: [
                            "the detector and model (their fingerprint)": try loaded.fingerprint(),
                            "the rows (their fingerprint)": try rows.sampleFingerprint(), "--block-rows": "\(blockRows)",
                            "--decide": decide ?? "not given", "--tpr": tpr.map { "\($0)" } ?? "not given",
                            "--p-values": "\(pValues.rawValue)", "--seed": "\(common.seed)",
                        ])
                }
                if json { print(try JSONOutput.text(summary)) }
            } else {
                try work.runToStandardOutput()
            }
        }
    }
}

extension ConformalPValues.Ties: ExpressibleByArgument {}
