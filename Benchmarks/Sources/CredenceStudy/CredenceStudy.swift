import ArgumentParser
import Credence
import Foundation
import Synchronization

/// Compares methods over data sets, seeds and class orders; the tables stand in `Benchmarks/README.md`.
@main
struct CredenceStudy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credence-study",
        abstract: "Run methods on data sets, for several seeds and class orders, and write tables of their figures.",
        discussion: """
            Writes OUT/runs.jsonl, one line of JSON a run, and OUT/tables.md: means with 95 % intervals, first with all \
            training rows, then with few. A run whose line is there is not repeated, so a study can be stopped and \
            started again. Lines do not know the program that made them: remove the file after a change to what \
            methods compute.

            EXAMPLE
              credence-study
              credence-study --methods default linear --datasets cifar10 --seeds 1 --rows-per-class all --holdout 0.2
            """)

    @Option(
        help: ArgumentHelp(
            "Folder with the data sets' folders. Default: $FEATURE_DATA_DIR, or ../shared/data.", valueName: "folder"))
    var dataFolder: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Of \(StudyMethod.all.map(\.name).joined(separator: ", ")). Default: all.", valueName: "names"))
    var methods: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Of \(StudyData.names.joined(separator: ", ")). Default: all.", valueName: "names"))
    var datasets: [String] = []

    @Option(help: "Seeds 1 to this number: of learning, exemplars and the choice of rows.")
    var seeds = 3

    @Option(help: "Class orders: the first is that of the labels, the others are random.")
    var orders = 3

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Training rows of a class: numbers, or all. Default: all 1 5 16.", valueName: "rows"))
    var rowsPerClass: [String] = []

    @Option(
        help: ArgumentHelp(
            "Examine that share of the training rows, taken out of training, instead of the test rows.",
            valueName: "share"))
    var holdout: Double?

    @Option(help: "Rows of the exemplar buffer, for methods that may keep rows.")
    var budget = 2000

    @Option(help: "Runs at a time, each on one thread. Default: the machine's cores.")
    var jobs: Int?

    @Option(help: ArgumentHelp("Folder for the results.", valueName: "folder"))
    var output = "out/study"

    func validate() throws {
        for (name, value) in [("--seeds", seeds), ("--orders", orders), ("--jobs", jobs ?? 1)] where value < 1 {
            throw ValidationError("\(name) must be at least 1, not \(value).")
        }
        if budget < 0 { throw ValidationError("--budget must not be negative, not \(budget).") }
        if let holdout, !(holdout > 0 && holdout < 1) {
            throw ValidationError("--holdout must be above 0 and below 1, not \(holdout).")
        }
        if let name = datasets.first(where: { !StudyData.names.contains($0) }) {
            throw ValidationError("--datasets \(name): there are \(StudyData.names.joined(separator: ", ")).")
        }
        _ = try chosenMethods()
        _ = try shots()
    }

    func run() async throws {
        let folder = URL(
            filePath: dataFolder ?? ProcessInfo.processInfo.environment["FEATURE_DATA_DIR"] ?? "../shared/data")
        let names = datasets.isEmpty ? StudyData.names : StudyData.names.filter(datasets.contains)
        let plan = StudyPlan(
            methods: try chosenMethods(),
            datasets: try names.map { try StudyData(name: $0, folder: folder, isHeldOut: holdout != nil) },
            seeds: seeds, orders: orders, shots: try shots(), holdout: holdout, budget: budget)
        let place = URL(filePath: output)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let log = try StudyLog(place.appending(path: "runs.jsonl"))
        let failures = await perform(try plan.jobs(), log)
        let tables = try plan.markdown(from: log)
        try AtomicFile.write(Data(tables.utf8), to: place.appending(path: "tables.md"))
        print(tables, terminator: "")
        if failures > 0 { throw StudyError.failedRuns(failures) }
    }

    /// Does the runs that the log does not have, several at a time; returns how many failed.
    private func perform(_ all: [StudyPlan.Job], _ log: StudyLog) async -> Int {
        let open = all.filter { log[$0.run] == nil }
        let progress = StudyProgress(runs: open.count, done: all.count - open.count)
        return await withTaskGroup(of: Bool.self) { group in
            var waiting = open.makeIterator()
            func start() {
                guard let job = waiting.next() else { return }
                group.addTask {
                    do {
                        let results = try job.run.results(of: job.method, on: job.data)
                        try log.append(StudyRecord(run: job.run, results: results))
                        progress.finished(job.run, results)
                        return true
                    } catch {
                        progress.failed(job.run, error)
                        return false
                    }
                }
            }
            for _ in 0..<(jobs ?? ProcessInfo.processInfo.activeProcessorCount) { start() }
            var failures = 0
            for await succeeded in group {
                if !succeeded { failures += 1 }
                start()
            }
            return failures
        }
    }

    private func chosenMethods() throws -> [StudyMethod] {
        guard !methods.isEmpty else { return StudyMethod.all }
        let chosen = try methods.map { name in
            guard let method = StudyMethod(name: name) else {
                throw ValidationError(
                    "--methods \(name): there are \(StudyMethod.all.map(\.name).joined(separator: ", ")).")
            }
            return method
        }
        return StudyMethod.all.filter(chosen.contains)
    }

    /// Numbers of rows per class without repetition, all rows (`nil`) first.
    private func shots() throws -> [Int?] {
        guard !rowsPerClass.isEmpty else { return [nil, 1, 5, 16] }
        let numbers = try rowsPerClass.filter { $0 != "all" }.map { text in
            guard let number = Int(text), number > 0 else {
                throw ValidationError("--rows-per-class \(text): expected all, or a number from 1 up.")
            }
            return number
        }
        return (rowsPerClass.contains("all") ? [nil] : []) + Set(numbers).sorted()
    }
}

/// Lines on standard error, one a run.
private final class StudyProgress: Sendable {
    private let runs: Int
    private let finishedRuns = Mutex(0)
    private let start = ContinuousClock.now

    init(runs: Int, done: Int) {
        self.runs = runs
        say(done > 0 ? "\(runs) runs, \(done) more are there already" : "\(runs) runs")
    }

    func finished(_ run: StudyRun, _ results: BenchmarkResults) {
        func fixed(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "–" }
        tell(run, "average \(fixed(results.average)), last \(fixed(results.last)), ECE \(fixed(results.ece))")
    }

    func failed(_ run: StudyRun, _ error: any Error) {
        tell(run, "failed: \(error)")
    }

    private func tell(_ run: StudyRun, _ outcome: String) {
        let number = finishedRuns.withLock { number in
            number += 1
            return number
        }
        let rows = run.rowsPerClass.map { ", \($0) rows per class" } ?? ""
        let seconds = Int((ContinuousClock.now - start).components.seconds)
        say(
            "\(number) of \(runs) after \(seconds) s: \(run.dataset), \(run.method)\(rows), seed \(run.seed), order "
                + "\(run.order): \(outcome)")
    }

    private func say(_ line: String) {
        FileHandle.standardError.write(Data(("study: " + line + "\n").utf8))
    }
}
