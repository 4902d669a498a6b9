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

    /// Among several ranks blocks are examined in turn, and the first rank tallies them in their order: its result is that of
    /// one rank to the bit, the others' is empty.
    ///
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
        let examiner = BlockExaminer(
            head: head, ranges: Array(data.tasks[...task]) + (isLast ? [] : [known..<Int.max]), known: known,
            textFeatures: data.prompts.selecting(0..<known).meanFeatures(),
            method: options.predictive ?? head.predictive, noveltyScores: isLast ? [] : noveltyScores)
        var tally = Tally(tasks: Array(data.tasks[...task]))
        var novelty = NoveltyTally(scores: noveltyScores)
        var diagnostics = isLast ? DiagnosticsTally(classes: known, seed: options.seed) : nil
        var examined = 0
        var cost = Cost()
        func add(_ block: ExaminedBlock) throws {
            defer { examined += block.count }
            for part in block.parts {
                cost += Cost(rows: part.labels.count, seconds: part.seconds)
                if let probabilities = part.probabilities {
                    try tally.add(
                        labels: part.labels, probabilities: probabilities, logProbabilities: part.logProbabilities,
                        zeroShot: part.zeroShot)
                    try diagnostics?.add(
                        probabilities: probabilities, logProbabilities: part.logProbabilities, labels: part.labels,
                        places: part.places.map { examined + $0 })
                }
                novelty.add(part.novelty, isKnown: part.isKnown)
            }
        }
        let ranks = Parallelism.ranks
        if ranks.isAlone {
            try data.forEachTestBlock(rows: options.blockRows) { block in
                try observer(block.count)
                try add(examiner.examine(block))
            }
        } else {
            try ranks.inTurns(data.testBlocks(rows: options.blockRows)) { index in
                let block = try data.testBlock(index, rows: options.blockRows)
                try observer(block.count)
                return try examiner.examine(block).bytes
            } take: { _, bytes in
                try add(ExaminedBlock(bytes: bytes))
            }
            guard ranks.isFirst else { return Evaluation() }
            // Ranks predict side by side.
            cost.seconds /= Double(ranks.count)
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

/// Predicts the rows of one block after another.
private struct BlockExaminer {
    let head: any Head
    /// The classes of each task so far, then those of all later tasks.
    let ranges: [Range<Int>]
    let known: Int
    /// The text features of the classes known, `[classes, D]`.
    let textFeatures: Matrix<Float>
    let method: PredictiveMethod
    let noveltyScores: [any NoveltyScore]

    /// Each task by itself, as the published protocols do, and all later tasks together: a head whose answer depends on a
    /// row's neighbours sees those of one task, and never novel rows beside known ones.
    func examine(_ block: LabelledFeatures) throws -> ExaminedBlock {
        var result = ExaminedBlock(count: block.count)
        let clock = ContinuousClock()
        for classes in ranges {
            let places = block.labels.indices.filter { classes.contains(block.labels[$0]) }
            guard !places.isEmpty else { continue }
            let rows = places.count < block.count ? block.selecting(places) : block
            let start = clock.now
            let posterior = try head.posterior(for: rows.features)
            let probabilities = posterior.probabilities(method)
            let seconds = (clock.now - start).seconds
            let isKnown = classes.lowerBound < known
            result.parts.append(
                ExaminedBlock.Part(
                    labels: rows.labels, places: places, probabilities: isKnown ? probabilities : nil,
                    logProbabilities: isKnown && method.isClosedForm ? posterior.logProbabilities(method) : nil,
                    zeroShot: isKnown ? rows.features.multiplied(by: textFeatures, .transposed).rowArgmaxima() : [],
                    novelty: try noveltyScores.values(of: posterior, features: rows.features), seconds: seconds))
        }
        return result
    }
}
