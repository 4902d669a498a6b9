import FeatureData
import HeadCombination
import Matrices
import NoveltyDetection
import Prediction

/// One examination over the test rows of all tasks, learnt or not, block by block: classes that have not been learnt are
/// candidates, for which zero-shot answers.
struct DomainEvaluation {
    let data: BenchmarkData
    let options: ContinualBenchmark.Options

    /// - Parameters:
    ///   - noveltyScores: ready to score; they see what `head` itself says.
    ///   - observer: called with the number of rows of each block; may throw to stop.
    func run(
        _ head: any Head, after task: Int, noveltyScores: [any NoveltyScore], observer: (Int) throws -> Void
    ) throws -> Evaluation {
        let (known, tasks) = (data.tasks[task].upperBound, data.tasks.count)
        let answering = try extended(head)
        let method = options.predictive ?? answering.predictive
        let text = data.prompts.meanFeatures()
        var (metrics, novelty) = (ClassificationMetrics(), NoveltyTally(scores: noveltyScores))
        var correct = [Int](repeating: 0, count: tasks)
        var (rowsPerTask, zeroShotCorrect) = (correct, correct)
        var cost = Evaluation.Cost()
        // Only where all classes compete are a row's probabilities over the same classes for all rows.
        var diagnostics =
            task + 1 == tasks && options.examination == .crossDomain
            ? DiagnosticsTally(classes: known, seed: options.seed) : nil
        var examined = 0
        let clock = ContinuousClock()

        try data.forEachTestBlock(rows: options.blockRows) { block in
            try observer(block.count)
            defer { examined += block.count }
            for (index, classes) in data.tasks.enumerated() {
                let places = block.labels.indices.filter { classes.contains(block.labels[$0]) }
                guard !places.isEmpty else { continue }
                let rows = block.selecting(places)
                let candidates = data.candidates(ofTask: index, options.examination)
                let labels = rows.labels.map { $0 - candidates.lowerBound }
                let start = clock.now
                let posterior = try answering.posterior(for: rows.features).selecting(candidates)
                let probabilities = posterior.probabilities(method)
                cost += Evaluation.Cost(rows: rows.count, seconds: (clock.now - start).seconds)
                if index <= task {
                    let logs = method.isClosedForm ? posterior.logProbabilities(method) : nil
                    try metrics.add(probabilities: probabilities, logProbabilities: logs, labels: labels)
                    try diagnostics?.add(
                        probabilities: probabilities, logProbabilities: logs, labels: labels,
                        places: places.map { examined + $0 })
                }
                let zeroShot = rows.features.multiplied(by: text.rows(candidates), .transposed).rowArgmaxima()
                rowsPerTask[index] += rows.count
                correct[index] += Self.matches(probabilities.rowArgmaxima(), labels)
                zeroShotCorrect[index] += Self.matches(zeroShot, labels)
                if task + 1 < tasks {
                    let own = try head.posterior(for: rows.features)
                    try novelty.add(own, features: rows.features, isKnown: classes.lowerBound < known)
                }
            }
        }

        func share(_ counts: [Int]) -> [Double?] {
            zip(counts, rowsPerTask).map { $1 > 0 ? Double($0) / Double($1) : nil }
        }
        var result = Evaluation()
        result.cost = cost
        result.rows = metrics.count
        result.accuracyPerTask = share(correct)
        result.zeroShotPerTask = share(zeroShotCorrect)
        (result.accuracy, result.nll, result.brier, result.ece) = (metrics.accuracy, metrics.nll, metrics.brier, metrics.ece)
        result.zeroShotAccuracy =
            metrics.count > 0 ? Double(zeroShotCorrect[...task].reduce(0, +)) / Double(metrics.count) : nil
        if task + 1 < tasks {
            result.novelty = try novelty.summary(afterTask: task, curves: task == (tasks - 1) / 2 ? 12 : 0)
        }
        result.diagnostics = diagnostics?.summary(classNames: data.prompts.classNames)
        return result
    }

    /// The head with all classes to come as candidates.
    private func extended(_ head: any Head) throws -> ExtendedHead {
        if let open = head as? any OpenVocabularyHead {
            return try open.extended(to: data.prompts.selecting(head.classNames.count..<data.prompts.count))
        }
        return try ExtendedHead(head, prompts: data.prompts)
    }

    private static func matches(_ predicted: [Int], _ labels: [Int]) -> Int {
        zip(predicted, labels).count { $0 == $1 }
    }
}

extension BenchmarkData {
    /// The classes that compete for the rows of a task.
    fileprivate func candidates(ofTask task: Int, _ examination: ContinualProtocol) -> Range<Int> {
        guard examination == .multiDomain, let domain = domains.first(where: { $0.contains(task) }) else {
            return 0..<prompts.count
        }
        return tasks[domain.lowerBound].lowerBound..<tasks[domain.upperBound - 1].upperBound
    }
}

extension LogitPosterior {
    /// Some neighbouring classes.
    fileprivate func selecting(_ columns: Range<Int>) -> LogitPosterior {
        columns == 0..<classes
            ? self : LogitPosterior(mean: mean.selecting(columns), variance: variance.selecting(columns))
    }
}

extension Matrix {
    fileprivate func selecting(_ range: Range<Int>) -> Matrix {
        var result = Matrix(uninitialized: rows, range.count)
        let target = result.mutablePointer()
        for row in 0..<rows {
            (target + row * range.count).update(from: pointer + row * columns + range.lowerBound, count: range.count)
        }
        return result
    }
}
