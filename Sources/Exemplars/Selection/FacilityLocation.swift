import Matrices

/// Facility location: rows A that maximise Σ_i max over j in A of S(i, j), so that every row has a chosen one near
/// (Mirchandani and Francis 1990; Wei, Iyer and Bilmes 2015, "Submodularity in data subset selection").
///
/// Greedy with lazy evaluation: within 1 − 1/e of the best. O(rows² · D) for the first row, far less for the others; memory
/// O(rows).
public enum FacilityLocation {
    /// - Parameter features: `[rows, D]`; S is `exp(−‖x_i − x_j‖²/(2D))`.
    public static func select<Scalar: MatrixScalar>(_ count: Int, of features: Matrix<Scalar>) -> Selection {
        var objective = Objective(similarity: GaussianSimilarity(features), covered: Array(repeating: 0, count: features.rows))
        return objective.greedy(min(count, features.rows))
    }

    private struct Objective<Scalar: MatrixScalar>: SubmodularObjective {
        let similarity: GaussianSimilarity<Scalar>
        /// max over the chosen j of S(i, j).
        var covered: [Scalar]

        var candidates: Int { similarity.rows }

        func gains(_ rows: [Int]) -> [Double] {
            GaussianSimilarity.sumsOfExcess(similarity.similarities(rows), over: covered)
        }

        mutating func take(_ row: Int) {
            for (place, value) in similarity.similarities([row]).elements.enumerated() {
                covered[place] = max(covered[place], value)
            }
        }
    }
}
