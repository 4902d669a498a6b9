import ArgumentParser
import Credence
import Foundation

/// `credence novelty evaluate`: how well a detector's scores tell known rows from novel ones.
struct NoveltyEvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how well a detector tells known rows from novel ones.",
        discussion: """
            Papers and packages disagree on the figures, so the convention is printed with them. known-positive: FPR95 is \
            the share of novel rows kept where 95 % of the known ones are, areas under precision and recall by steps (as \
            scikit-learn's average precision). novel-positive: FPR95 is the share of known rows called novel where 95 % \
            of the novel ones are found, areas by trapezoids (as pytorch-ood). AUROC and detection accuracy are the same \
            in both. Intervals are 95 %, by resampling rows. kept and found: what the detector's own threshold does.

            EXAMPLE
              credence novelty evaluate --model m.safetensors --known test.safetensors --novel other.safetensors
              credence novelty evaluate --detector d.safetensors --known a.npy --novel b.npy --convention both --json
            """)

    @OptionGroup var source: DetectorOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Files with rows of known classes, that nothing was fitted to.", valueName: "file"), completion: .file())
    var known: [String]

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Files with rows of other classes.", valueName: "file"), completion: .file())
    var novel: [String]

    @Option(help: "known-positive, novel-positive or both.")
    var convention = ConventionChoice.knownPositive

    @Option(help: "Resamples of the rows for the intervals; 0 for none.")
    var bootstrap = 200

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var charts: ChartOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if known.isEmpty { throw ValidationError("--known needs a file at least.") }
        if novel.isEmpty { throw ValidationError("--novel needs a file at least.") }
        if bootstrap < 0 { throw ValidationError("--bootstrap must be 0 or more, not \(bootstrap).") }
    }

    func run() throws {
        try common.run { terminal in
            let loaded = try source.load()
            let (knownRows, novelRows) = (try loaded.rows(known), try loaded.rows(novel))
            let knownScores = try scores(knownRows, loaded, "known", terminal)
            let novelScores = try scores(novelRows, loaded, "novel", terminal)
            terminal.wipe()
            let reports = try convention.conventions.map { convention in
                try NoveltyEvaluationReport(
                    loaded.detector, known: knownScores, novel: novelScores, convention: convention, draws: bootstrap,
                    seed: common.seed)
            }
            if json {
                print(try JSONOutput.text(reports))
            } else {
                print(reports.map(\.text).joined(separator: "\n"))
                if let canvas = charts.canvas {
                    try draw(loaded.detector, known: knownScores, novel: novelScores, canvas)
                }
            }
        }
    }

    /// The scores that tell best, at most four, best first.
    private func draw(_ detector: Detector, known: [[Float]], novel: [[Float]], _ canvas: ChartCanvas) throws {
        let sketches = try detector.parts.indices.map { index in
            try DetectionSketch(
                name: detector.parts[index].name, known: known[index], novel: novel[index],
                threshold: detector.parts[index].threshold(truePositiveRate: detector.truePositiveRate).value)
        }
        let best = sketches.enumerated().sorted { (-$0.element.area, $0.offset) < (-$1.element.area, $1.offset) }.prefix(4)
        for sketch in best { print("\n" + sketch.element.lines(canvas).joined(separator: "\n")) }
        if best.count < sketches.count {
            print("\nthe \(best.count) of \(sketches.count) scores with the largest area are drawn")
        }
    }

    /// By part; one number a row stays in memory.
    private func scores(
        _ rows: FeatureRows, _ loaded: LoadedDetector, _ set: String, _ terminal: Terminal
    ) throws -> [[Float]] {
        let progress = RowProgress(terminal: terminal, verb: "scoring \(set) rows", rows: rows.count)
        var result: [[Float]] = loaded.detector.parts.map { _ in [] }
        for index in result.indices { result[index].reserveCapacity(rows.count) }
        var stream = rows.stream(blockRows: 8192)
        while let block = try stream.next() {
            try Interruption.check()
            for (index, values) in try loaded.scores(for: block.features).enumerated() { result[index] += values }
            progress.reached(stream.position)
        }
        return result
    }
}

/// One convention or both.
enum ConventionChoice: String, ExpressibleByArgument, CaseIterable {
    case knownPositive = "known-positive"
    case novelPositive = "novel-positive"
    case both

    var conventions: [DetectionConvention] {
        switch self {
        case .knownPositive: [.knownPositive]
        case .novelPositive: [.novelPositive]
        case .both: DetectionConvention.allCases
        }
    }
}
