import Matrices

/// RAIL's fusion with zero-shot (Xu et al. 2024, section 4.3): zero-shot decides, among the classes learnt and all others
/// that are candidates, whether a row belongs to a known domain; the scores of rows that do are mixed.
public enum RAILFusion {
    /// - Parameters:
    ///   - zeroShot: zero-shot logits `[rows, candidates]`; the first `scores.columns` candidates are the learnt classes.
    ///   - scores: regression scores `[rows, learnt classes]`.
    ///   - weight: f, 0…1.
    /// - Returns: `[rows, candidates]`: zero-shot probabilities of rows whose best candidate is not learnt; else
    ///   (1 − f)·probabilities + f·scores, where candidates that are not learnt have the score 0. Not probabilities: scores
    ///   may be negative, and rows do not sum to 1.
    public static func scores(zeroShot: Matrix<Float>, scores: Matrix<Float>, weight: Float) -> Matrix<Float> {
        precondition(
            zeroShot.rows == scores.rows && zeroShot.columns >= scores.columns,
            "zero-shot [\(zeroShot.rows), \(zeroShot.columns)], scores [\(scores.rows), \(scores.columns)]")
        var result = zeroShot.softmax()
        let best = zeroShot.rowArgmaxima()
        let (candidates, learnt) = (zeroShot.columns, scores.columns)
        let (target, source) = (result.mutablePointer(), scores.pointer)
        for row in 0..<zeroShot.rows where best[row] < learnt {
            let own = target + row * candidates
            for k in 0..<candidates {
                own[k] = (1 - weight) * own[k] + (k < learnt ? weight * source[row * learnt + k] : 0)
            }
        }
        withExtendedLifetime(scores) {}
        return result
    }

    /// Variances of scores after fusion: zero-shot has none.
    ///
    /// - Parameter weight: f; nil where scores stay as they are.
    static func variances(_ variances: [Double], weight: Float?) -> [Double] {
        guard let weight else { return variances }
        return variances.map { $0 * Double(weight) * Double(weight) }
    }
}
