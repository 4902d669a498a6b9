import ArgumentParser
import Credence
import Foundation

/// `credence novelty fit`: fits scores to known rows and stores them as a detector.
struct NoveltyFitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Fit novelty scores to known rows, with their thresholds.",
        discussion: """
            Fits the scores to the rows of known classes (--split, train) and stores them in the model, or in a file of \
            its own with --output; without --model from features and labels alone. Thresholds and p-values come from \
            other known rows, which neither the model nor the scores should have seen: with a model those of the folder's \
            other split where there are some (--threshold-data, --threshold-split and --threshold-part for others), else \
            a fifth of the rows, held out of the fit by --seed. The first score decides which rows are novel. Learning \
            another task removes the detector from the model.

            With --shard i/n only the features of the i-th of n shares of the rows are read, and --output gets what they contribute: \
            'credence merge' makes the detector of all parts. Scores that need passes over all rows are refused; thresholds then \
            come from \(NoveltyFitPart.comparedRows) rows at most.

            EXAMPLE
              credence novelty fit --model m.safetensors --data Examples/Data/fashion-mnist-mini --tpr 0.95
              credence novelty fit --model m.safetensors --data cifar10 --score energy mahalanobis 'odin:{"temperature": 10}'
              credence novelty fit --data cifar10 --score mahalanobis --output detector.safetensors
              credence novelty fit --model m.safetensors --data cifar10 --shard 3/8 --output fit-3.safetensors
            """)

    @Option(help: ArgumentHelp("The model file; it is replaced unless --output is given.", valueName: "file"), completion: .file())
    var model: String?

    @Option(help: ArgumentHelp("The data folder.", valueName: "dir"), completion: .directory)
    var data: String

    @Option(help: "The rows that scores are fitted to: train or test.")
    var split = Dataset.Split.train

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Scores, as novelty list has them, each with settings if need be: NAME:{"setting": value}. Default: \
            \(NoveltyScores.defaults(hasModel: true).joined(separator: ", ")); without a model \
            \(NoveltyScores.defaults(hasModel: false).joined(separator: ", ")).
            """, valueName: "name"), completion: .list(NoveltyScores.all.map(\.name)))
    var score: [String] = []

    @Option(help: ArgumentHelp("The share of known rows that the thresholds let pass as known.", valueName: "share"))
    var tpr = 0.95

    @Option(help: ArgumentHelp("A folder with known rows for thresholds and p-values.", valueName: "dir"), completion: .directory)
    var thresholdData: String?

    @Option(help: "Which rows of it: train or test. Default: test, or the split that is not fitted to.")
    var thresholdSplit: Dataset.Split?

    @Option(help: ArgumentHelp("One of several random parts of these rows, such as 1/2.", valueName: "i/n"))
    var thresholdPart: RowPart?

    @Option(
        help: ArgumentHelp(
            "File with text features of words that are no class, one a row, for negative-labels.", valueName: "file"), completion: .file())
    var words: String?

    @Option(help: ArgumentHelp("Where to write the detector; the model stays as it is.", valueName: "file"), completion: .file())
    var output: String?

    @OptionGroup(title: "Many machines") var sharding: ShardOptions

    @Flag(help: "Print what was fitted as JSON.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if !(tpr > 0 && tpr < 1) { throw ValidationError("--tpr must be above 0 and below 1, not \(tpr).") }
        if model == nil, output == nil { throw ValidationError("--output <file> is missing (or --model <file>).") }
        if let model, output.map({ URL(filePath: $0).standardizedFileURL == URL(filePath: model).standardizedFileURL }) == true {
            throw ValidationError("--output is the model itself; leave it out to store the detector in the model.")
        }
        if sharding.shard != nil {
            if output == nil { throw ValidationError("--shard needs --output <file> for its part.") }
            if json { throw ValidationError("--json tells of a detector, which 'credence merge' makes of the parts.") }
        }
        let wanted = try WantedScore.parse(score)
        guard sharding.shard != nil else { return }
        do {
            _ = try NoveltyScores.shardedFit(wanted, rows: 1, classes: 1)
        } catch {
            throw ValidationError("--shard: \(error).")
        }
    }

    func run() throws {
        try common.run(ranks: sharding.shard == nil ? .refused : .apart) { terminal in
            let target = URL(filePath: output ?? model ?? "")
            try OutputCheck.canWrite(target)
            var file = try model.map { try ModelFile.load(URL(filePath: $0)) }
            let wanted = try WantedScore.parse(
                score.isEmpty ? NoveltyScores.defaults(hasModel: model != nil) : score)
            let (fitting, comparing, isHeldOut) = try sources(file?.head, terminal)
            for source in [fitting, comparing] where source.unknown > 0 {
                terminal.say(
                    "\(source.folder): \(source.unknown) rows of classes that the model does not know were left out")
            }
            if let shard = sharding.shard {
                return try writePart(
                    wanted, shard, fitting, comparing, modelFingerprint: file?.head.archive().fingerprint(),
                    isHeldOut: isHeldOut, to: target, terminal)
            }
            let detector = try Detector.fitting(
                wanted, to: fitting.known, comparing: comparing.known,
                modelFingerprint: try file?.head.archive().fingerprint(), dataFingerprint: fitting.fingerprint,
                truePositiveRate: tpr
            ) { name in
                try Interruption.check()
                terminal.redraw("fitting \(name)")
            }
            try Interruption.check()
            if output == nil {
                file?.detector = detector
                try file?.save(to: target)
            } else {
                try detector.write(to: target)
            }
            let summary = try NoveltyFitSummary(
                detector, model: model, rows: fitting.known.count, isHeldOutOfFit: isHeldOut, written: target.relativePath)
            if isHeldOut, model != nil {
                terminal.warn(
                    "warning: thresholds come from rows of the split that was fitted to; if the model has learnt from them, "
                        + "fewer new rows of known classes pass than promised. Give others with --threshold-data")
            }
            for line in summary.lines { terminal.say(line) }
            if json { print(try JSONOutput.text(summary)) }
        }
    }

    /// What a share of the rows contributes to the detector.
    private func writePart(
        _ wanted: [any NoveltyScore & Codable], _ shard: RowShard, _ fitting: KnownRowsSource, _ comparing: KnownRowsSource,
        modelFingerprint: String?, isHeldOut: Bool, to target: URL, _ terminal: Terminal
    ) throws {
        let clock = ContinuousClock()
        let start = clock.now
        terminal.redraw("fitting shard \(shard)")
        let share = fitting.share(shard)
        let part = try NoveltyFitPart(
            wanted, shard: shard, fitting: share, comparing: comparing.share(shard), classes: fitting.classesWithRows,
            modelFingerprint: modelFingerprint, dataFingerprint: fitting.fingerprint, truePositiveRate: tpr,
            isHeldOut: isHeldOut)
        try Interruption.check()
        try part.archive().write(to: target)
        terminal.say(
            "fitted shard \(shard), \(share.rows.count) of \(share.total) rows, in "
                + "\(Format.fixed((clock.now - start).inSeconds, 1)) s; wrote \(target.relativePath)")
    }

    /// The rows to fit to, those to compare with, and whether the latter are of the same split.
    private func sources(
        _ head: (any Head)?, _ terminal: Terminal
    ) throws -> (fitting: KnownRowsSource, comparing: KnownRowsSource, isHeldOut: Bool) {
        let dataset = try Dataset.open(URL(filePath: data))
        let extra = try words.map { path in
            let rows = try FeatureRows(files: FeatureRows.files(at: URL(filePath: path)))
            return try rows.block(0..<rows.count).features
        }
        if let extra, extra.columns != dataset.featureDimension {
            throw CommandFailure(
                .badData,
                "\(words ?? ""): text features of length \(extra.columns), \(data) has rows of length "
                    + "\(dataset.featureDimension)")
        }
        func source(_ folder: String, _ dataset: Dataset, _ split: Dataset.Split, _ taken: [Bool]?) throws
            -> KnownRowsSource
        {
            try KnownRowsSource(
                folder, dataset: dataset, split: split, head: head, model: model, isIncluded: taken, words: extra,
                seed: common.seed)
        }
        let other: Dataset.Split = split == .train ? .test : .train
        let isSameSplit = thresholdData == nil && (thresholdSplit ?? (dataset.has(other) && model != nil ? other : split)) == split
        if isSameSplit {
            // Held out of the fit by chance, so that classes in label order are all there.
            let count = try dataset.rows(split).count
            let held = (thresholdPart ?? RowPart(1, of: 5)).membership(rows: count, seed: common.seed)
            return (
                try source(data, dataset, split, held.map { !$0 }), try source(data, dataset, split, held), true
            )
        }
        let folder = thresholdData ?? data
        let chosen = thresholdSplit ?? (thresholdData == nil ? other : .test)
        let comparing = try thresholdData.map { try Dataset.open(URL(filePath: $0), splits: [chosen]) } ?? dataset
        let count = try comparing.rows(chosen).count
        return (
            try source(data, dataset, split, nil),
            try source(folder, comparing, chosen, thresholdPart?.membership(rows: count, seed: common.seed)), false
        )
    }
}

extension RowPart {
    /// Whether each of `rows` rows is in this part.
    fileprivate func membership(rows: Int, seed: UInt64) -> [Bool] {
        var selection = selection(rows: rows, seed: seed)
        return (0..<rows).map { _ in selection.next() }
    }
}
