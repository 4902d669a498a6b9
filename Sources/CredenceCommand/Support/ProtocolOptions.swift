import ArgumentParser
import Credence
import Foundation

/// The option that says which protocol a benchmark runs.
struct ProtocolOptions: ParsableArguments {
    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp(
            """
            class-incremental (the classes learnt so far compete), mtil (every folder is a domain, whose own classes \
            compete) or x-tail (all classes of all folders compete). The last two examine all domains after every task, \
            those to come by their prompts alone; --tasks is then of each folder, 1 by default.
            """, valueName: "name"))
    var examination = ContinualProtocol.classIncremental

    /// - Throws: `ValidationError` for ways to cut tasks that the protocol does not have.
    func check(_ stream: TaskStreamOptions) throws {
        if examination.examinesFutureTasks, stream.tasksFile != nil {
            throw ValidationError("--tasks-file is for --protocol class-incremental; \(examination.rawValue) has --tasks.")
        }
    }

    /// The data, cut into tasks by the protocol.
    ///
    /// - Throws: as `TaskStreamOptions.stream`.
    func data(
        _ stream: TaskStreamOptions, _ rows: TrainingRowsOptions, seed: UInt64, _ terminal: Terminal
    ) throws -> BenchmarkData {
        examination.examinesFutureTasks
            ? try stream.domains(rows, seed: seed, terminal)
            : try stream.stream(stream.dataset(rows), rows, seed: seed)
    }
}

extension ContinualProtocol: ExpressibleByArgument {}

extension TaskStreamOptions {
    /// The data sets as domains, one after another, each cut into as many tasks. A class name that several of them have is
    /// written `folder/class`.
    ///
    /// - Throws: as `stream`.
    func domains(_ rows: TrainingRowsOptions, seed: UInt64, _ terminal: Terminal) throws -> BenchmarkData {
        let datasets = try open(rows)
        let joined = try Dataset.concatenating(datasets, qualifyingRepeatedNames: true)
        if let repeated = ClassLists.repeated(datasets) {
            terminal.say("class names that several folders have, such as '\(repeated.name)', become folder/class")
        }
        var (split, first): ([[Int]], Int) = ([], 0)
        for dataset in datasets {
            let classes = dataset.classNames.count
            split += try parts(
                tasks ?? 1, of: Array(first..<first + classes), " in \(dataset.folder.relativePath)", seed: seed)
            first += classes
        }
        return try BenchmarkData(
            names: data, prompts: joined.prompts, train: joined.rows(.train),
            test: rows.holdout == nil ? joined.rows(.test) : nil, tasks: split,
            tasksPerDomain: datasets.map { _ in tasks ?? 1 }, subset: rows.subset(seed: seed))
    }
}
