import ArgumentParser
import Credence
import Foundation

/// `credence evaluate`: every figure of a model on labelled rows.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure a model on labelled rows: accuracy, calibration, selective prediction, prediction sets.",
        discussion: """
            All figures are over the whole set. Where the model is calibrated, the figures without its calibration stand \
            beside. The plain calibration error (ECE) of a perfectly calibrated model is above 0 on few rows; the \
            debiased one is not; the interval of a small ECE may lie above it, as resampled rows have a larger \
            one. Rows of classes that the model does not know are left out. Of more than 100,000 rows, measures of \
            their order and intervals come from so many of them at random.

            EXAMPLE
              credence evaluate --model m.safetensors --data Examples/Data/fashion-mnist-mini --part 2/2
              credence evaluate --model m.safetensors --data Examples/Data/fashion-mnist-mini --conformal 0.1 --json
            """)

    @Option(help: ArgumentHelp("The model file.", valueName: "file"), completion: .file())
    var model: String

    @OptionGroup var rows: LabelledRowsOptions

    @Option(
        help: ArgumentHelp(
            "Also measure sets that miss the right class in that share of rows at most.", valueName: "share"))
    var conformal: Double?

    @Option(help: "Bins of the calibration errors.")
    var bins = 15

    @Option(help: "Resamples of the rows for the 95 % intervals; 0 for none.")
    var bootstrap = 200

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var charts: ChartOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        try rows.require()
        if bins < 1 { throw ValidationError("--bins must be at least 1, not \(bins).") }
        if bootstrap < 0 { throw ValidationError("--bootstrap must be 0 or more, not \(bootstrap).") }
        if let conformal, !(conformal > 0 && conformal < 1) {
            throw ValidationError("--conformal must be above 0 and below 1, not \(conformal).")
        }
    }

    func run() throws {
        try common.run { terminal in
            let file = try ModelFile.load(URL(filePath: model))
            let sets = try conformal.map { try PredictionSets(file, model: model, alpha: $0, largest: nil) }
            let source = try LabelledRows(rows, head: file.head, model: model, seed: common.seed)
            let progress = RowProgress(terminal: terminal, verb: "evaluating", rows: source.count)
            let way = PredictiveProbabilities(method: file.head.predictive, calibration: file.calibration)
            var plain = PredictionEvaluation(bins: bins, seed: common.seed)
            var calibrated = plain
            var tally = SetTally(classes: file.head.classNames.count)
            var (unknown, fingerprint) = (0, RowsFingerprint())
            try source.forEachBlock { block in
                fingerprint.add(block)
                let logs = way.uncalibrated(block.posterior)
                try plain.add(logProbabilities: logs, labels: block.labels)
                let final = file.calibration.map { $0.logProbabilities(logs) } ?? logs
                if file.calibration != nil { try calibrated.add(logProbabilities: final, labels: block.labels) }
                if let sets { tally.add(final.exp(), labels: block.labels, sets) }
                unknown += block.unknown
                progress.reached(block.position)
            }
            guard let plainSummary = plain.summary(draws: bootstrap, seed: common.seed) else {
                throw CommandFailure(.badData, "\(source.folder): no rows of classes that the model \(model) knows")
            }
            let used = [file.calibration?.source.fingerprint, file.conformalFingerprint]
            let report = EvaluationReport(
                model: model, rowsOfUnknownClasses: unknown, calibration: file.calibration?.method.rawValue,
                isCalibrationData: used.contains(fingerprint.text),
                figures: file.calibration == nil
                    ? plainSummary : calibrated.summary(draws: bootstrap, seed: common.seed),
                uncalibrated: file.calibration == nil ? nil : plainSummary,
                sets: sets.flatMap { tally.summary(alpha: conformal ?? 0, $0.predictor) })
            terminal.wipe()
            if report.isCalibrationData {
                terminal.warn("warning: the model was calibrated on these very rows; take others with --part")
            }
            if unknown > 0 { terminal.say("\(unknown) rows of classes that the model does not know were left out") }
            print(json ? try JSONOutput.text(report) : report.text)
            guard !json, let canvas = charts.canvas else { return }
            let measured = file.calibration == nil ? plain : calibrated
            for sketch in [
                ReliabilitySketch(measured.reliability).lines(canvas),
                RiskCoverageSketch(measured.selectivePrediction).lines(canvas),
            ] { print("\n" + sketch.joined(separator: "\n")) }
        }
    }
}
