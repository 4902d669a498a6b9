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
    /// By how many nats the best learnt class is more probable than the best candidate at even odds of the two groups.
    private(set) var answerLead: [Double] = []
    /// Whether zero-shot's best candidate is the row's class; false for rows of learnt classes.
    private(set) var isRightCandidate: [Bool] = []

    /// - Parameters:
    ///   - typicality: of each row, without the group's density.
    ///   - head: what the head says of rows that it has not learnt, `[rows, classes]`.
    ///   - text: zero-shot logits of the rows, `[rows, classes]`.
    ///   - isUnknown: of each class, whether it is of the group; some are and some are not.
    ///   - labels: the class of each row.
    init(typicality: [Double], head: LogitPosterior, text: Matrix<Float>, isUnknown: [Bool], labels: [Int]) {
        self.typicality = typicality
        let (known, unknown) = (isUnknown.indices.filter { !isUnknown[$0] }, isUnknown.indices.filter { isUnknown[$0] })
        let weights = head.logExpectedExponentials
        /// The largest of some entries of a row, where it is, and the logarithm of its share of their exponentials.
        func best(_ matrix: Matrix<Float>, _ row: Int, _ classes: [Int]) -> (value: Float, index: Int, logShare: Double) {
            var (value, index, sum) = (-Float.infinity, -1, 0.0)
            for k in classes where matrix[row, k] > value { (value, index) = (matrix[row, k], k) }
            for k in classes { sum += exp(Double(matrix[row, k] - value)) }
            return (value, index, -log(sum))
        }
        for (row, label) in labels.enumerated() {
            let candidate = best(text, row, unknown)
            lead.append(Double(best(text, row, known).value - candidate.value))
            isLearnt.append(!isUnknown[label])
            answerLead.append(best(weights, row, known).logShare - candidate.logShare)
            isRightCandidate.append(candidate.index == label)
        }
    }

    var count: Int { isLearnt.count }

    /// `[rows, 5]`: typicality, lead, 1 for learnt, lead of the answer and 1 for a right candidate, as model files hold them.
    var table: Matrix<Double> {
        Matrix(
            rows: count, columns: Self.columns,
            elements: isLearnt.indices.flatMap {
                [typicality[$0], lead[$0], isLearnt[$0] ? 1 : 0, answerLead[$0], isRightCandidate[$0] ? 1 : 0]
            })
    }

    static let columns = 5

    init(table: Matrix<Double>) {
        for row in 0..<table.rows {
            typicality.append(table[row, 0])
            lead.append(table[row, 1])
            isLearnt.append(table[row, 2] != 0)
            answerLead.append(table[row, 3])
            isRightCandidate.append(table[row, 4] != 0)
        }
    }
}

extension CalibratedGate.Coefficients {
    /// Those that best tell the two sides apart, with the constant lowered until rows of the groups taken for unknown are
    /// answered right as often as by zero-shot alone: what a head has learnt then takes nothing from classes that it has not.
    ///
    /// - Returns: `nil` where no group has examples of both sides.
    static func fit(_ groups: [GateExamples]) -> CalibratedGate.Coefficients? {
        let groups = groups.filter { Set($0.isLearnt).count == 2 }
        guard var found = logistic(groups) else { return nil }
        // Of rows whose best candidate is right: the log odds at which they are answered with it, and what each counts.
        var answers: [(odds: Double, share: Double)] = []
        var wanted = 0.0
        for group in groups {
            let share = 1 / Double(group.isLearnt.count { !$0 })
            for row in 0..<group.count where group.isRightCandidate[row] {
                let odds = found.constant + found.density * group.typicality[row] + found.text * group.lead[row]
                answers.append((odds + group.answerLead[row], share))
                if group.lead[row] < 0 { wanted += share }
            }
        }
        answers.sort { $0.odds < $1.odds }
        var reached = 0.0
        let fitted = found.constant
        for answer in answers where reached < wanted - 1e-9 {
            reached += answer.share
            // The row is answered right as soon as its odds are below even.
            found.constant = min(fitted, fitted - answer.odds - 1e-6)
        }
        return found
    }

    /// Those of a logistic regression on several groups of examples, all groups and in each both sides weighing the same,
    /// with a small ridge penalty that keeps it finite where the sides are told apart without error. More of a density or
    /// of a text's lead never speaks against: where that would be negative it is left out.
    private static func logistic(_ groups: [GateExamples]) -> CalibratedGate.Coefficients? {
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
