import Foundation
import Matrices
import Prediction

/// DIKI's distribution-aware calibration (Tang et al. 2024, arXiv:2407.05342, section 3.4) as a gate for any head: the
/// head's probabilities have the weight w = sigmoid(max_t log N(x; μ_t, Σ_t)/divisor − 1), zero-shot's have 1 − w.
public struct DistributionAwareGate: CandidateGate {
    /// Whose weight a row gets.
    public enum Scope: String, Sendable, Codable {
        /// Its own.
        case image
        /// The mean over the rows that are asked for together: the published way, whose answers depend on neighbours.
        case batch
    }

    public let densities: TaskDensities
    /// What log densities are divided by, above 0: 512 in the published code, whatever D is.
    public var divisor: Double
    public var scope: Scope

    public init(densities: TaskDensities, divisor: Double = 512, scope: Scope = .image) {
        precondition(divisor > 0, "a divisor of \(divisor)")
        (self.densities, self.divisor, self.scope) = (densities, divisor, scope)
    }

    /// The weight of each of `features` `[rows, D]`, 0…1, whatever the scope.
    public func imageWeights(_ features: Matrix<Float>) -> [Double] {
        weights(densities.logDensities(features))
    }

    /// Of log densities `[rows, tasks]`.
    func weights(_ logDensities: Matrix<Double>) -> [Double] {
        logDensities.rowMaxima().map { 1 / (1 + exp(1 - $0 / divisor)) }
    }

    /// The mean weight of the rows, which DIKI gives the text side; 0 without rows.
    public func batchWeight(_ features: Matrix<Float>) -> Double {
        let weights = imageWeights(features)
        return weights.isEmpty ? 0 : weights.reduce(0, +) / Double(weights.count)
    }

    /// The task with the largest density for each row; of equal ones the first.
    public func tasks(_ features: Matrix<Float>) -> [Int] {
        densities.count == 0 ? [] : densities.logDensities(features).rowArgmaxima()
    }

    /// The most frequent of `tasks`, of equally frequent ones the first; `nil` without rows.
    public func taskOfBatch(_ features: Matrix<Float>) -> Int? {
        var votes = [Int](repeating: 0, count: densities.count)
        for task in tasks(features) { votes[task] += 1 }
        guard let most = votes.max(), most > 0 else { return nil }
        return votes.firstIndex(of: most)
    }

    public func join(_ learnt: LogitPosterior, _ rows: GatedRows) -> LogitPosterior {
        let weights: [Double] =
            switch scope {
            case .image: imageWeights(rows.features)
            case .batch: Array(repeating: batchWeight(rows.features), count: rows.features.rows)
            }
        return .mixing(learnt, zeroShot: rows.learnt.appendingColumns(rows.candidates), weights: weights)
    }
}

extension Matrix {
    /// This matrix with `other` to its right.
    func appendingColumns(_ other: Matrix) -> Matrix {
        precondition(rows == other.rows, "\(rows) rows beside \(other.rows)")
        var result = Matrix(uninitialized: rows, columns + other.columns)
        let target = result.mutablePointer()
        for row in 0..<rows {
            let start = target + row * (columns + other.columns)
            start.update(from: pointer + row * columns, count: columns)
            (start + columns).update(from: other.pointer + row * other.columns, count: other.columns)
        }
        return result
    }
}
