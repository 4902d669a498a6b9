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
    /// After the last task only.
    var diagnostics: BenchmarkResults.Diagnostics?
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
        var diagnostics = isLast ? DiagnosticsTally(classes: known, seed: options.seed) : nil
        var examined = 0
        var cost = Cost()
        let clock = ContinuousClock()

        try data.forEachTestBlock(rows: options.blockRows) { block in
            try observer(block.count)
            defer { examined += block.count }
            // Each task by itself, as the published protocols do, and all later tasks together: a head whose answer
            // depends on a row's neighbours sees those of one task, and never novel rows beside known ones.
            for classes in data.tasks[...task] + [known..<Int.max] {
                let isKnown = classes.lowerBound < known
                guard isKnown || !isLast else { continue }
                let places = block.labels.indices.filter { classes.contains(block.labels[$0]) }
                guard !places.isEmpty else { continue }
                let rows = places.count < block.count ? block.selecting(places) : block
                let start = clock.now
                let posterior = try head.posterior(for: rows.features)
                let method = options.predictive ?? head.predictive
                let probabilities = posterior.probabilities(method)
                cost += Cost(rows: rows.count, seconds: (clock.now - start).seconds)
                if isKnown {
                    let logs = method.isClosedForm ? posterior.logProbabilities(method) : nil
                    try tally.add(rows, probabilities: probabilities, logProbabilities: logs)
                    try diagnostics?.add(
                        probabilities: probabilities, logProbabilities: logs, labels: rows.labels,
                        places: places.map { examined + $0 })
                }
                if !isLast { try novelty.add(posterior, features: rows.features, isKnown: isKnown) }
            }
        }

        var result = Evaluation()
        result.cost = cost
        tally.summarise(into: &result)
        // Curves where known and novel rows are nearest in number.
        if !isLast { result.novelty = try novelty.summary(afterTask: task, curves: task == (data.tasks.count - 1) / 2 ? 12 : 0) }
        result.diagnostics = diagnostics?.summary(classNames: Array(data.prompts.classNames[..<known]))
        return result
    }
}
