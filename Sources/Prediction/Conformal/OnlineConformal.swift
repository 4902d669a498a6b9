import Foundation

/// Conformal sets for rows that come one after another with their labels soon after, while classes arrive and data drift:
/// adaptive conformal inference (Gibbs and Candès 2021, arXiv:2106.00170).
///
/// After every label the error rate that is asked of the sets is moved, α ← α + step·(target − error). Whatever the rows,
/// even chosen by an enemy, after T of them the share of errors is within (max(α₀, 1 − α₀) + step)/(step·T) of the
/// target. Where α is 0 or less the set is whole, where it is 1 or more it is empty.
///
/// ```swift
/// var online = OnlineConformal(.aps, target: 0.1)
/// let set = online.set(probabilities)                 // before the label is known
/// online.update(probabilities, label: label)          // afterwards
/// ```
public struct OnlineConformal: Sendable, Hashable {
    public let score: ConformalScore
    /// The share of errors aimed at.
    public let target: Double
    public let step: Double
    /// How many of the latest scores are kept.
    public let window: Int
    /// The error rate asked of the sets now; may leave 0…1.
    public private(set) var alpha: Double
    /// Rows with known classes so far, and those whose set did not hold the label.
    public private(set) var rows = 0
    public private(set) var errors = 0
    /// Rows of classes that the model did not know: no set could have held them.
    public private(set) var unknown = 0
    /// The latest scores in the order of their rows, and ascending.
    private var recent: [Double] = []
    private var next = 0
    private var sorted: [Double] = []

    public init(_ score: ConformalScore, target: Double, step: Double = 0.005, window: Int = 1000) {
        precondition(target > 0 && target < 1 && step > 0 && window > 0, "target, step or window out of range")
        (self.score, self.target, self.step, self.window, alpha) = (score, target, step, window, target)
    }

    /// Classes whose score is at most the threshold, most probable first. The number of classes may change from row to
    /// row: a new class is scored as any other.
    public func set(_ probabilities: [Double], uniform u: Double = 0) -> [Int] {
        let (scores, threshold) = (score.scores(probabilities, uniform: u), threshold)
        return probabilities.indices.filter { scores[$0] <= threshold }
            .sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }
    }

    /// Takes in the label of a row; `nil` for a class that the model did not know then, which is only counted. O(classes ·
    /// log classes + window).
    public mutating func update(_ probabilities: [Double], label: Int?, uniform u: Double = 0) {
        guard let label else {
            unknown += 1
            return
        }
        let own = score.scores(probabilities, uniform: u)[label]
        let isError = own > threshold
        rows += 1
        if isError { errors += 1 }
        alpha += step * (target - (isError ? 1 : 0))
        if recent.count < window {
            recent.append(own)
        } else {
            sorted.remove(at: place(of: recent[next]))
            recent[next] = own
            next = (next + 1) % window
        }
        sorted.insert(own, at: place(of: own))
    }

    /// The bound on |errors/rows − target| after `rows` rows.
    public func bound(rows: Int) -> Double { (max(target, 1 - target) + step) / (step * Double(max(rows, 1))) }

    private var threshold: Double {
        if alpha <= 0 { return .infinity }
        if alpha >= 1 { return -.infinity }
        let k = ConformalPredictor.rank(alpha: alpha, rows: sorted.count)
        return k <= sorted.count ? sorted[k - 1] : .infinity
    }

    /// The first place whose score is not below.
    private func place(of value: Double) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
