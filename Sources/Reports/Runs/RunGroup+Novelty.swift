import ContinualEvaluation

/// The novelty detection of a group.
extension RunGroup {
    /// Scores, that with the largest mean area under the ROC first.
    var noveltyScores: [String] {
        let names = Set(runs.flatMap { $0.novelty.flatMap(\.scores.keys) })
        return names.map { ($0, meanAUROC($0)?.mean ?? 0) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
    }

    func meanAUROC(_ score: String) -> MeanInterval? { interval { $0.meanAUROC(score: score) } }

    /// A figure of a score, averaged over tasks and then over runs.
    func novelty(_ score: String, _ figure: (BenchmarkResults.Novelty.Score) -> Double?) -> MeanInterval? {
        interval { run in MeanInterval(run.novelty.compactMap { $0.scores[score].flatMap(figure) })?.mean }
    }

    /// The area under the ROC after each task but the last.
    func auroc(_ score: String) -> [Double?] {
        (0..<max(0, tasks - 1)).map { task in
            interval { run in run.novelty.first { $0.afterTask == task }?.scores[score]?.auroc }?.mean
        }
    }

    /// The first run's curves of a score.
    func curves(_ score: String) -> (curves: BenchmarkResults.Novelty.Curves, novelty: BenchmarkResults.Novelty)? {
        for run in runs {
            for novelty in run.novelty {
                if let curves = novelty.curves?[score], curves.isSound { return (curves, novelty) }
            }
        }
        return nil
    }
}

extension BenchmarkResults.Novelty.Curves {
    /// Lengths that belong together, as results read from a file need not have.
    fileprivate var isSound: Bool {
        known.count == novel.count && !known.isEmpty && falsePositiveRates.count == truePositiveRates.count
            && falsePositiveRates.count > 1 && lowest.isFinite && highest.isFinite
            && (known + novel).allSatisfy { $0 >= 0 }
    }
}
