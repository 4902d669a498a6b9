import Foundation
import Matrices
import Prediction

/// KL-matching: the divergence min_k KL(p ‖ d_k) of a row's soft-max p from the nearest typical one, d_k being the mean
/// soft-max of the known rows that are predicted as class k (Hendrycks et al. 2022, arXiv:1911.11132, section 4.2), in
/// nats. Labels are not used. O(classes²) a row.
public struct KLMatching: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "kl-matching", summary: "Divergence of the class probabilities from the nearest class's typical ones",
        source: "Hendrycks et al. 2022, arXiv:1911.11132", needs: [.posterior, .fitting])

    public init() {}

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> TypicalProbabilities {
        let classes = rows.classNames.count
        var (sums, counts) = (Matrix<Double>(rows: classes, columns: classes), [Int](repeating: 0, count: classes))
        try rows.forEachBlock(posterior: true) { block in
            guard let mean = block.posterior?.mean else { return }
            let probabilities = Matrix<Double>(mean.softmax())
            let totals = sums.mutablePointer()
            for (row, winner) in probabilities.rowArgmaxima().enumerated() {
                counts[winner] += 1
                let own = totals + winner * classes
                Double.Kernels.combine(own, 1, own, 1, probabilities.pointer + row * classes, classes)
            }
        }
        let predicted = counts.indices.filter { counts[$0] > 0 }
        if predicted.count < classes {
            notes.append("no known row is predicted as \(classes - predicted.count) of the classes; they are never matched")
        }
        var logs = Matrix<Float>(uninitialized: predicted.count, classes)
        for (row, k) in predicted.enumerated() {
            for j in 0..<classes {
                logs[row, j] = Float(log(max(sums[k, j] / Double(counts[k]), Double(Float.leastNormalMagnitude))))
            }
        }
        return TypicalProbabilities(logs: logs)
    }

    public func scores(for input: NoveltyInput, model: TypicalProbabilities) throws -> [Float] {
        try scoresOfMeanLogits(input) { logits in
            let logs = logits.logSoftmax()
            let p = logs.exp()
            let matches = p.multiplied(by: model.logs, .transposed).rowMaxima()
            return (0..<p.rows).map { row in
                let own = Float.Kernels.dot(p.pointer + row * p.columns, logs.pointer + row * p.columns, p.columns)
                return max(0, own - matches[row])
            }
        }
    }
}

/// ln d_k of the classes that were predicted, `[predicted classes, classes]`, not below ln 2⁻¹²⁶.
public struct TypicalProbabilities: NoveltyModel {
    let logs: Matrix<Float>

    init(logs: Matrix<Float>) { self.logs = logs }

    public func write(to archive: inout ScoreArchive) { archive.set(logs, as: "log_typical_probabilities") }

    public init(archive: ScoreArchive) throws {
        logs = try archive.matrix("log_typical_probabilities", columns: archive.classes)
        guard logs.rows > 0 else { throw archive.damaged("log_typical_probabilities", "has no rows") }
    }
}
