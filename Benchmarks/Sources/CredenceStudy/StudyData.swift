import Credence
import Foundation

/// A data set of the study, opened once for all its runs.
struct StudyData: Sendable {
    /// The data sets by name, with the number of tasks their classes are cut into.
    static let tasks = ["tinyimagenet100": 10, "cifar10": 5, "fashion-mnist": 5]
    static let names = ["tinyimagenet100", "cifar10", "fashion-mnist"]

    let name: String
    let tasks: Int
    let dataset: Dataset

    /// - Parameter isHeldOut: whether the runs are examined on held-out training rows; the test file is then left alone.
    /// - Throws: `FeatureDataError`.
    init(name: String, folder: URL, isHeldOut: Bool) throws {
        self.name = name
        tasks = Self.tasks[name] ?? 1
        dataset = try Dataset.open(folder.appending(path: name), splits: isHeldOut ? [.train] : [.train, .test])
    }

    /// The protocol of one run.
    func benchmarkData(for run: StudyRun) throws -> BenchmarkData {
        let classes = dataset.classNames.count
        let order =
            run.order == 1
            ? Array(0..<classes) : TaskSplit.randomOrder(ofClasses: classes, seed: UInt64(run.order))
        return try BenchmarkData(
            names: [name], prompts: dataset.prompts, train: dataset.rows(.train),
            test: run.holdout == nil ? dataset.rows(.test) : nil, tasks: TaskSplit.equalParts(tasks, of: order).tasks,
            subset: TrainingSubset(holdout: run.holdout, rowsPerClass: run.rowsPerClass, seed: run.seed))
    }
}
