import Matrices
import Prediction

extension Detector {
    /// Fits scores to known rows and looks at what other known rows score.
    ///
    /// - Parameters:
    ///   - unfitted: the scores, with their settings.
    ///   - rows: what they are fitted to; with the head where there is one.
    ///   - others: known rows that give thresholds and p-values. They promise what they should only where neither the
    ///     head nor the scores were fitted to them.
    ///   - progress: told of every score and of the rows gone through; throws `CancellationError` to stop.
    /// - Throws: `NoveltyError`, and what reading the rows throws.
    public static func fitting(
        _ unfitted: [any NoveltyScore], to rows: KnownRows, comparing others: KnownRows, modelFingerprint: String?,
        dataFingerprint: String, truePositiveRate: Double = 0.95, progress: (String) throws -> Void = { _ in }
    ) throws -> Detector {
        var ready: [any NoveltyScore] = []
        for score in unfitted {
            try progress(score.name)
            ready.append(try score.ready(rows))
        }
        var known: [[Float]] = ready.map { _ in [] }
        guard others.count > 0 else { throw NoveltyError.noRows(set: "known") }
        try others.forEachBlock { block in
            for (index, values) in try scores(ready, of: block.features, asking: others.head).enumerated() {
                known[index] += values
            }
        }
        for (score, values) in zip(ready, known) {
            if let row = values.firstIndex(where: \.isNaN) {
                throw NoveltyError.cannotFit(score: score.name, reason: "known row \(row) scores NaN")
            }
        }
        return try Detector(
            parts: zip(ready, known).map { Part(score: $0, knownScores: $1) }, classNames: rows.classNames,
            dimension: rows.dimension, modelFingerprint: modelFingerprint, dataFingerprint: dataFingerprint,
            truePositiveRate: truePositiveRate)
    }
}

extension Detector.Part {
    /// The threshold that keeps a share of known rows.
    ///
    /// - Throws: `NoveltyError.noRows` where the part has no known scores.
    public func threshold(truePositiveRate rate: Double) throws(NoveltyError) -> NoveltyThreshold {
        try NoveltyThreshold(known: knownScores.map(Double.init), truePositiveRate: rate)
    }

    /// P-values from the part's known scores.
    ///
    /// - Throws: `NoveltyError.noRows` where the part has no known scores.
    public func pValues() throws(NoveltyError) -> ConformalPValues {
        try ConformalPValues(known: knownScores.map(Double.init))
    }
}

extension NoveltyScores {
    /// The names of scores to take where none are asked for, the first of which decides: that with the best mean AUROC near
    /// and far on held-out training rows (`Benchmarks/README.md`, "Novelty scores").
    public static func defaults(hasModel: Bool) -> [String] {
        hasModel ? ["class-contrast-energy", "energy", "mahalanobis"] : ["class-contrast", "mahalanobis"]
    }
}
