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

    /// - Parameter observer: called with the number of rows of each block; may throw to stop.
    static func run(
        _ head: any Head, data: BenchmarkData, after task: Int, options: ContinualBenchmark.Options,
        observer: (Int) throws -> Void
    ) throws -> Evaluation {
        let known = data.tasks[task].upperBound
        let isLast = task + 1 == data.tasks.count
        let textFeatures = data.prompts.meanFeatures().rows(0..<known)
        var tally = Tally(tasks: Array(data.tasks[...task]))
        var novelty = NoveltyTally(scores: [])
        var cost = Cost()
        let clock = ContinuousClock()

        try data.forEachTestBlock(rows: options.blockRows) { block in
            let rows = isLast ? Array(block.labels.indices) : block.labels.indices.filter { block.labels[$0] < known }
            try observer(block.count)
            let start = clock.now
            let posterior = try head.posterior(for: block.features)
            let probabilities = options.predictive.probabilities(of: posterior)
            cost += Cost(rows: block.count, seconds: (clock.now - start).seconds)

            let zeroShot = block.features.multiplied(by: textFeatures, .transposed)
            for row in rows {
                tally.add(label: block.labels[row], probabilities: probabilities, zeroShot: zeroShot, row: row)
            }
            if !isLast {
                try novelty.add(posterior, isKnown: block.labels.map { $0 < known })
            }
        }

        var result = Evaluation()
        result.cost = cost
        tally.summarise(into: &result)
        if !isLast { result.novelty = novelty.summary(afterTask: task) }
        return result
    }
}
