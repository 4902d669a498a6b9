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
            epistemic parts (nats), energy (the score for novelty: higher is more novel); with --conformal the size \
            and the classes of a set that holds the right class of all but that share of rows; with --abstain \
            whether the set says too little; then the next best classes with --top-k. Probabilities are \
            calibrated where the model is; entropies are those of the model's own.

            EXAMPLE
              credence classify --model m.safetensors --features images.safetensors --top-k 3 --output p.csv
              credence classify --model m.safetensors --features a.npy b.npy --format jsonl | head
              credence classify --model m.safetensors --features a.npy --conformal 0.1 --abstain 3
            """)

    @Option(help: ArgumentHelp("The model file.", valueName: "file"))
    var model: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Files with feature rows: safetensors, npy or npz.", valueName: "file"))
    var features: [String]

    @Option(
        help: ArgumentHelp(
            "Where to write; the extension .csv or .jsonl says the format. Default: standard output.",
            valueName: "file"))
    var output: String?

    @Option(help: "csv or jsonl. Default: by the extension of --output, else csv.")
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

    @Flag(help: "Leave the model's calibration out of the probabilities.")
    var uncalibrated = false

    @Option(help: "What CLAP's attention looks at: inductive or transductive. Default: as the model was made.")
    var context: CLAPPrediction.Context?

    @Option(help: "Predict by that many Monte-Carlo draws instead of in closed form (clap).")
    var samples: Int?

    @Flag(help: "The same as --format jsonl.")
    var json = false

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
        if uncalibrated, conformal != nil {
            throw ValidationError("--uncalibrated and --conformal exclude each other.")
        }
        if json, format == .csv { throw ValidationError("--json and --format csv exclude each other.") }
        _ = try chosenFormat()
    }

    private func chosenFormat() throws -> PredictionFormat {
        if json { return .jsonl }
        if let format { return format }
        guard let output else { return .csv }
        guard let byExtension = PredictionFormat(fileExtension: URL(filePath: output).pathExtension) else {
            throw ValidationError("--output \(output): the extension is neither .csv nor .jsonl; give --format.")
        }
        return byExtension
    }

    func run() throws {
        try common.run { terminal in
            let format = try chosenFormat()
            let sink = try output.map { try TextOutput(file: URL(filePath: $0)) } ?? TextOutput()
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
            let classifier = Classifier(
                head: file.head, topK: topK, calibration: uncalibrated ? nil : file.calibration, sets: sets)
            let progress = RowProgress(terminal: terminal, verb: "classifying", rows: rows.count)
            try sink.write(format.header(topK: classifier.topK, hasSets: sets != nil, abstains: abstain != nil))
            var stream = rows.stream(blockRows: Classifier.blockRows)
            while let block = try stream.next() {
                try Interruption.check()
                for prediction in try classifier.predictions(for: block) {
                    try sink.write(format.line(prediction))
                }
                progress.reached(stream.position)
            }
            try sink.finish()
            terminal.say("classified " + progress.summary)
        }
    }
}
