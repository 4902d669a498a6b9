import Credence
import Foundation

/// The figures of a detector's scores in one convention.
struct NoveltyEvaluationReport: Encodable {
    struct Score: Encodable {
        var name: String
        var figures: DetectionIntervals
        /// The share of known rows at or below the detector's threshold, and of novel rows above it.
        var knownKept: Double
        var novelFound: Double
    }

    /// Which rows are the positive ones, and how areas under precision and recall are taken.
    var convention: DetectionConvention
    var positive: String
    var auprRule: DetectionConvention.Rule
    var knownRows: Int
    var novelRows: Int
    var truePositiveRate: Double
    var scores: [Score]

    /// - Parameters:
    ///   - known: by part.
    ///   - novel: by part.
    init(
        _ detector: Detector, known: [[Float]], novel: [[Float]], convention: DetectionConvention, draws: Int,
        seed: UInt64
    ) throws {
        self.convention = convention
        positive = convention == .knownPositive ? "known" : "novel"
        auprRule = convention.rule
        (knownRows, novelRows) = (known.first?.count ?? 0, novel.first?.count ?? 0)
        truePositiveRate = detector.truePositiveRate
        scores = try detector.parts.indices.map { index in
            let part = detector.parts[index]
            let threshold = try part.threshold(truePositiveRate: detector.truePositiveRate)
            let (own, other) = (known[index].map(Double.init), novel[index].map(Double.init))
            do {
                return Score(
                    name: part.name,
                    figures: try DetectionIntervals(
                        known: own, novel: other, convention: convention, draws: draws, seed: seed),
                    knownKept: Double(own.count { !threshold.isNovel($0) }) / Double(own.count),
                    novelFound: Double(other.count(where: threshold.isNovel)) / Double(other.count))
            } catch let error as NoveltyError {
                throw CommandFailure(.badData, "\(part.name): \(error)")
            }
        }
    }

    var text: String {
        let width = max(5, scores.map(\.name.count).max() ?? 0) + 2
        func pad(_ text: String, _ width: Int) -> String { text.padding(toLength: width, withPad: " ", startingAt: 0) }
        var lines = [
            "\(knownRows) known and \(novelRows) novel rows; positive class: \(positive); AUPR by \(auprRule.rawValue)"
        ]
        let columns = ["AUROC", "AUPR-in", "AUPR-out", "FPR95", "accuracy"]
        lines.append(pad("score", width) + columns.map { pad($0, 20) }.joined() + "kept   found")
        for score in scores {
            let figures = score.figures
            let cells = [
                (figures.metrics.auroc, figures.auroc), (figures.metrics.auprIn, figures.auprIn),
                (figures.metrics.auprOut, figures.auprOut), (figures.metrics.fpr95, figures.fpr95),
                (figures.metrics.detectionAccuracy, figures.detectionAccuracy),
            ].map { value, interval in
                let range = interval.map { " \(Format.fixed($0.lower, 3))–\(Format.fixed($0.upper, 3))" } ?? ""
                return pad(Format.fixed(value, 3) + range, 20)
            }
            lines.append(
                pad(score.name, width) + cells.joined() + Format.fixed(score.knownKept, 3) + "  "
                    + Format.fixed(score.novelFound, 3))
        }
        return lines.joined(separator: "\n")
    }
}
