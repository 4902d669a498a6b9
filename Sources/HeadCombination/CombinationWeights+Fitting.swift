import Foundation
import Matrices
import Prediction

extension CombinationWeights {
    /// How weights are fitted.
    public struct Rule: Sendable, Equatable, Codable {
        /// λ of λ·Σ d², in nats a row, which holds the corrections of single tasks to zero; `nil` for none.
        public var taskPenalty: Double?
        /// The standard deviation of the normal prior, around zero, on the constants of classes, in nats; 0 for none.
        public var classDeviation: Double

        public init(taskPenalty: Double? = nil, classDeviation: Double = 0.5) {
            (self.taskPenalty, self.classDeviation) = (taskPenalty, classDeviation)
        }
    }

    /// The weights with the smallest mean negative log-likelihood of `labels` under softmax of the combined means, then
    /// the scale with the smallest one under the exact predictive probabilities, so that means and variances together
    /// are calibrated.
    ///
    /// Convex; a head whose weight would be negative is left out. O(heads · rows · classes) a step, some hundred steps.
    /// - Parameters:
    ///   - posteriors: of each head, for rows that no head has learnt.
    ///   - tasks: the task of each class.
    /// - Returns: equal weights where there are no rows or fewer than two classes.
    public static func fit(
        _ posteriors: [LogitPosterior], labels: [Int], tasks: [Int], rule: Rule = Rule()
    ) -> CombinationWeights {
        let heads = posteriors.count
        guard heads > 0, !labels.isEmpty, tasks.count > 1 else { return .equal(heads) }
        var weights = fitted(posteriors, labels, tasks, rule)
        weights.scale = bestScale(weights.combine(posteriors, tasks: tasks), labels)
        return weights
    }

    private static func fitted(
        _ posteriors: [LogitPosterior], _ labels: [Int], _ tasks: [Int], _ rule: Rule
    ) -> CombinationWeights {
        let heads = posteriors.count
        let taskCount = rule.taskPenalty == nil ? 0 : (tasks.max() ?? -1) + 1
        var used = Array(0..<heads)
        while !used.isEmpty {
            let objective = CombinationObjective(
                logits: used.map { Matrix<Double>(posteriors[$0].mean) }, labels: labels, tasks: tasks,
                taskCount: taskCount, taskPenalty: rule.taskPenalty ?? 0, classDeviation: rule.classDeviation)
            var working = objective
            let start = used.map { _ in 1 / Double(heads) } + Array(repeating: 0, count: objective.size - used.count)
            guard let found = try? ConvexMinimizer.minimize(&working, from: start, tolerance: 1e-8).parameters else { break }
            if let worst = used.indices.filter({ found[$0] < 0 }).min(by: { found[$0] < found[$1] }) {
                used.remove(at: worst)
                continue
            }
            var result = CombinationWeights(heads: Array(repeating: 0, count: heads))
            for (place, head) in used.enumerated() { result.heads[head] = found[place] }
            result.constants = objective.constants.map { found[$0] }
            result.corrections = (0..<taskCount).map { task in
                (0..<heads).map { head in
                    used.firstIndex(of: head).map { found[objective.correction(ofTask: task, head: $0)] } ?? 0
                }
            }
            return result
        }
        return .equal(heads)
    }

    /// The factor in ½…2 on the logits with the least negative log-likelihood, by golden sections (Kiefer 1953).
    private static func bestScale(_ posterior: LogitPosterior, _ labels: [Int]) -> Double {
        guard posterior.variance.elements.contains(where: { $0 > 0 }) else { return 1 }
        func loss(_ logScale: Double) -> Double {
            let factor = Float(exp(logScale))
            let logarithms = LogitPosterior(mean: factor * posterior.mean, variance: factor * factor * posterior.variance)
                .logProbabilities(.exact)
            return labels.indices.reduce(0) { $0 - Double(logarithms[$1, labels[$1]]) }
        }
        // Sixteen steps leave less than 0.001 of the scale's logarithm.
        let found = GoldenSection.minimum(in: -log(2.0)...log(2.0), steps: 16, of: loss).range
        return exp((found.lowerBound + found.upperBound) / 2)
    }
}

