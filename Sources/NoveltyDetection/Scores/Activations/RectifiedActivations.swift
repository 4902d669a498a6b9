import Matrices
import Prediction

/// ReAct: the energy of the logits when activations are clipped from above at a percentile of all activations of known
/// rows (Sun, Guo and Li 2021, arXiv:2111.12797).
///
/// Made for activations that are not negative. `LinearClassifier` says what gives the logits; the percentile is that of
/// at most 10,000 known rows. O(D · classes) a row.
public struct RectifiedActivations: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "react", summary: "Energy with activations clipped from above (made for non-negative ones)",
        source: "Sun, Guo and Li 2021, arXiv:2111.12797", needs: [.features, .fitting, .labels])

    /// 0…1.
    public var percentile: Double

    public init(percentile: Double = 0.9) { self.percentile = percentile }

    public func checkSettings() throws(NoveltyError) {
        try require(percentile >= 0 && percentile <= 1, "percentile", percentile, "0 to 1")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        Model(
            classifier: try rows.linearClassifier(notes: &notes),
            limit: quantile(ofSorted: try rows.activationSample().elements.sorted(), percentile))
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        let limit = model.limit
        return model.classifier.energies(try input.features(for: self)) { block in
            block.mapInPlace { min($0, limit) }
        }
    }

    public struct Model: NoveltyModel {
        let classifier: LinearClassifier
        let limit: Float

        init(classifier: LinearClassifier, limit: Float) {
            self.classifier = classifier
            self.limit = limit
        }

        public func write(to archive: inout ScoreArchive) throws {
            try classifier.write(to: &archive)
            archive.set([limit], as: "limit")
        }

        public init(archive: ScoreArchive) throws {
            classifier = try LinearClassifier(archive: archive)
            limit = try archive.vector("limit", count: 1)[0]
        }
    }
}
