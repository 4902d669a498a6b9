import Matrices
import Prediction

/// NCI: how far a row, seen from the mean m of the known rows, points away from the weights of the predicted class:
/// −(x − m)·w_ŷ/‖x − m‖ − α·‖x‖₁ (Liu and Qin 2023, arXiv:2311.01479, equations 5 and 6).
///
/// `LinearClassifier` says what stands for the classifier. α = 0 leaves the norm out, which says little of rows of unit
/// length. O(D · classes) a row.
public struct NeuralCollapse: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "nci", summary: "Alignment of the centred row with the weights of the predicted class",
        source: "Liu and Qin 2023, arXiv:2311.01479", needs: [.features, .fitting, .labels])

    /// α, from 0.
    public var normWeight: Float

    public init(normWeight: Float = 0) { self.normWeight = normWeight }

    public func checkSettings() throws(NoveltyError) {
        try require(normWeight >= 0 && normWeight.isFinite, "normWeight", normWeight, "a finite number from 0")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> CentredClassifier {
        try CentredClassifier(rows, notes: &notes)
    }

    public func scores(for input: NoveltyInput, model: CentredClassifier) throws -> [Float] {
        let (negated, weight) = (model.mean.map { -$0 }, normWeight)
        return RowBlocks.scores(try input.features(for: self)) { block in
            let centred = block.adding(row: negated)
            let predicted = model.classifier.logits(block).rowArgmaxima()
            let aligned = centred.multipliedElementwise(by: model.classifier.weight.selectingRows(predicted)).rowSums()
            var result = zip(aligned, centred.rowNorms()).map { -$0 / max($1, .leastNormalMagnitude) }
            guard weight > 0 else { return result }
            for (row, norm) in block.absolute().rowSums().enumerated() { result[row] -= weight * norm }
            return result
        }
    }
}
