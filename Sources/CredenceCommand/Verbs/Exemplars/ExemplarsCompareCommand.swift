import ArgumentParser
import Credence
import Foundation

/// `credence exemplars compare`: one protocol with several selectors, budgets and seeds.
struct ExemplarsCompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Learn with several selectors and compare accuracy, forgetting and calibration.",
        discussion: """
            Runs the protocol of 'credence benchmark' for every selector, budget and seed. Means are over seeds, ± half the \
            95 % interval of Student's t; gain is the difference to the baseline selector, seed by seed. To choose a \
            selector, examine held-out training rows (--holdout), so that the test rows stay unseen.
            With --output, finished runs are kept in that file, and the same command goes on where it was interrupted.

            EXAMPLE
              credence exemplars compare --data Examples/Data/fashion-mnist-mini --tasks 5 --budget 50 100 \\
                --selector random herding k-center --seeds 3 --holdout 0.2 --output comparison.json
            """)

    @OptionGroup var stream: TaskStreamOptions

    @Option(
        name: .customLong("selector"), parsing: .upToNextOption,
        help: ArgumentHelp("Selectors to compare. Default: all.", valueName: "name"))
    var selectors: [SelectorName] = []

    @Option(
        name: .customLong("budget"), parsing: .upToNextOption,
        help: ArgumentHelp("Rows to keep, shared equally by the classes.", valueName: "rows"))
    var budgets: [Int] = [2000]

    @Option(help: "Runs of each, with the seeds --seed, --seed + 1 and so on.")
    var seeds = 3

    @Option(help: "The selector that gains are taken against; random, or the first where it is not among them.")
    var baseline: SelectorName?

    @Option(
        help: ArgumentHelp("JSON file for the runs, written after each; finished ones are not repeated.", valueName: "file"), completion: .file())
    var output: String?

    @OptionGroup(title: "Training rows") var rows: TrainingRowsOptions
    @OptionGroup(title: "Learning") var head: HeadOptions

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var charts: ChartOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let budget = budgets.first(where: { $0 < 1 }) {
            throw ValidationError("--budget must be at least 1, not \(budget).")
        }
        if budgets.isEmpty { throw ValidationError("--budget needs a number at least.") }
        if seeds < 1 { throw ValidationError("--seeds must be at least 1, not \(seeds).") }
        if let baseline, !chosen.contains(where: { $0.name == baseline.selector.name }) {
            throw ValidationError("--baseline \(baseline.selector.name) is not among the selectors compared.")
        }
        let names = chosen.map(\.name)
        if let name = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ValidationError("--selector names '\(name)' twice.")
        }
    }

    func run() throws {
        try common.run { terminal in
            let dataset = try stream.dataset(rows)
            guard try head.chosenMethod.make(featureDimension: dataset.featureDimension, options: head).keepsRows else {
                throw ValidationError("the recipe '\(head.recipe ?? "")' keeps no rows.")
            }
            var comparison = try opened()
            let wanted = cases()
            var left = wanted.filter { !comparison.contains($0) }.count
            if left < wanted.count { terminal.say("\(wanted.count - left) of \(wanted.count) runs are in the file") }
            let clock = ContinuousClock()
            let start = clock.now
            let total = left
            for wantedCase in wanted where !comparison.contains(wantedCase) {
                let done = total - left
                let remaining = (clock.now - start).seconds / Double(max(done, 1)) * Double(left)
                let place = "run \(done + 1) of \(total): budget \(wantedCase.budget), \(wantedCase.selector), "
                    + "seed \(wantedCase.seed)" + (done > 0 ? "; \(Format.duration(remaining)) left" : "")
                let results = try run(wantedCase, dataset) {
                    try Interruption.check()
                    terminal.redraw(place)
                }
                comparison.add(SelectorComparison.Run(wantedCase, results))
                if let output { try AtomicFile.write(comparison.json(), to: URL(filePath: output)) }
                left -= 1
            }
            terminal.wipe()
            let report = SelectorComparisonReport(comparison, of: wanted, baseline: baselineName)
            print(json ? try report.json() : report.text, terminator: json ? "\n" : "")
            guard !json, let canvas = charts.canvas else { return }
            let sketch = SelectorSketch(rows: report.rows, baseline: baselineName).lines(canvas)
            if !sketch.isEmpty { print("\n" + sketch.joined(separator: "\n")) }
        }
    }

    private var chosen: [any ExemplarSelector] {
        selectors.isEmpty ? ExemplarSelectors.all : selectors.map(\.selector)
    }

    private var baselineName: String {
        baseline?.selector.name ?? chosen.first { $0.name == RandomExemplars().name }?.name ?? chosen[0].name
    }

    /// Seeds outermost, so that an interrupted comparison has all selectors for the seeds that it has.
    private func cases() -> [SelectorComparison.Case] {
        (0..<UInt64(seeds)).flatMap { offset in
            budgets.flatMap { budget in
                chosen.map { .init(budget: budget, selector: $0.name, seed: common.seed &+ offset) }
            }
        }
    }

    private func run(
        _ wanted: SelectorComparison.Case, _ dataset: Dataset, _ step: () throws -> Void
    ) throws -> BenchmarkResults {
        var learner = try head.chosenMethod.make(featureDimension: dataset.featureDimension, options: head)
        var options = ContinualBenchmark.Options()
        options.budget = wanted.budget
        options.selector = chosen.first { $0.name == wanted.selector } ?? RandomExemplars()
        options.seed = wanted.seed
        options.noveltyScores = []
        var buffer = ExemplarBuffer(budget: wanted.budget)
        return try ContinualBenchmark(data: stream.stream(dataset, rows, seed: wanted.seed), options: options).run(
            &learner, method: head.chosenMethod.rawValue, exemplars: &buffer) { _ in try step() }
    }

    /// The comparison in the output file, or a new one.
    private func opened() throws -> SelectorComparison {
        let new = SelectorComparison(settings: settings)
        guard let output else { return new }
        try OutputCheck.canWrite(URL(filePath: output))
        guard FileManager.default.fileExists(atPath: output) else { return new }
        let found: SelectorComparison
        do {
            found = try SelectorComparison(json: ClassLists.contents(output))
        } catch let error as DecodingError {
            throw CommandFailure(.badData, "\(output): not a comparison of selectors (\(error))")
        }
        let keys = Set(found.settings.keys).union(settings.keys).sorted()
        if let key = keys.first(where: { found.settings[$0] != settings[$0] }) {
            throw CommandFailure(
                .badData, "\(output): its runs have \(key) \(found.settings[key] ?? "–"), not \(settings[key] ?? "–"); "
                    + "name another file")
        }
        return found
    }

    private var settings: [String: String] {
        var settings = stream.settings.merging(head.settings) { $1 }
        settings["method"] = head.chosenMethod.rawValue
        settings["dataset"] = stream.data.joined(separator: ", ")
        if let tasks = stream.tasks { settings["tasks"] = String(tasks) }
        return settings.merging(rows.subset(seed: 0).settings) { $1 }
    }
}
