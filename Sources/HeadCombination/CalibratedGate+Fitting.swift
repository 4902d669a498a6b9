import FeatureData
import Foundation
import Matrices
import Prediction

/// Examples of rows of learnt and of unknown classes, made by taking a group of learnt classes for unknown: its rows are of
/// "candidates", all other rows of "learnt" classes, and the group's density and text features are left out of what is
/// learnt. So there are examples of both sides though no row of a candidate has been seen.
struct GateExamples: Sendable, Equatable {
    /// a and b of `CalibratedGate`, and the side, of each row.
    private(set) var typicality: [Double] = []
    private(set) var lead: [Double] = []
    private(set) var isLearnt: [Bool] = []

    /// - Parameters:
    ///   - typicality: of each row, without the group's density.
    ///   - text: zero-shot logits of the rows, `[rows, classes]`.
    ///   - isUnknown: of each class, whether it is of the group; some are and some are not.
    ///   - labels: the class of each row.
    init(typicality: [Double], text: Matrix<Float>, isUnknown: [Bool], labels: [Int]) {
        self.typicality = typicality
        for (row, label) in labels.enumerated() {
            var (learnt, candidate) = (-Float.infinity, -Float.infinity)
            for (k, unknown) in isUnknown.enumerated() {
                if unknown { candidate = max(candidate, text[row, k]) } else { learnt = max(learnt, text[row, k]) }
            }
            lead.append(Double(learnt - candidate))
            isLearnt.append(!isUnknown[label])
        }
    }

    var count: Int { isLearnt.count }

    /// `[rows, 3]`: typicality, lead and 1 for learnt, as model files hold them.
    var table: Matrix<Double> {
        Matrix(
            rows: count, columns: 3,
            elements: isLearnt.indices.flatMap { [typicality[$0], lead[$0], isLearnt[$0] ? 1 : 0] })
    }

    init(table: Matrix<Double>) {
        for row in 0..<table.rows {
            typicality.append(table[row, 0])
            lead.append(table[row, 1])
            isLearnt.append(table[row, 2] != 0)
        }
    }
}

extension CalibratedGate.Coefficients {
    /// Those of a logistic regression on several groups of examples, all groups and in each both sides weighing the same,
    /// with a small ridge penalty that keeps it finite where the sides are told apart without error. More of a density or
    /// of a text's lead never speaks against: where that would be negative it is left out.
    ///
    /// - Returns: `nil` where no group has examples of both sides.
    static func fit(_ groups: [GateExamples]) -> CalibratedGate.Coefficients? {
        let groups = groups.filter { Set($0.isLearnt).count == 2 }
        guard !groups.isEmpty else { return nil }
        var columns = [[Double]](repeating: [], count: 3)
        var (isLearnt, shares): ([Bool], [Double]) = ([], [])
        for group in groups {
            columns[0] += Array(repeating: 1, count: group.count)
            columns[1] += group.typicality
            columns[2] += group.lead
            isLearnt += group.isLearnt
            let learnt = group.isLearnt.count { $0 }
            shares += group.isLearnt.map { 0.5 / Double($0 ? learnt : group.count - learnt) / Double(groups.count) }
        }
        var used = [0, 1, 2]
        while true {
            var objective = WeightedLogistic(columns: used.map { columns[$0] }, isPositive: isLearnt, shares: shares)
            guard let found = try? ConvexMinimizer.minimize(&objective, from: used.map { _ in 0 }, tolerance: 1e-10)
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

/// Log-loss of a logistic regression, each row by its share, plus 1e-4·Σ w².
private struct WeightedLogistic: ConvexObjective {
    let columns: [[Double]]
    let isPositive: [Bool]
    private let penalty = 1e-4
    let shares: [Double]
    private var curvature: [Double] = []

    init(columns: [[Double]], isPositive: [Bool], shares: [Double]) {
        (self.columns, self.isPositive, self.shares) = (columns, isPositive, shares)
    }

    mutating func evaluate(at parameters: [Double]) -> (value: Double, gradient: [Double]) {
        var value = parameters.reduce(0) { $0 + penalty * $1 * $1 }
        var gradient = parameters.map { 2 * penalty * $0 }
        curvature = Array(repeating: 0, count: isPositive.count)
        for (row, positive) in isPositive.enumerated() {
            var score = 0.0
            for i in columns.indices { score += parameters[i] * columns[i][row] }
            let share = shares[row]
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
