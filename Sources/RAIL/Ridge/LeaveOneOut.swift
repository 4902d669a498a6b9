import Matrices

/// Predictions of learnt rows by the ridge solution without them, in closed form: yᵢ − (yᵢ − fᵢ)/(1 − hᵢ), hᵢ being the row's
/// leverage (Rasmussen and Williams 2006, equation 5.12).
enum LeaveOneOut {
    /// - Parameters:
    ///   - scores: fitted scores `[rows, classes]`.
    ///   - leverages: φᵢᵀ(G + λI)⁻¹φᵢ, below 1.
    /// - Returns: the scores without the row, and their variances in units of the noise variance: h/(1 − h).
    static func scores(
        _ scores: Matrix<Float>, leverages: [Double], labels: [Int]
    ) -> (scores: Matrix<Float>, leverages: [Double]) {
        var result = scores
        var variances = leverages
        for (row, label) in labels.enumerated() {
            // Rounding alone can bring a leverage to 1.
            let rest = max(1 - leverages[row], 1e-6)
            for k in 0..<scores.columns {
                let target: Float = k == label ? 1 : 0
                result[row, k] = target - (target - scores[row, k]) / Float(rest)
            }
            variances[row] = leverages[row] / rest
        }
        return (result, variances)
    }
}
