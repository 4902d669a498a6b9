import Exemplars
import FeatureData
import Foundation
import Matrices
import NoveltyDetection
import Prediction

/// A continual protocol: a head learns one task after another and is examined after each, on the test rows of all classes
/// so far, among all classes so far, or on those of all tasks, as `ContinualProtocol` says.
///
/// After each task: learn from its rows and the exemplars of earlier tasks; update the exemplar buffer; consolidate on
/// the balanced buffer; evaluate. Rows of classes that are still to come serve as novel rows. Where the data hold
/// training rows out, those take the place of the test rows. Test rows are read in blocks, so memory holds one task's training rows, the buffer and one block.
public struct ContinualBenchmark {
    /// What the protocol needs beside data and head.
    public struct Options: Sendable {
        /// Which rows are examined, among which classes. Heads that are not `OpenVocabularyHead`s answer for classes to
        /// come by zero-shot, which then also decides between these and the learnt ones (`ZeroShotGate`).
        public var examination = ContinualProtocol.classIncremental
        /// Rows of the exemplar buffer; 0 for none.
        public var budget = 2000
        public var selector: any ExemplarSelector = RandomExemplars()
        /// How probabilities come from the posterior; nil: as the head says (`Head.predictive`).
        public var predictive: PredictiveMethod?
        /// What tells rows of classes that are still to come from those of known classes. Those that have to be fitted are
        /// fitted after every task to the training rows of all tasks so far, read task by task.
        public var noveltyScores: [any NoveltyScore] = Self.defaultNoveltyScores

        /// Those of the posterior, and some that are fitted.
        public static var defaultNoveltyScores: [any NoveltyScore] {
            NoveltyScores.ofPosterior + ["class-contrast-energy", "mahalanobis"].compactMap(NoveltyScores.named)
        }
        /// Random numbers of learning and of exemplar selection depend on it, nothing else does.
        public var seed: UInt64 = 1
        /// Test rows taken at once.
        public var blockRows = 2048

        public init() {}
    }

    /// What happens, for those who watch.
    public enum Event: Sendable {
        /// Task `index` of `tasks` begins to be learnt.
        case learning(task: Int, tasks: Int)
        case progress(LearningProgress)
        /// Test rows are being predicted.
        case evaluating(task: Int, tasks: Int, rows: Int)
        /// Everything of one task is done.
        case finished(BenchmarkResults.TaskFigures, zeroShot: Double?)
    }

    public let data: BenchmarkData
    public let options: Options

    public init(data: BenchmarkData, options: Options = Options()) {
        self.data = data
        self.options = options
    }

    /// Runs the whole protocol on `head`, which knows no class yet, and leaves it as it is after the last task.
    ///
    /// - Parameters:
    ///   - method: the name of the head for the results.
    ///   - exemplars: where rows are kept to rehearse on, empty; left as it is after the last task.
    ///   - observer: told of every step; may throw `CancellationError` to stop.
    /// - Throws: what reading the data, the head, the selector, the memory or `observer` throws.
    public func run<Learner: ContinualHead>(
        _ head: inout Learner, method: String, exemplars memory: inout some ExemplarMemory,
        observer: (Event) throws -> Void = { _ in }
    ) throws -> BenchmarkResults {
        precondition(head.classNames.isEmpty, "the head already knows \(head.classNames.count) classes")
        let tasks = data.tasks.count
        var matrix = AccuracyMatrix(tasks: tasks)
        var stopwatch = TrainingStopwatch()
        var figures: [BenchmarkResults.TaskFigures] = []
        var novelty: [BenchmarkResults.Novelty] = []
        var zeroShot: [Double?] = []
        var zeroShotPerTask: [Double?] = []
        (options.predictive ?? head.predictive).prepare()
        var predicting = Evaluation.Cost()
        var diagnostics: BenchmarkResults.Diagnostics?

        for task in 0..<tasks {
            try observer(.learning(task: task, tasks: tasks))
            let before = stopwatch.seconds
            let (rows, kept) = try learn(task, &head, &memory, &stopwatch, observer)
            let isLast = task + 1 == tasks
            let scores = isLast ? [] : try noveltyScores(head, after: task, observer)
            let evaluation = try examine(head, after: task, noveltyScores: scores) { rows in
                try observer(.evaluating(task: task, tasks: tasks, rows: rows))
            }
            for (earlier, accuracy) in evaluation.accuracyPerTask.enumerated() { matrix[task, earlier] = accuracy }
            if let scores = evaluation.novelty { novelty.append(scores) }
            zeroShot.append(evaluation.zeroShotAccuracy)
            zeroShotPerTask = evaluation.zeroShotPerTask
            predicting += evaluation.cost
            diagnostics = evaluation.diagnostics ?? diagnostics
            let taskFigures = BenchmarkResults.TaskFigures(
                task: task, classes: data.classNames(ofTask: task), trainRows: rows, testRows: evaluation.rows,
                accuracy: evaluation.accuracy, ece: evaluation.ece, nll: evaluation.nll, brier: evaluation.brier,
                exemplars: kept, secondsTrain: stopwatch.seconds - before)
            figures.append(taskFigures)
            try observer(.finished(taskFigures, zeroShot: evaluation.zeroShotAccuracy))
        }

        let last = figures.last
        let steps = zeroShot.compactMap { $0 }
        return BenchmarkResults(
            method: method, dataset: data.names, seed: options.seed, classesPerTask: data.tasks.map(\.count),
            accuracyMatrix: matrix.entries, average: matrix.average, last: matrix.last,
            backwardTransfer: matrix.backwardTransfer, forgetting: matrix.forgetting, ece: last?.ece, nll: last?.nll,
            brier: last?.brier,
            zeroShot: .init(
                accuracy: zeroShot.last ?? nil, accuracyAfterTask: zeroShot,
                average: steps.count == tasks && tasks > 0 ? steps.reduce(0, +) / Double(tasks) : nil),
            novelty: novelty,
            seconds: .init(
                train: stopwatch.seconds, trainStepMedian: stopwatch.stepMedian, select: stopwatch.selectionSeconds,
                predict: predicting.seconds),
            rowsPerSecond: .init(
                train: stopwatch.rowsPerSecond,
                predict: predicting.seconds > 0 ? Double(predicting.rows) / predicting.seconds : nil),
            peakRssBytes: RunEnvironment.peakResidentBytes(), environment: RunEnvironment.describe(), tasks: figures,
            options: [
                "budget": String(options.budget), "selector": options.selector.name,
                "predictive": "\(options.predictive ?? head.predictive)",
            ].merging(data.subset.settings) { $1 },
            domains: options.examination.examinesFutureTasks
                ? .init(matrix, data: data, examination: options.examination, zeroShot: zeroShotPerTask) : nil,
            diagnostics: diagnostics)
    }

