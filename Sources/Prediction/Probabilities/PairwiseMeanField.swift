import Foundation
import Matrices

/// The pairwise mean-field approximation; see `PredictiveMethod.pairwiseMeanField`.
enum PairwiseMeanField {
    /// `[rows, classes]`. O(rows · classes²).
    static func logProbabilities(of posterior: LogitPosterior) -> Matrix<Double> {
        let (rows, classes) = (posterior.rows, posterior.classes)
        var result = Matrix<Double>(rows: rows, columns: classes)
        // Each block writes its own rows.
        nonisolated(unsafe) let target = result.mutablePointer()
        let blockRows = 64
        Parallelism.forEach(pieces: (rows + blockRows - 1) / blockRows) { block in
            for row in (block * blockRows)..<min(rows, (block + 1) * blockRows) {
                let mean = posterior.mean.row(row).map { Double($0) }
                let variance = posterior.variance.row(row).map { Double($0) }
                let scores = (0..<classes).map { i -> Double in
                    var terms = [Double](repeating: 0, count: classes)
                    for k in 0..<classes where k != i {
                        let spread = 1 + Double.pi / 8 * (variance[i] + variance[k])
                        terms[k] = (mean[k] - mean[i]) / spread.squareRoot()
                    }
                    return -logSumExp(terms)
                }
                let total = logSumExp(scores)
                for k in 0..<classes { target[row * classes + k] = scores[k] - total }
            }
        }
        return result
    }
}
