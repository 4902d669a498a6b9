import FeatureData
import Matrices
import Prediction

extension NoveltyFitPart {
    /// The detector of all shards' rows.
    ///
    /// - Parameters:
    ///   - parts: with the names of their files, in any order; the result does not depend on it.
    ///   - head: the model that the parts are for.
    ///   - modelFingerprint: of its archive.
    /// - Throws: `ShardSetError` for missing and repeated shards, `NoveltyError.parts` for parts of different fits and
    ///   `.otherModel` for those of another model; what fitting throws.
    public static func detector(
        joining parts: [(name: String, part: NoveltyFitPart)], head: (any Head)?, modelFingerprint: String?,
        progress: (String) throws -> Void = { _ in }
    ) throws -> Detector {
        let sorted = try ShardSet.order(parts.map { ($0.name, $0.part.shard) }).map { parts[$0] }
        let (first, agreement) = (sorted[0], sorted[0].part.agreement)
        for (name, part) in sorted.dropFirst() {
            guard let difference = part.agreement.difference(from: agreement) else { continue }
            throw NoveltyError.parts(
                name, first.name, what: difference.what, found: difference.own, expected: difference.other)
        }
        guard agreement.model == modelFingerprint else {
            throw NoveltyError.otherModel(
                what: "the model's fingerprint is", found: modelFingerprint ?? "none, there is no model",
                expected: agreement.model ?? "none, the parts are of a fit without a model")
        }
        var known = KnownRows(
            count: agreement.rows, dimension: agreement.dimension, classNames: agreement.classNames,
            classText: first.part.classText, logitScale: agreement.logitScale, seed: agreement.seed,
            head: head,
            pass: { _ in throw NoveltyError.knownRows(reason: "rows of shards cannot be gone through") })
        known.otherWords = first.part.words
        known.kept = Dictionary(
            uniqueKeysWithValues: agreement.samples.enumerated().map { place, sample in
                (sample, joined(sorted.map { $0.part.samples[place] }))
            })
        for unitLength in agreement.statistics {
            _ = try known.shared.statistics(unitLength: unitLength) {
                RowStatistics(joining: sorted.compactMap { $0.part.statistics[unitLength] })
            }
        }
        let compared = KnownRows(
            joined(sorted.map(\.part.compared)), classNames: agreement.classNames, head: head, seed: agreement.seed)
        return try Detector.fitting(
            agreement.scores.map { try NoveltyScores.named($0.name, settings: $0.settings) }, to: known, comparing: compared,
            modelFingerprint: agreement.model, dataFingerprint: agreement.data, truePositiveRate: agreement.truePositiveRate,
            progress: progress)
    }

    private static func joined(_ rows: [LabelledFeatures]) -> LabelledFeatures {
        LabelledFeatures(features: Matrix(stacking: rows.map(\.features)), labels: rows.flatMap(\.labels))
    }
}

extension NoveltyFitPart.Agreement {
    /// The first thing that is not the same in `other`, with both values; nil where they agree.
    func difference(from other: Self) -> (what: String, own: String, other: String)? {
        zip(described, other.described).first { $0.value != $1.value }.map { ($0.what, $0.value, $1.value) }
    }

    private var described: [(what: String, value: String)] {
        [
            ("the scores", scores.map { "\($0.name):\($0.settings)" }.joined(separator: " ")),
            ("the model (its fingerprint)", model ?? "none"),
            ("the classes", classNames.joined(separator: ", ")),
            ("the length of rows", "\(dimension)"),
            ("the number of rows of all shards", "\(rows)"),
            ("the number of rows to compare with", "\(compared)"),
            ("the share of known rows that passes", "\(truePositiveRate)"),
            ("the seed", "\(seed)"),
            ("the text features (their fingerprint)", "\(text) \(logitScale)"),
            ("the data (their fingerprint)", data),
            ("what is kept of the rows", "\(samples) \(statistics) \(comparedLimit) \(isHeldOut)"),
        ]
    }
}
