import FeatureData
import Foundation
import Matrices
import Prediction

/// The coefficients of a calibrated gate, fitted by taking one learnt group of classes after another for unknown.
///
/// For each group: its rows are of "candidates", all other rows of "learnt" classes; densities and text features of the
/// group are left out of what is learnt. That gives examples of both sides though no row of a candidate has been seen.
/// Logistic regression, both sides weighing the same, with a small ridge penalty that keeps it finite where the sides are
/// told apart without error.
struct GateFit {
    private var columns: [[Double]] = [[], [], []]
    private var isLearnt: [Bool] = []

    /// Examples from one group taken for unknown.
    ///
    /// - Parameters:
    ///   - typicality: of each row, without the group's density.
    ///   - text: zero-shot logits of the rows, `[rows, classes]`.
    ///   - isUnknown: of each class, whether it is of the group; some are and some are not.
    ///   - labels: the class of each row.
    mutating func add(typicality: [Double], text: Matrix<Float>, isUnknown: [Bool], labels: [Int]) {
        for (row, label) in labels.enumerated() {
            var (learnt, candidate) = (-Float.infinity, -Float.infinity)
            for (k, unknown) in isUnknown.enumerated() {
                if unknown { candidate = max(candidate, text[row, k]) } else { learnt = max(learnt, text[row, k]) }
            }
            columns[0].append(1)
            columns[1].append(typicality[row])
            columns[2].append(Double(learnt - candidate))
            isLearnt.append(!isUnknown[label])
        }
    }

    /// The fitted coefficients; `nil` where there are no examples of one side.
    func coefficients() -> CalibratedGate.Coefficients? {
        let learnt = isLearnt.count { $0 }
        guard learnt > 0, learnt < isLearnt.count else { return nil }
        // More of a density or of a text's lead never speaks against: a negative coefficient is left out.
        var used = [0, 1, 2]
        while true {
            var objective = WeightedLogistic(columns: used.map { columns[$0] }, isPositive: isLearnt)
            guard
                let found = try? ConvexMinimizer.minimize(&objective, from: used.map { _ in 0 }, tolerance: 1e-10)
            else { return nil }
            var all = [0.0, 0, 0]
            for (place, column) in used.enumerated() { all[column] = found.parameters[place] }
            guard let worst = [1, 2].filter({ all[$0] < 0 }).min(by: { all[$0] < all[$1] }) else {
                return CalibratedGate.Coefficients(constant: all[0], density: all[1], text: all[2])
            }
            used.removeAll { $0 == worst }
        }
    }
}

/// Log-loss of a logistic regression, half of it the positive rows' mean and half the others', plus 1e-4·Σ w².
private struct WeightedLogistic: ConvexObjective {
    let columns: [[Double]]
    let isPositive: [Bool]
    private let penalty = 1e-4
    private let shares: (positive: Double, negative: Double)
    private var curvature: [Double] = []

    init(columns: [[Double]], isPositive: [Bool]) {
        (self.columns, self.isPositive) = (columns, isPositive)
        let positives = isPositive.count { $0 }
        shares = (0.5 / Double(max(positives, 1)), 0.5 / Double(max(isPositive.count - positives, 1)))
    }

    mutating func evaluate(at parameters: [Double]) -> (value: Double, gradient: [Double]) {
        var value = parameters.reduce(0) { $0 + penalty * $1 * $1 }
        var gradient = parameters.map { 2 * penalty * $0 }
        curvature = Array(repeating: 0, count: isPositive.count)
        for (row, positive) in isPositive.enumerated() {
            var score = 0.0
            for i in columns.indices { score += parameters[i] * columns[i][row] }
            let share = positive ? shares.positive : shares.negative
            let e = exp(-abs(score))
            let p = (score < 0 ? e : 1) / (1 + e)
            value += share * (max(score, 0) + log1p(e) - (positive ? score : 0))
            for i in columns.indices { gradient[i] += share * (p - (positive ? 1 : 0)) * columns[i][row] }
            curvature[row] = share * p * (score < 0 ? 1 : e) / (1 + e)
        }
        return (value, gradient)
    }

    func hessianProduct(_ direction: [Double]) -> [Double] {
        var result = direction.map { 2 * penalty * $0 }
        for row in isPositive.indices {
            var change = 0.0
            for i in columns.indices { change += direction[i] * columns[i][row] }
            for i in columns.indices { result[i] += curvature[row] * change * columns[i][row] }
        }
        return result
    }
}
