import ArgumentParser
import Credence
import Foundation

/// `credence benchmark`: a whole continual protocol with all its figures.
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Learn a data set task by task and measure accuracy, forgetting, calibration and novelty detection.",
        discussion: """
            Splits the classes into tasks, learns them one after another, and after each evaluates all classes so far. \
            Rows of classes that are still to come serve as novel rows. Writes OUT/results.json, OUT/report.html (a page \
            with charts) and the final model, OUT/model.safetensors. Several --data folders are joined, their classes side by side; with --protocol mtil or \
            x-tail each is a domain, and all domains are examined after every task, those to come by their prompts alone.

            EXAMPLE
              credence benchmark --data Examples/Data/fashion-mnist-mini --tasks 5 --output out
              credence benchmark --data cifar10 --tasks 5 --class-order random --seed 3 --method linear --output out
              credence benchmark --data cifar10 --tasks 5 --holdout 0.2 --rows-per-class 16 --output out
              credence benchmark --data cifar10 fashion-mnist --protocol x-tail --method clap+linear --output out
            """)

    @OptionGroup var stream: TaskStreamOptions

    @Option(help: ArgumentHelp("Folder for the results; made if it does not exist.", valueName: "folder"), completion: .directory)
    var output: String

    @OptionGroup(title: "Protocol") var protocolOptions: ProtocolOptions
    @OptionGroup(title: "Training rows") var rows: TrainingRowsOptions
    @OptionGroup(title: "Learning") var head: HeadOptions
    @OptionGroup(title: "Rehearsal") var exemplars: ExemplarOptions

    @Option(
        name: .customLong("exemplars"),
        help: ArgumentHelp(
            "Keep the rows to rehearse on in this exemplar store, not in the model; a new file.", valueName: "file"), completion: .file())
    var store: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Scores that tell rows of classes still to come from those of known ones, as novelty list has them; fitted \
            after every task to the training rows so far. Default: those of the posterior, \
            class-contrast-energy and mahalanobis.
            """, valueName: "name"), completion: .list(NoveltyScores.all.map(\.name)))
    var noveltyScores: [String] = []

    @Flag(help: "Print results.json on standard output instead of the summary.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        _ = try WantedScore.parse(noveltyScores, option: "--novelty-scores")
        try protocolOptions.check(stream)
    }

    func run() throws {
        try common.run(ranks: .shared) { terminal in
            let folder = URL(filePath: output)
            let isFirst = Parallelism.ranks.isFirst
            try RankedLearning.checkStore(store)
            try RankedLearning.check(head.chosenMethod)
            if isFirst { try OutputCheck.makeFolder(output) }
            let resultsFile = folder.appending(path: "results.json")
            let modelFile = folder.appending(path: "model.safetensors")
            let reportFile = folder.appending(path: "report.html")
            if isFirst { for file in [resultsFile, modelFile, reportFile] { try OutputCheck.canWrite(file) } }

            let benchmarkData = try protocolOptions.data(stream, rows, seed: common.seed, terminal)
            let method = head.chosenMethod
            var learner = try method.make(
                featureDimension: benchmarkData.prompts.featureDimension, options: head)
            var options = ContinualBenchmark.Options()
            options.budget = try exemplars.budget(for: learner)
            options.selector = exemplars.selector(for: method)
            options.seed = common.seed
            options.examination = protocolOptions.examination
            if !noveltyScores.isEmpty {
                options.noveltyScores = try WantedScore.parse(noveltyScores, option: "--novelty-scores")
            }
            var buffer = ExemplarBuffer(budget: store == nil ? options.budget : 0)
            let newStore = try store.map { try NewStore(at: $0, dimension: benchmarkData.prompts.featureDimension) }
            let report = BenchmarkReport(terminal: terminal)
            let benchmark = ContinualBenchmark(data: benchmarkData, options: options)
            var results: BenchmarkResults
            if let newStore {
                var memory = StoredExemplars(
                    newStore.store, budget: .total(options.budget), classNames: benchmarkData.prompts.classNames,
                    train: benchmarkData.train)
                results = try benchmark.run(
                    &learner, method: method.rawValue, exemplars: &memory, observer: report.observe)
            } else {
                results = try benchmark.run(
                    &learner, method: method.rawValue, exemplars: &buffer, observer: report.observe)
            }
            // The first rank alone knows the figures.
            guard isFirst else { return }
            results.options["protocol"] = protocolOptions.examination.rawValue
            results.options.merge(stream.settings.merging(head.settings) { $1 }) { $1 }
            try Interruption.check()
            try newStore?.commit()
            try ModelFile(method: method, head: learner, exemplars: buffer, exemplarStore: store).save(to: modelFile)
            try AtomicFile.write(results.json(), to: resultsFile)
            try AtomicFile.write(Report(results: [results]).page(), to: reportFile)
            if json {
                print(String(decoding: try results.json(), as: UTF8.self), terminator: "")
            } else {
                print(BenchmarkReport.summary(of: results), terminator: "")
            }
            terminal.say("wrote \(resultsFile.relativePath), \(reportFile.relativePath) and \(modelFile.relativePath)")
        }
    }
}
