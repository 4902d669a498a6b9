import FeatureData
import Matrices
import NoveltyDetection
import Prediction

/// One examination of a head after a task, over the test rows block by block.
struct Evaluation {
    /// Rows of the classes known.
    var rows = 0
    var accuracy: Double?
    var accuracyPerTask: [Double?] = []
    var zeroShotAccuracy: Double?
    /// Of every task, where future ones are examined too.
    var zeroShotPerTask: [Double?] = []
    var ece: Double?
    var nll: Double?
    var brier: Double?
    /// `nil` after the last task, where no class is left to be novel.
    var novelty: BenchmarkResults.Novelty?
    var cost = Cost()

    /// What predicting took.
    struct Cost {
        var rows = 0
        var seconds = 0.0

        static func += (total: inout Cost, part: Cost) {
            total.rows += part.rows
            total.seconds += part.seconds
        }
    }

    /// - Parameters:
    ///   - noveltyScores: ready to score.
    ///   - observer: called with the number of rows of each block; may throw to stop.
    static func run(
        _ head: any Head, data: BenchmarkData, after task: Int, options: ContinualBenchmark.Options,
        noveltyScores: [any NoveltyScore],
        observer: (Int) throws -> Void
    ) throws -> Evaluation {
        let known = data.tasks[task].upperBound
        let isLast = task + 1 == data.tasks.count
        var tally = Tally(
            tasks: Array(data.tasks[...task]), textFeatures: data.prompts.selecting(0..<known).meanFeatures())
        var novelty = NoveltyTally(scores: noveltyScores)
        var cost = Cost()
        let clock = ContinuousClock()

        try data.forEachTestBlock(rows: options.blockRows) { block in
            try observer(block.count)
            // Each task by itself, as the published protocols do, and all later tasks together: a head whose answer
            // depends on a row's neighbours sees those of one task, and never novel rows beside known ones.
            for classes in data.tasks[...task] + [known..<Int.max] {
                let isKnown = classes.lowerBound < known
                guard isKnown || !isLast else { continue }
                let rows = block.selecting(where: classes.contains)
                guard rows.count > 0 else { continue }
                let start = clock.now
                let posterior = try head.posterior(for: rows.features)
                let method = options.predictive ?? head.predictive
                let probabilities = posterior.probabilities(method)
                cost += Cost(rows: rows.count, seconds: (clock.now - start).seconds)
                if isKnown {
                    try tally.add(
                        rows, probabilities: probabilities,
                        logProbabilities: method.isClosedForm ? posterior.logProbabilities(method) : nil)
                }
                if !isLast { try novelty.add(posterior, features: rows.features, isKnown: isKnown) }
            }
        }

        var result = Evaluation()
        result.cost = cost
        tally.summarise(into: &result)
        if !isLast { result.novelty = try novelty.summary(afterTask: task) }
        return result
    }
}

extension LabelledFeatures {
    /// The rows whose label is wanted.
    fileprivate func selecting(where isWanted: (Int) -> Bool) -> LabelledFeatures {
        let rows = labels.indices.filter { isWanted(labels[$0]) }
        return rows.count < count ? selecting(rows) : self
    }
}
