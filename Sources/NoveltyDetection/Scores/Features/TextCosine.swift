import Matrices
import Prediction

/// One minus the largest cosine to a class's text feature, 1 − max_c cos(x, t_c): zero-shot matching without soft-max
/// (Ming et al. 2022, arXiv:2211.13445, at an infinite temperature). 0…2, whatever the head has learnt.
/// O(D · classes) a row.
public struct TextCosine: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "text-cosine", summary: "One minus the largest cosine to a class's text feature",
        source: "Ming et al. 2022, arXiv:2211.13445", needs: [.features, .fitting, .classText])

    public init() {}

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        guard let text = rows.classText else { throw NoveltyError.missing(.classText, score: name) }
        return Model(text: text.normalizedRows())
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { block in
            block.normalizedRows().multiplied(by: model.text, .transposed).rowMaxima().map { 1 - $0 }
        }
    }

    public struct Model: NoveltyModel {
        /// Of unit length, `[classes, D]`.
        let text: Matrix<Float>

        init(text: Matrix<Float>) { self.text = text }

        public func write(to archive: inout ScoreArchive) throws { archive.set(text, as: "text") }
        public init(archive: ScoreArchive) throws {
            text = try archive.matrix("text", rows: archive.classes, columns: archive.dimension)
        }
    }
}
