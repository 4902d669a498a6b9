import Matrices
import Prediction

/// Maximum concept matching: one minus the largest soft-max probability of cos(x, t_k)/τ over the classes' text features t_k
/// (Ming et al. 2022, arXiv:2211.13445, equation 1). 0…1. No model is asked: the zero-shot score of a vision-language
/// encoder. O(classes · D) a row.
///
/// GL-MCM (Miyai et al. 2023, arXiv:2304.04521) adds the same of an image's local features. Rows here are global features,
/// so its global part, which is this score, is all that is possible.
public struct MaximumConceptMatching: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "maximum-concept-matching", summary: "MCM: one minus the largest soft-max of cosines to the classes' text",
        source: "Ming et al. 2022, arXiv:2211.13445", needs: [.features, .fitting, .classText])

    /// τ > 0; 1 in the paper.
    public let temperature: Float

    public init(temperature: Float = 1) {
        precondition(temperature > 0, "temperature \(temperature)")
        self.temperature = temperature
    }

    public func checkSettings() throws(NoveltyError) { try check(positive: temperature, "temperature") }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> ConceptTexts {
        guard let text = rows.classText else { throw NoveltyError.missing(.classText, score: name) }
        return ConceptTexts(classes: text.normalizedRows(), others: Matrix(rows: 0, columns: text.columns))
    }

    public func scores(for input: NoveltyInput, model: ConceptTexts) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { block in
            let cosines = block.normalizedRows().multiplied(by: model.classes, .transposed, scaledBy: 1 / temperature)
            // All but the largest is added up, so that a probability next to 1 keeps its digits.
            return cosines.softmax().splittingOffRowMaxima(replacement: 0).rest.rowSums()
        }
    }
}

/// Unit-length text features: of the classes `[classes, D]` and of other words `[words, D]`.
public struct ConceptTexts: NoveltyModel {
    let classes: Matrix<Float>
    let others: Matrix<Float>

    init(classes: Matrix<Float>, others: Matrix<Float>) { (self.classes, self.others) = (classes, others) }

    public func write(to archive: inout ScoreArchive) {
        archive.set(classes, as: "class_text")
        archive.set(others, as: "other_text")
    }

    public init(archive: ScoreArchive) throws {
        classes = try archive.matrix("class_text", rows: archive.classes, columns: archive.dimension)
        others = try archive.matrix("other_text", columns: classes.columns)
        guard classes.rows > 0 else { throw archive.damaged("class_text", "has no rows") }
    }
}
