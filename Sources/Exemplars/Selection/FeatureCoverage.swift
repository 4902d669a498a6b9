import Foundation
import Matrices

/// Feature-based functions: rows A that maximise Σ_d h(Σ_{i in A} |x_id|) with a concave h, so that all features are present
/// (Wei, Iyer and Bilmes 2014, "Unsupervised submodular subset selection for speech data"). O(rows · D) a step at most.
public enum FeatureCoverage {
    /// h.
    public enum Concave: Sendable, Hashable, CaseIterable {
        case squareRoot
        /// ln(1 + ·)
        case logarithm

        func callAsFunction(_ value: Double) -> Double {
            switch self {
            case .squareRoot: value.squareRoot()
            case .logarithm: log1p(value)
            }
        }
    }

    /// - Parameter features: `[rows, D]`.
    public static func select<Scalar: MatrixScalar>(
        _ count: Int, of features: Matrix<Scalar>, concave: Concave = .squareRoot
    ) -> Selection {
        var objective = Objective(
            features: features, concave: concave, sums: Array(repeating: 0, count: features.columns))
        return objective.greedy(min(count, features.rows))
    }

    private struct Objective<Scalar: MatrixScalar>: SubmodularObjective {
        let features: Matrix<Scalar>
        let concave: Concave
        var sums: [Double]

        var candidates: Int { features.rows }

        func gains(_ rows: [Int]) -> [Double] {
            let now = sums.map { concave($0) }
            return features.withUnsafeElements { elements in
                rows.map { row in
                    var sum = 0.0
                    for column in sums.indices {
                        sum += concave(sums[column] + abs(Double(elements[row * sums.count + column]))) - now[column]
                    }
                    return sum
                }
            }
        }

        mutating func take(_ row: Int) {
            for (column, value) in features.row(row).enumerated() { sums[column] += abs(Double(value)) }
        }
    }
}
