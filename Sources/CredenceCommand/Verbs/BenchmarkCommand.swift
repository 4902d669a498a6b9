import ArgumentParser
import Credence
import Foundation

/// `credence benchmark`: a whole class-incremental protocol with all its figures.
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Learn a data set task by task and measure accuracy, forgetting, calibration and novelty detection.",
        discussion: """
            Splits the classes into tasks, learns them one after another, and after each evaluates all classes so far. \
            Rows of classes that are still to come serve as novel rows. Writes OUT/results.json and the final model, \
            OUT/model.safetensors. Several --data folders are joined, their classes side by side.

            EXAMPLE
              credence benchmark --data Examples/Data/fashion-mnist-mini --tasks 5 --output out
              credence benchmark --data cifar10 --tasks 5 --class-order random --seed 3 --method linear --output out
              credence benchmark --data cifar10 --tasks 5 --holdout 0.2 --rows-per-class 16 --output out
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Folders with train.safetensors, test.safetensors and text.safetensors.", valueName: "folder"))
    var data: [String]

    @Option(help: ArgumentHelp("Folder for the results; made if it does not exist.", valueName: "folder"))
    var output: String

    @Option(help: "The number of tasks, equal parts of the classes. Default: 10, or all classes where there are fewer.")
    var tasks: Int?

    @Option(help: "How classes are ordered before they are cut into tasks: label or random (by --seed).")
    var classOrder: ClassOrder = .label

    @Option(help: ArgumentHelp("JSON file that lists the class names of each task.", valueName: "file"))
    var tasksFile: String?

    @OptionGroup(title: "Training rows") var rows: TrainingRowsOptions
    @OptionGroup(title: "Learning") var head: HeadOptions
    @OptionGroup(title: "Rehearsal") var exemplars: ExemplarOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Scores that tell rows of classes still to come from those of known ones, as novelty list has them; fitted \
            after every task to the training rows so far. Default: those of the posterior, \
            class-contrast-energy and mahalanobis.
            """, valueName: "name"))
    var noveltyScores: [String] = []

    @Flag(help: "Print results.json on standard output instead of the summary.")
    var json = false

    @OptionGroup var common: CommonOptions

    enum ClassOrder: String, ExpressibleByArgument, CaseIterable {
        case label, random
    }

    func validate() throws {
        if data.isEmpty { throw ValidationError("--data needs a folder at least.") }
        _ = try WantedScore.parse(noveltyScores, option: "--novelty-scores")
        if let tasks, tasks < 1 { throw ValidationError("--tasks must be at least 1, not \(tasks).") }
        if tasksFile != nil, tasks != nil || classOrder != .label {
            throw ValidationError("--tasks-file excludes --tasks and --class-order.")
        }
    }

    func run() throws {
        try common.run { terminal in
            let folder = URL(filePath: output)
            try OutputCheck.makeFolder(output)
            let resultsFile = folder.appending(path: "results.json")
            let modelFile = folder.appending(path: "model.safetensors")
            try OutputCheck.canWrite(resultsFile)
            try OutputCheck.canWrite(modelFile)

            let subset = rows.subset(seed: common.seed)
            let splits: [Dataset.Split] = subset.holdout == nil ? [.train, .test] : [.train]
            let dataset = try Dataset.concatenating(
                data.map { try Dataset.open(URL(filePath: $0), splits: splits) })
            let benchmarkData = try BenchmarkData(
                names: data, prompts: dataset.prompts, train: dataset.rows(.train),
                test: subset.holdout == nil ? dataset.rows(.test) : nil, tasks: split(dataset).tasks,
                subset: subset)
            let method = head.chosenMethod
            var learner = try method.make(featureDimension: dataset.featureDimension, options: head)
            var options = ContinualBenchmark.Options()
            options.budget = try exemplars.budget(for: learner)
            options.selector = exemplars.selector.selector
            options.seed = common.seed
            if !noveltyScores.isEmpty {
                options.noveltyScores = try WantedScore.parse(noveltyScores, option: "--novelty-scores")
            }
            var buffer = ExemplarBuffer(budget: options.budget)
            let report = BenchmarkReport(terminal: terminal)
            var results = try ContinualBenchmark(data: benchmarkData, options: options).run(
                &learner, method: method.rawValue, exemplars: &buffer, observer: report.observe)
            results.options.merge(describe(method)) { $1 }
            try Interruption.check()
            try ModelFile(method: method, head: learner, exemplars: buffer).save(to: modelFile)
            try AtomicFile.write(results.json(), to: resultsFile)
            if json {
                print(String(decoding: try results.json(), as: UTF8.self), terminator: "")
            } else {
                print(BenchmarkReport.summary(of: results), terminator: "")
            }
            terminal.say("wrote \(resultsFile.relativePath) and \(modelFile.relativePath)")
        }
    }

    private func split(_ dataset: Dataset) throws -> TaskSplit {
        if let tasksFile {
            return try TaskSplit(contentsOf: URL(filePath: tasksFile), classNames: dataset.classNames)
        }
        let classes = dataset.classNames.count
        let order =
            classOrder == .label
            ? Array(0..<classes) : TaskSplit.randomOrder(ofClasses: classes, seed: common.seed)
        let count = tasks ?? min(10, classes)
        guard count <= classes else {
            throw ValidationError("--tasks \(count): there are only \(classes) classes.")
        }
        return try TaskSplit.equalParts(count, of: order)
    }

    /// What the results say about the run beside the protocol's own options.
    private func describe(_ method: HeadMethod) -> [String: String] {
        var options = ["class_order": tasksFile ?? classOrder.rawValue]
        if method == .clap { options["recipe"] = head.recipe ?? CLAPRecipe.names[0] }
        if let file = head.recipeFile { options["recipe_file"] = file }
        if let epochs = head.epochs { options["epochs"] = String(epochs) }
        if let batchSize = head.batchSize { options["batch_size"] = String(batchSize) }
        if let context = head.context { options["context"] = context.rawValue }
        if let samples = head.samples { options["samples"] = String(samples) }
        return options
    }
}
