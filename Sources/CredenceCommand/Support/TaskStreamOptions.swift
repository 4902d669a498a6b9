import ArgumentParser
import Credence
import Foundation

/// The options that say which data a protocol runs on and how they are cut into tasks.
struct TaskStreamOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Folders with train.safetensors, test.safetensors and text.safetensors.", valueName: "folder"), completion: .directory)
    var data: [String]

    @Option(help: "The number of tasks, equal parts of the classes. Default: 10, or all classes where there are fewer.")
    var tasks: Int?

    @Option(help: "How classes are ordered before they are cut into tasks: label or random (by --seed).")
    var classOrder: ClassOrder = .label

    @Option(help: ArgumentHelp("JSON file that lists the class names of each task.", valueName: "file"), completion: .file())
    var tasksFile: String?

    enum ClassOrder: String, ExpressibleByArgument, CaseIterable {
        case label, random
    }

    func validate() throws {
        if data.isEmpty { throw ValidationError("--data needs a folder at least.") }
        if let tasks, tasks < 1 { throw ValidationError("--tasks must be at least 1, not \(tasks).") }
        if tasksFile != nil, tasks != nil || classOrder != .label {
            throw ValidationError("--tasks-file excludes --tasks and --class-order.")
        }
    }

    /// The data sets, side by side; the file of test rows is not opened where training rows are held out.
    ///
    /// - Throws: `FeatureDataError`; `CommandFailure` for a class name that two of them have.
    func dataset(_ rows: TrainingRowsOptions) throws -> Dataset {
        let datasets = try open(rows)
        if let (name, first, second) = ClassLists.repeated(datasets) {
            throw CommandFailure(
                .badData,
                "the class '\(name)' is in \(first) and in \(second): rename one of them, or keep the folders apart as "
                    + "domains (credence benchmark --protocol x-tail)")
        }
        return try Dataset.concatenating(datasets)
    }

    /// The data sets, one by one.
    func open(_ rows: TrainingRowsOptions) throws -> [Dataset] {
        let splits: [Dataset.Split] = rows.holdout == nil ? [.train, .test] : [.train]
        return try data.map { try Dataset.open(URL(filePath: $0), splits: splits) }
    }

    /// `dataset` cut into tasks.
    ///
    /// - Parameter seed: of a random order of classes, and of the choice of training rows.
    /// - Throws: `ValidationError` for more tasks than classes, and what `BenchmarkData` throws.
    func stream(_ dataset: Dataset, _ rows: TrainingRowsOptions, seed: UInt64) throws -> BenchmarkData {
        try BenchmarkData(
            names: data, prompts: dataset.prompts, train: dataset.rows(.train),
            test: rows.holdout == nil ? dataset.rows(.test) : nil, tasks: split(dataset, seed: seed).tasks,
            subset: rows.subset(seed: seed))
    }

    /// What results say about the cut.
    var settings: [String: String] { ["class_order": tasksFile ?? classOrder.rawValue] }

    private func split(_ dataset: Dataset, seed: UInt64) throws -> TaskSplit {
        if let tasksFile {
            return try TaskSplit(contentsOf: URL(filePath: tasksFile), classNames: dataset.classNames)
        }
        let classes = dataset.classNames.count
        return try TaskSplit(parts(tasks ?? min(10, classes), of: Array(0..<classes), seed: seed))
    }

    /// Equal parts of some classes in the order asked for.
    ///
    /// - Parameter place: where the classes are, for the message.
    func parts(_ count: Int, of classes: [Int], _ place: String = "", seed: UInt64) throws -> [[Int]] {
        guard count <= classes.count else {
            throw ValidationError("--tasks \(count): there are only \(classes.count) classes\(place).")
        }
        let order =
            classOrder == .label
            ? classes : TaskSplit.randomOrder(ofClasses: classes.count, seed: seed).map { classes[$0] }
        return try TaskSplit.equalParts(count, of: order).tasks
    }
}
