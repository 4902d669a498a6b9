import Credence

/// What `novelty fit` tells at the end.
struct NoveltyFitSummary: Encodable {
    struct Score: Encodable {
        var name: String
        var threshold: Double
        /// Known rows that the threshold keeps, of all that set it, with the 95 % interval of the share.
        var kept: Int
        var keptLower: Double
        var keptUpper: Double
        var notes: [String]
    }

    var model: String?
    var output: String
    var rows: Int
    var thresholdRows: Int
    var thresholdRowsAreHeldOutOfTheFit: Bool
    var truePositiveRate: Double
    var scores: [Score]

    init(_ detector: Detector, model: String?, rows: Int, isHeldOutOfFit: Bool, written: String) throws {
        (self.model, output, self.rows, truePositiveRate) = (model, written, rows, detector.truePositiveRate)
        thresholdRowsAreHeldOutOfTheFit = isHeldOutOfFit
        thresholdRows = detector.parts.first?.knownScores.count ?? 0
        scores = try detector.parts.map { part in
            let threshold = try part.threshold(truePositiveRate: detector.truePositiveRate)
            return Score(
                name: part.name, threshold: threshold.value, kept: threshold.kept,
                keptLower: threshold.interval.lower, keptUpper: threshold.interval.upper, notes: part.notes)
        }
    }

    var lines: [String] {
        var lines = ["fitted to \(rows) rows; thresholds from \(thresholdRows) rows, for \(output)"]
        for score in scores {
            lines.append(
                "\(score.name): novel above \(Format.fixed(score.threshold, 4)), which keeps \(score.kept) of "
                    + "\(thresholdRows) (\(Format.fixed(100 * score.keptLower, 1)) to "
                    + "\(Format.fixed(100 * score.keptUpper, 1)) % of known rows)")
            lines += score.notes.map { "  \($0)" }
        }
        return lines
    }
}
