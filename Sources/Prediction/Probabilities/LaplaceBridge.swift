import Foundation
import Matrices

/// The Laplace bridge: a Dirichlet distribution over probabilities in place of a Gaussian over logits (Hobbhahn, Kristiadi
/// and Hennig 2022, arXiv:2003.01227; MacKay 1998, doi:10.1023/A:1007558615313).
///
/// Taken are the moments of the logits less their average, which is what moves the softmax: variances v_k·(1 − 2/K) +
/// Σv/K² in place of v_k. So a common offset changes nothing. Then α_k = (1 − 2/K + e^{m_k}/K²·Σ_l e^{−m_l}) / v_k.
public enum LaplaceBridge {
    /// What the bridge finds for each row.
    public struct Dirichlet: Sendable {
        /// Logarithms of the concentrations α, `[rows, classes]`; +∞ throughout a row without variance.
        public var logConcentrations: Matrix<Double>
        /// log Σα, `[rows]`: the precision, high where the logits are well known.
        public var logPrecision: [Double]
    }

    /// O(rows · classes).
    public static func dirichlet(of posterior: LogitPosterior) -> Dirichlet {
        let (rows, classes) = (posterior.rows, posterior.classes)
        let count = Double(classes)
        var result = Dirichlet(
            logConcentrations: Matrix(rows: rows, columns: classes), logPrecision: Array(repeating: 0, count: rows))
        for row in 0..<rows {
            let mean = posterior.mean.row(row).map { Double($0) }
            let own = posterior.variance.row(row).map { Double($0) }
            let total = own.reduce(0, +)
            let variance = own.map { $0 * (1 - 2 / count) + total / (count * count) }
            let opposite = logSumExp(mean.map { -$0 })
            for k in 0..<classes {
                // 1 − 2/K is negative for one class, where the softmax is 1 whatever the logit.
                let terms = [log(max(0, 1 - 2 / count)), mean[k] + opposite - 2 * log(count)]
                result.logConcentrations[row, k] =
                    total > 0 ? logSumExp(terms) - log(max(variance[k], .leastNormalMagnitude)) : .infinity
            }
            result.logPrecision[row] = logSumExp(result.logConcentrations.row(row))
        }
        return result
    }

    /// Logarithms of the Dirichlet's mean; of the softmax in rows without variance.
    static func logProbabilities(of posterior: LogitPosterior) -> Matrix<Double> {
        let dirichlet = dirichlet(of: posterior)
        var result = dirichlet.logConcentrations
        for row in 0..<posterior.rows {
            let isKnown = dirichlet.logPrecision[row] == .infinity
            let values = isKnown ? posterior.mean.row(row).map { Double($0) } : result.row(row)
            let total = logSumExp(values)
            for k in 0..<posterior.classes { result[row, k] = values[k] - total }
        }
        return result
    }
}

/// log Σ exp(values); −∞ of nothing.
func logSumExp(_ values: some Sequence<Double>) -> Double {
    let values = Array(values)
    guard let largest = values.max(), largest.isFinite else { return values.max() ?? -.infinity }
    return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
}
