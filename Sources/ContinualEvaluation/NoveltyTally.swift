import Matrices
import NoveltyDetection
import Prediction

/// Scores of known and novel rows, for the curves between them. Memory: one number a row and score.
struct NoveltyTally {
    init(scores: [String]) {}
    mutating func add(_ posterior: LogitPosterior, isKnown: [Bool]) throws {}
    func summary(afterTask task: Int) -> BenchmarkResults.Novelty {
        .init(afterTask: task, knownRows: 0, novelRows: 0, scores: [:])
    }
}
