import Foundation
import Matrices

/// Split conformal prediction: sets of classes that hold the label with a chosen probability, whatever the model, as long
/// as the rows to come are exchangeable with those it was calibrated on (Vovk, Gammerman and Shafer 2005).
///
/// The scores of the calibration rows are kept, so that any error rate can be asked for afterwards.
public struct ConformalPredictor: Sendable, Equatable {
    /// Which rows have thresholds of their own.
    public enum Condition: String, Sendable, Hashable, Codable, CaseIterable {
        /// One threshold: coverage over all rows together.
        case marginal
        /// One a class: coverage for the rows of every class (Vovk 2012, "Mondrian").
        case perClass = "class"
        /// One a task.
        case perTask = "task"
    }

    public let score: ConformalScore
    public let condition: Condition
    /// The group of each class: all 0, its own number, or its task.
    public let groups: [Int]
    /// The calibration rows' scores of their labels, of each group, ascending.
    public let scores: [[Double]]

    public var classes: Int { groups.count }
    public var rows: Int { scores.reduce(0) { $0 + $1.count } }

    /// - Parameters:
    ///   - probabilities: of rows that neither the model nor its calibration was fitted on, `[rows, classes]`.
    ///   - uniforms: one number in 0…1 a row for randomised scores; none for deterministic ones.
    ///   - tasks: the task of each class, for `perTask`.
    /// - Throws: `CalibrationError`.
    public init(
        _ score: ConformalScore, condition: Condition = .marginal, probabilities: Matrix<Double>, labels: [Int],
        uniforms: [Double]? = nil, tasks: [Int] = []
    ) throws(CalibrationError) {
        let classes = probabilities.columns
        try CalibrationError.check(probabilities.elements, rows: probabilities.rows, classes: classes, labels: labels)
        precondition(uniforms.map { $0.count == labels.count } ?? true, "one uniform number a row")
        precondition(condition != .perTask || tasks.count == classes, "\(tasks.count) tasks for \(classes) classes")
        let groups =
            switch condition {
            case .marginal: [Int](repeating: 0, count: classes)
            case .perClass: Array(0..<classes)
            case .perTask: tasks
            }
        var scores = [[Double]](repeating: [], count: (groups.max() ?? 0) + 1)
        for (row, label) in labels.enumerated() {
            scores[groups[label]].append(score.scores(probabilities.row(row), uniform: uniforms?[row] ?? 0)[label])
        }
        self.init(score: score, condition: condition, groups: groups, scores: scores.map { $0.sorted() })
    }

    /// `scores` ascending in each group.
    init(score: ConformalScore, condition: Condition, groups: [Int], scores: [[Double]]) {
        (self.score, self.condition, self.groups, self.scores) = (score, condition, groups, scores)
    }

    /// The thresholds of the groups at an error rate of `alpha`: the k-th smallest of n scores, k = ⌈(n + 1)(1 − α)⌉,
    /// infinite where k > n (too few rows to promise that much).
    public func thresholds(alpha: Double) -> [Double] {
        scores.map { scores in
            let k = Self.rank(alpha: alpha, rows: scores.count)
            return k <= scores.count ? scores[k - 1] : .infinity
        }
    }

    /// ⌈(n + 1)(1 − α)⌉, 1 at least; (n + 1)(1 − α) that is a whole number but for rounding is that number.
    public static func rank(alpha: Double, rows: Int) -> Int {
        let exact = Double(rows + 1) * (1 - alpha)
        let nearest = exact.rounded()
        return max(1, Int(abs(exact - nearest) < 1e-9 * Double(rows + 1) ? nearest : exact.rounded(.up)))
    }

    /// The set of a row: the classes whose score is at most their group's threshold, most probable first. It may be empty.
    public func set(_ probabilities: [Double], thresholds: [Double], uniform u: Double = 0) -> [Int] {
        precondition(probabilities.count == classes, "\(probabilities.count) probabilities, expected \(classes)")
        let scores = score.scores(probabilities, uniform: u)
        return probabilities.indices.filter { scores[$0] <= thresholds[groups[$0]] }
            .sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }
    }

    /// For each class the largest error rate at which a set still holds it: (1 + calibration rows at least as strange)/(n +
    /// 1).
    public func pValues(_ probabilities: [Double], uniform u: Double = 0) -> [Double] {
        let own = score.scores(probabilities, uniform: u)
        return probabilities.indices.map { k in
            let group = scores[groups[k]]
            var (low, high) = (0, group.count)  // the first score that is not below
            while low < high {
                let middle = (low + high) / 2
                if group[middle] < own[k] { low = middle + 1 } else { high = middle }
            }
            return Double(1 + group.count - low) / Double(group.count + 1)
        }
    }
}
