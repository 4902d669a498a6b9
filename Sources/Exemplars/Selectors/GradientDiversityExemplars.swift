import Matrices
import Prediction

/// Rows whose gradients point in different directions, so that the memory constrains as much as it can (GSS: Aljundi et al.
/// 2019, arXiv:1903.08671).
///
/// The gradient of the cross-entropy in the class vectors is (p − y)·xᵀ, whatever the head, so that the cosine of two rows is
/// that of their p − y times that of their features. Starts at the longest gradient; then the row least like any taken one.
/// O(rows · (classes + D)) a step.
public struct GradientDiversityExemplars: ExemplarSelector {
    public init() {}

    public var name: String { "gradient-diversity" }
    public var needsPosterior: Bool { true }

    /// - Throws: `ExemplarError.unknownClass` where the posterior does not have the class.
    public func ranking(of candidates: ExemplarCandidates, count: Int) throws -> [Int] {
        var residuals = try candidates.posterior(for: self).probabilities()
        guard candidates.classLabel < residuals.columns else {
            throw ExemplarError.unknownClass(selector: name, label: candidates.classLabel, classes: residuals.columns)
        }
        for row in 0..<residuals.rows { residuals[row, candidates.classLabel] -= 1 }
        let lengths = zip(residuals.rowSquaredNorms(), candidates.features.rowSquaredNorms()).map { Double($0 * $1) }
        let (directions, rows) = (residuals.normalizedRows(), candidates.features.normalizedRows())
        var nearest = Array(repeating: -Double.infinity, count: rows.rows)
        var free = Array(repeating: true, count: rows.rows)
        var ranking: [Int] = []
        var next = lengths.indexOfLargest { _ in true }
        while let row = next, ranking.count < count {
            ranking.append(row)
            free[row] = false
            let first = directions.rows(row..<row + 1).multiplied(by: directions, .transposed).elements
            let second = rows.rows(row..<row + 1).multiplied(by: rows, .transposed).elements
            for other in nearest.indices { nearest[other] = max(nearest[other], Double(first[other] * second[other])) }
            next = nearest.map { -$0 }.indexOfLargest { free[$0] }
        }
        return ranking
    }
}
