import Matrices

/// k-medoids: rows that minimise the sum of distances to the nearest chosen row, taken greedily (the BUILD phase of PAM,
/// Kaufman and Rousseeuw 1990, chapter 2), so that a shorter selection is a prefix of a longer one.
///
/// Lazy evaluation as for facility location, whose mirror image it is. O(rows² · D) for the first row; memory O(rows).
public enum KMedoids {
    /// - Returns: the rows; a gain is by how much it lowers the sum of distances, the first one's from the rows' largest
    ///   distance each.
    public static func select<Scalar: MatrixScalar>(_ count: Int, of features: Matrix<Scalar>) -> Selection {
        var objective = Objective(GaussianSimilarity(features))
        return objective.greedy(min(count, features.rows))
    }

    private struct Objective<Scalar: MatrixScalar>: SubmodularObjective {
        let distances: GaussianSimilarity<Scalar>
        /// Minus each row's distance to the nearest chosen one; before the first twice the largest norm, which no distance
        /// exceeds.
        var nearness: [Scalar]

        init(_ distances: GaussianSimilarity<Scalar>) {
            self.distances = distances
            let largest = distances.features.rowSquaredNorms().max() ?? 0
            nearness = Array(repeating: -2 * largest.squareRoot(), count: distances.rows)
        }

        var candidates: Int { distances.rows }

        func gains(_ rows: [Int]) -> [Double] {
            GaussianSimilarity.sumsOfExcess(-1 * distances.squaredDistances(rows).squareRoot(), over: nearness)
        }

        mutating func take(_ row: Int) {
            for (place, distance) in distances.squaredDistances([row]).elements.enumerated() {
                nearness[place] = max(nearness[place], -distance.squareRoot())
            }
        }
    }
}
