import Matrices
import Prediction

/// fDBD: minus the mean distance to the decision boundaries between the predicted class and each other, over the distance
/// from the mean m of the known rows: −mean_{c≠ŷ} (z_ŷ − z_c)/‖w_ŷ − w_c‖ / ‖x − m‖ (Liu and Qin 2024,
/// arXiv:2312.11536, equations 4 and 5).
///
/// `LinearClassifier` says what stands for the classifier. O(D · classes) a row.
public struct DecisionBoundaryDistance: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "fdbd", summary: "Minus the mean distance to the decision boundaries, over that to the mean row",
        source: "Liu and Qin 2024, arXiv:2312.11536", needs: [.features, .fitting, .labels])

    public init() {}

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> CentredClassifier {
        try CentredClassifier(rows, notes: &notes)
    }

    public func scores(for input: NoveltyInput, model: CentredClassifier) throws -> [Float] {
        let negated = model.mean.map { -$0 }
        let inverses = model.classifier.inverseWeightDistances()
        let classes = model.classifier.classes
        return RowBlocks.scores(try input.features(for: self)) { block in
            let logits = model.classifier.logits(block)
            let norms = block.adding(row: negated).rowNorms()
            return logits.rowArgmaxima().enumerated().map { row, predicted in
                let own = logits.pointer + row * classes
                let inverse = inverses.pointer + predicted * classes
                var sum: Float = 0
                for other in 0..<classes { sum += (own[predicted] - own[other]) * inverse[other] }
                return -sum / (Float(max(classes - 1, 1)) * max(norms[row], 1e-8))
            }
        }
    }
}

extension LinearClassifier {
    /// 1/‖w_i − w_j‖ `[classes, classes]`; 0 where the two are the same.
    fileprivate func inverseWeightDistances() -> Matrix<Float> {
        let exact = Matrix<Double>(weight)
        var result = Matrix<Float>(rows: classes, columns: classes)
        for first in 0..<classes {
            let differences = exact.adding(row: exact.row(first).map { -$0 })
            for (second, square) in differences.rowSquaredNorms().enumerated() where square > 0 {
                result[first, second] = Float(1 / square.squareRoot())
            }
        }
        return result
    }
}