/// Mean negative log-likelihood of the combined means, plus the penalties. Parameters: w, then d task by task, then c.
private struct CombinationObjective: ConvexObjective {
    /// Of each head `[rows, classes]`, and the same with each row's log-sum-exp taken off.
    let logits: [Matrix<Double>]
    let normalised: [Matrix<Double>]
    let labels: [Int]
    let tasks: [Int]
    let taskCount: Int
    let taskPenalty: Double
    /// 0 where there are no constants.
    let classPenalty: Double
    /// Keeps the weights finite where every row is right.
    private let headPenalty = 1e-6
    private var probabilities = Matrix<Double>(rows: 0, columns: 0)

    init(
        logits: [Matrix<Double>], labels: [Int], tasks: [Int], taskCount: Int, taskPenalty: Double, classDeviation: Double
    ) {
        self.logits = logits
        normalised = taskCount > 0 ? logits.map { $0.logSoftmax() } : []
        (self.labels, self.tasks, self.taskCount) = (labels, tasks, taskCount)
        self.taskPenalty = taskPenalty
        classPenalty = classDeviation > 0 ? 0.5 / (classDeviation * classDeviation * Double(labels.count)) : 0
    }

    var heads: Int { logits.count }
    var size: Int { constants.upperBound }
    func correction(ofTask task: Int, head: Int) -> Int { heads + task * heads + head }
    var constants: Range<Int> {
        let start = heads + taskCount * heads
        return start..<start + (classPenalty > 0 ? tasks.count : 0)
    }

    /// The combined logits `[rows, classes]`, linear in the parameters.
    private func apply(_ parameters: [Double]) -> Matrix<Double> {
        let classes = tasks.count
        var result = Matrix<Double>(rows: labels.count, columns: classes)
        let target = result.mutablePointer()
        for h in 0..<heads {
            let z = logits[h].pointer
            for row in labels.indices {
                for k in 0..<classes { target[row * classes + k] += parameters[h] * z[row * classes + k] }
            }
            guard taskCount > 0 else { continue }
            let own = tasks.map { parameters[correction(ofTask: $0, head: h)] }
            let n = normalised[h].pointer
            for row in labels.indices {
                for k in 0..<classes { target[row * classes + k] += own[k] * n[row * classes + k] }
            }
        }
        return constants.isEmpty ? result : result.adding(row: Array(parameters[constants]))
    }

    /// The transposed map.
    private func transposed(_ upstream: Matrix<Double>) -> [Double] {
        var result = [Double](repeating: 0, count: size)
        let classes = tasks.count
        for h in 0..<heads { result[h] = upstream.dot(logits[h]) }
        if !constants.isEmpty { result.replaceSubrange(constants, with: upstream.columnSums()) }
        guard taskCount > 0 else { return result }
        let g = upstream.pointer
        for h in 0..<heads {
            let n = normalised[h].pointer
            var products = [Double](repeating: 0, count: classes)
            for row in labels.indices {
                for k in 0..<classes { products[k] += g[row * classes + k] * n[row * classes + k] }
            }
            for k in 0..<classes { result[correction(ofTask: tasks[k], head: h)] += products[k] }
        }
        return result
    }

    private func penalty(_ index: Int) -> Double {
        index < heads ? headPenalty : constants.contains(index) ? classPenalty : taskPenalty
    }

    mutating func evaluate(at parameters: [Double]) -> (value: Double, gradient: [Double]) {
        let logarithms = apply(parameters).logSoftmax()
        probabilities = logarithms.softmax()
        var residual = probabilities
        var value = 0.0
        for (row, label) in labels.enumerated() {
            value -= logarithms[row, label] / Double(labels.count)
            residual[row, label] -= 1
        }
        residual.scale(by: 1 / Double(labels.count))
        var gradient = transposed(residual)
        for (i, parameter) in parameters.enumerated() {
            value += penalty(i) * parameter * parameter
            gradient[i] += 2 * penalty(i) * parameter
        }
        return (value, gradient)
    }

    /// By the softmax's Jacobian diag p − p·pᵀ, row by row.
    func hessianProduct(_ direction: [Double]) -> [Double] {
        var change = apply(direction)
        let classes = tasks.count
        let (d, p) = (change.mutablePointer(), probabilities.pointer)
        for start in stride(from: 0, to: labels.count * classes, by: classes) {
            var mean = 0.0
            for k in start..<start + classes { mean += p[k] * d[k] }
            for k in start..<start + classes { d[k] = p[k] * (d[k] - mean) / Double(labels.count) }
        }
        withExtendedLifetime(probabilities) {}
        var result = transposed(change)
        for (i, value) in direction.enumerated() { result[i] += 2 * penalty(i) * value }
        return result
    }
}
