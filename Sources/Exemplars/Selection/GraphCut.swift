import Matrices

/// Graph cut: rows A that maximise λ·Σ over all i and j in A of S(i, j) − Σ over i, j in A of S(i, j): near to many rows and
/// far from each other (Iyer and Bilmes 2013, arXiv:1311.2110).
///
/// Greedy, submodular for λ ≥ 2 where it also grows with every row. O(rows² · D); memory O(rows).
public enum GraphCut {
    /// - Parameters:
    ///   - features: `[rows, D]`; S is `exp(−‖x_i − x_j‖²/(2D))`.
    ///   - lambda: the weight of representation against redundancy.
    public static func select<Scalar: MatrixScalar>(_ count: Int, of features: Matrix<Scalar>, lambda: Double) -> Selection {
        let similarity = GaussianSimilarity(features)
        var sums: [Double] = []
        similarity.forEachBlock { _, block in
            for row in 0..<block.rows { sums.append(lambda * block.row(row).reduce(0) { $0 + Double($1) }) }
        }
        // Gains change by the same formula for all rows: no bounds are needed.
        var gains = sums.map { $0 - 1 }
        var selection = Selection()
        var free = Array(repeating: true, count: features.rows)
        while selection.indices.count < min(count, features.rows), let best = gains.indexOfLargest(where: { free[$0] }) {
            selection.append(best, gain: gains[best])
            free[best] = false
            for (row, value) in similarity.similarities([best]).elements.enumerated() { gains[row] -= 2 * Double(value) }
        }
        return selection
    }
}

extension [Double] {
    /// The position of the largest value, of equal ones the first; `nil` where none may be taken.
    func indexOfLargest(where isFree: (Int) -> Bool) -> Int? {
        var best: Int?
        for index in indices where isFree(index) {
            if let found = best, self[index] <= self[found] { continue }
            best = index
        }
        return best
    }
}
