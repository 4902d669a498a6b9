import ArgumentParser
import Credence
import Foundation

/// `credence classify`: classes, probabilities and uncertainty of feature rows, streamed.
struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Classify feature rows: class, probability, and how sure the model is.",
        discussion: """
            Reads the rows in blocks and writes one line a row, so memory does not grow with their number. Columns: \
            row (0-based over all files), class, probability, entropy of the probabilities and its aleatoric and \
            epistemic parts (nats), energy (the score for novelty: higher is more novel), margin (how far the best \
            class is ahead of the second), variance of the best class's logit; with --conformal the size and the \
            classes of a set that holds the right class of all but that share of rows; with --abstain whether the \
            set says too little; then the next best classes with --top-k and all classes with --probabilities. \
            Probabilities are calibrated where the model is; entropies are those of the model's own.

            As .npy the output is an array of records, as .safetensors a tensor a column; both tell classes by their \
            place in the model (`class_names` in the safetensors metadata), and sets as membership [rows, classes].

            EXAMPLE
              credence classify --model m.safetensors --features images.safetensors --top-k 3 --output p.csv
              credence classify --model m.safetensors --features a.npy b.npy --format jsonl | head
              credence classify --model m.safetensors --features a.npy --probabilities --output p.npy
              credence classify --model m.safetensors --features a.npy --conformal 0.1 --abstain 3
              credence classify --model m.safetensors --features a.npy --text more/text.safetensors
              credence classify --model m.safetensors --features a.npy --shard 3/8 --output p-3.csv
            """)

    @Option(help: ArgumentHelp("The model file.", valueName: "file"), completion: .file())
    var model: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Files with feature rows: safetensors, npy or npz.", valueName: "file"), completion: .file())
    var features: [String]

    @Option(
        help: ArgumentHelp(
            """
            A text file with prompts of more classes, such as the text.safetensors of a data folder: those that the \
            model has not learnt compete with those that it has. Methods joined by + decide by their gate, others where \
            zero-shot prefers such a class. Probabilities are then not calibrated.
            """, valueName: "file"), completion: .file())
    var text: String?

    @Option(
        help: ArgumentHelp(
            """
            Where to write; the extension .csv, .jsonl, .npy or .safetensors says the format. Default: standard output.
            """,
            valueName: "file"), completion: .file())
    var output: String?

    @Option(help: "csv, jsonl, npy or safetensors. Default: by the extension of --output, else csv.")
    var format: PredictionFormat?

    @Option(help: "The number of classes to tell for each row, most probable first.")
    var topK = 1

    @Option(
        help: ArgumentHelp(
            """
            Tell a set of classes for each row that misses the right one in that share of rows at most (the model must \
            be calibrated).
            """, valueName: "share"))
    var conformal: Double?

    @Option(help: ArgumentHelp("Abstain where the set is empty or holds more classes than that.", valueName: "classes"))
    var abstain: Int?

    @Flag(help: "Write the probabilities of all classes, too.")
    var probabilities = false

    @Flag(help: "Leave the model's calibration out of the probabilities.")
    var uncalibrated = false

    @Option(help: "What CLAP's attention looks at: inductive or transductive. Default: as the model was made.")
    var context: CLAPPrediction.Context?

    @Option(help: "Predict by that many Monte-Carlo draws instead of in closed form (clap).")
    var samples: Int?

    @Flag(help: "The same as --format jsonl.")
    var json = false

    @OptionGroup(title: "Many machines") var sharding: ShardOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if features.isEmpty { throw ValidationError("--features needs a file at least.") }
        if topK < 1 { throw ValidationError("--top-k must be at least 1, not \(topK).") }
        if let samples, samples < 1 { throw ValidationError("--samples must be at least 1, not \(samples).") }
        if let conformal, !(conformal > 0 && conformal < 1) {
            throw ValidationError("--conformal must be above 0 and below 1, not \(conformal).")
        }
        if let abstain {
            if abstain < 1 { throw ValidationError("--abstain must be at least 1, not \(abstain).") }
            if conformal == nil { throw ValidationError("--abstain needs --conformal.") }
        }
        if text != nil, conformal != nil { throw ValidationError("--text and --conformal exclude each other.") }
        if uncalibrated, conformal != nil {
            throw ValidationError("--uncalibrated and --conformal exclude each other.")
        }
        if json, let format, format != .jsonl {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other.")
        }
        if sharding.shard != nil, output == nil { throw ValidationError("--shard needs --output <file> for its part.") }
        let chosen = try chosenFormat()
        if output == nil, !chosen.isText { throw ValidationError("--format \(chosen.rawValue) needs --output.") }
    }

    private func chosenFormat() throws -> PredictionFormat {
        if json { return .jsonl }
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
            var file = try ModelFile.load(URL(filePath: model))
            try file.setPrediction(context: context, samples: samples)
            let rows = try FeatureRows(files: features.map { URL(filePath: $0) })
            guard rows.dimension == file.head.featureDimension else {
                throw CommandFailure(
                    .badData,
                    "\(features[0]): rows of length \(rows.dimension), the model \(model) expects "
                        + "\(file.head.featureDimension)")
            }
            let sets = try conformal.map { try PredictionSets(file, model: model, alpha: $0, largest: abstain) }
            var head: any Head = file.head
            if let text { head = try CandidateClasses.extend(head, by: URL(filePath: text), model: model) }
            let classifier = Classifier(
                head: head, topK: topK, calibration: uncalibrated || text != nil ? nil : file.calibration, sets: sets)
            // Shards begin where blocks do: the same blocks give the same bits.
            let range = (sharding.shard ?? .whole).range(of: rows.count, alignedTo: Classifier.blockRows)
            let progress = RowProgress(terminal: terminal, verb: "classifying", rows: range.upperBound, from: range.lowerBound)
            let columns = PredictionColumns(
                classNames: head.classNames, topK: classifier.topK, hasSets: sets != nil,
                abstains: abstain != nil, allProbabilities: probabilities)
            let ranks = Parallelism.ranks
            if !ranks.isAlone {
                try RankedClassification(
                    rows: rows, classifier: classifier, format: chosenFormat(), columns: columns
                ).run(to: output.map { URL(filePath: $0) }, ranks: ranks, progress: progress)
                terminal.say("classified " + progress.summary)
                return
            }
            let writer = try chosenFormat().writer(to: output.map { URL(filePath: $0) }, rows: range.count, columns: columns)
            var stream = rows.stream(blockRows: Classifier.blockRows, in: range)
            while let block = try stream.next() {
                try Interruption.check()
                try writer.write(try classifier.predictions(for: block))
                progress.reached(stream.position)
            }
            try writer.finish()
            if let shard = sharding.shard, let output {
                try ShardOutput.write(
                    URL(filePath: output), verb: "classify", format: chosenFormat(), shard: shard, range: range, of: rows.count,
                    settings: settings(file, rows))
            }
            terminal.say("classified " + progress.summary)
        }
    }

    /// What must be the same for all shards.
    private func settings(_ file: ModelFile, _ rows: FeatureRows) throws -> [String: String] {
        var model = try file.head.archive()
        try file.calibration?.store(in: &model)
        try file.conformal?.store(in: &model, fingerprint: file.conformalFingerprint ?? "")
        return [
            "the model (its fingerprint)": try model.fingerprint(),
            "the rows (their fingerprint)": try rows.sampleFingerprint(), "--top-k": "\(topK)",
            "--conformal": conformal.map { "\($0)" } ?? "not given", "--abstain": abstain.map { "\($0)" } ?? "not given",
            "--probabilities": "\(probabilities)", "--uncalibrated": "\(uncalibrated)",
            "--text": try text.map { "of the fingerprint " + (try PartContent.fingerprint(of: URL(filePath: $0))) } ?? "not given",
        ]
    }
}