    private func examine(
        _ head: any Head, after task: Int, noveltyScores: [any NoveltyScore], observer: (Int) throws -> Void
    ) throws -> Evaluation {
        options.examination.examinesFutureTasks
            ? try DomainEvaluation(data: data, options: options)
                .run(head, after: task, noveltyScores: noveltyScores, observer: observer)
            : try Evaluation.run(
                head, data: data, after: task, options: options, noveltyScores: noveltyScores, observer: observer)
    }

    /// The novelty scores fitted to the training rows of the tasks so far. Memory: one task's rows, and what a score keeps.
    private func noveltyScores(
        _ head: any Head, after task: Int, _ observer: (Event) throws -> Void
    ) throws -> [any NoveltyScore] {
        let data = self.data
        let rows = KnownRows(
            count: (0...task).reduce(0) { $0 + data.trainingRowCount(ofTask: $1) },
            dimension: data.prompts.featureDimension, classNames: head.classNames,
            text: data.prompts.selecting(0..<data.tasks[task].upperBound), head: head, seed: options.seed
        ) { body in
            for earlier in 0...task { try body(data.trainingRows(ofTask: earlier)) }
        }
        return try options.noveltyScores.map { score in
            try observer(.evaluating(task: task, tasks: data.tasks.count, rows: 0))
            return try score.ready(rows)
        }
    }

    /// Learns one task, updates the memory and consolidates; returns the numbers of the task's rows and of those kept.
    private func learn(
        _ task: Int, _ head: inout some ContinualHead, _ memory: inout some ExemplarMemory,
        _ stopwatch: inout TrainingStopwatch, _ observer: (Event) throws -> Void
    ) throws -> (rows: Int, kept: Int) {
        let rows = try data.trainingRows(ofTask: task)
        let learning = LearningTask(classes: data.prompts(ofTask: task), rows: rows, exemplars: try memory.load())
        try stopwatch.measure { stopwatch in
            try head.learn(learning, seed: options.seed) { progress in
                stopwatch.step(progress)
                try observer(.progress(progress))
            }
        }
        let learnt = head
        try stopwatch.measureSelection {
            try memory.add(
                ExemplarTask(
                    rows: rows, rowNumbers: data.trainingRowNumbers(ofTask: task), classes: learnt.classNames.count),
                selector: options.selector, seed: options.seed, posterior: learnt.posterior)
        }
        let kept = try memory.load()
        if kept.count > 0 {
            try stopwatch.measure { stopwatch in
                try head.consolidate(on: kept, seed: options.seed) { progress in
                    stopwatch.step(progress)
                    try observer(.progress(progress))
                }
            }
        }
        return (rows.count, kept.count)
    }
}
