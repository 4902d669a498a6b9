import Matrices
import NoveltyDetection
import Prediction

/// Novelty scores of known and novel rows, for the curves between them. Memory: one number a row and score.
struct NoveltyTally {
    private let scores: [any NoveltyScore]
    private var known: [[Float]]
    private var novel: [[Float]]

    /// - Parameter scores: ready to score, fitted where they are of the kind that is.
    init(scores: [any NoveltyScore]) {
        self.scores = scores
        known = scores.map { _ in [] }
        novel = scores.map { _ in [] }
    }

    /// Adds rows that are all known or all novel.
    mutating func add(_ posterior: LogitPosterior, features: Matrix<Float>, isKnown: Bool) throws {
        add(try scores.values(of: posterior, features: features), isKnown: isKnown)
    }

    /// Adds the values of each score for such rows.
    mutating func add(_ values: [[Float]], isKnown: Bool) {
        for (index, values) in values.enumerated() {
            if isKnown { known[index] += values } else { novel[index] += values }
        }
    }

    /// - Parameter curves: of how many scores, those with the largest area first, curves are wanted too.
    func summary(afterTask task: Int, curves: Int = 0) throws -> BenchmarkResults.Novelty {
        var result = BenchmarkResults.Novelty(
            afterTask: task, knownRows: known.first?.count ?? 0, novelRows: novel.first?.count ?? 0, scores: [:])
        guard result.knownRows > 0, result.novelRows > 0 else { return result }
        for (index, score) in scores.enumerated() {
            let metrics = try DetectionMetrics(known: known[index], novel: novel[index])
            result.scores[score.name] = .init(
                auroc: metrics.auroc, auprIn: metrics.auprIn, auprOut: metrics.auprOut, fpr95: metrics.fpr95)
        }
        let best = scores.indices.sorted { a, b in
            (-(result.scores[scores[a].name]?.auroc ?? 0), a) < (-(result.scores[scores[b].name]?.auroc ?? 0), b)
        }
        for index in best.prefix(curves) {
            guard let found = BenchmarkResults.Novelty.Curves(known: known[index], novel: novel[index]) else { continue }
            result.curves = (result.curves ?? [:]).merging([scores[index].name: found]) { $1 }
        }
        return result
    }
}

extension [any NoveltyScore] {
    /// The values of each score for some rows.
    func values(of posterior: LogitPosterior, features: Matrix<Float>) throws -> [[Float]] {
        let input = NoveltyInput(posterior: posterior, features: features)
        return try map { try $0.scores(for: input) }
    }
}
