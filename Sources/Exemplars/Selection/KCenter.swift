import Matrices

/// k-center greedy: each step takes the row farthest from those taken (Gonzalez 1985, doi:10.1016/0304-3975(85)90224-5;
/// core sets of Sener and Savarese 2018, arXiv:1708.00489). Within twice the smallest radius. O(rows · D) a step, memory
/// O(rows).
public enum KCenter {
    /// - Parameters:
    ///   - features: `[rows, D]`.
    ///   - first: the row to start at.
    /// - Returns: the rows; a gain is the radius after it, the largest distance of a row to its nearest chosen one.
    public static func select<Scalar: MatrixScalar>(_ count: Int, of features: Matrix<Scalar>, first: Int = 0) -> Selection {
        guard features.rows > 0, count > 0 else { return Selection() }
        precondition(first >= 0 && first < features.rows, "row \(first) of \(features.rows)")
        let similarity = GaussianSimilarity(features)
        var nearest = Array(repeating: Scalar.infinity, count: features.rows)
        var free = Array(repeating: true, count: features.rows)
        var selection = Selection()
        var next: Int? = first
        while let row = next {
            free[row] = false
            for (place, distance) in similarity.squaredDistances([row]).elements.enumerated() {
                nearest[place] = min(nearest[place], distance)
            }
            let distances = nearest.map { Double($0) }
            selection.append(row, gain: (distances.max() ?? 0).squareRoot())
            next = selection.indices.count < count ? distances.indexOfLargest { free[$0] } : nil
        }
        return selection
    }
}
