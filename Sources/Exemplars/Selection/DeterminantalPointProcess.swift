import Foundation
import Matrices

/// The most probable set of a determinantal point process, greedily: rows A that maximise log det L_A with L_ij = q_i · S_ij ·
/// q_j, of high quality and unlike each other (Kulesza and Taskar 2012, arXiv:1207.6083; the incremental Cholesky factor of
/// Chen, Zhang and Zhou 2018, arXiv:1709.05135). O(rows · (D + k)) a step, memory O(rows · k).
public enum DeterminantalPointProcess {
    /// - Parameters:
    ///   - features: `[rows, D]`; S is `exp(−‖x_i − x_j‖²/(2D))`.
    ///   - quality: q, above 0; 1 for all where left out.
    ///   - addsIdentity: log det(I + L_A) instead, which has the same order of preference but never ends.
    /// - Returns: the rows; a gain is the increment of the log determinant. Ends early where nothing is left that the chosen
    ///   rows do not span.
    public static func select<Scalar: MatrixScalar>(
        _ count: Int, of features: Matrix<Scalar>, quality: [Double]? = nil, addsIdentity: Bool = false
    ) -> Selection {
        let rows = features.rows
        let similarity = GaussianSimilarity(features)
        let quality = quality ?? Array(repeating: 1, count: rows)
        precondition(quality.count == rows, "\(quality.count) qualities for \(rows) rows")
        // The Schur complement's diagonal: what is left of each row beside the chosen ones.
        var left = quality.map { $0 * $0 + (addsIdentity ? 1 : 0) }
        var factors: [[Double]] = []
        var free = Array(repeating: true, count: rows)
        var selection = Selection()
        while selection.indices.count < min(count, rows), let best = left.indexOfLargest(where: { free[$0] }) {
            guard left[best] > 1e-12 * quality[best] * quality[best] else { break }
            selection.append(best, gain: log(left[best]))
            free[best] = false
            let root = left[best].squareRoot()
            let similarities = similarity.similarities([best]).elements
            var factor = (0..<rows).map { quality[best] * Double(similarities[$0]) * quality[$0] / root }
            if addsIdentity { factor[best] += 1 / root }
            for earlier in factors {
                let weight = earlier[best] / root
                for row in 0..<rows { factor[row] -= weight * earlier[row] }
            }
            for row in 0..<rows { left[row] -= factor[row] * factor[row] }
            factors.append(factor)
        }
        return selection
    }
}
