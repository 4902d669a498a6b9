import Matrices
import Probability

/// The seeding of k-means++: each row is drawn with a probability proportional to its squared distance to the nearest row
/// drawn before (Arthur and Vassilvitskii 2007). O(rows · D) a step, memory O(rows).
public enum KMeansPlusPlus {
    /// - Returns: the rows; a gain is the potential after it, Σ of the squared distances to the nearest chosen row.
    public static func select<Scalar: MatrixScalar>(
        _ count: Int, of features: Matrix<Scalar>, stream: inout RandomStream
    ) -> Selection {
        select(count, of: features) { _ in stream.uniform() }
    }

    /// The same with given uniform numbers in 0..<1, one a step.
    static func select<Scalar: MatrixScalar>(
        _ count: Int, of features: Matrix<Scalar>, uniform: (Int) -> Double
    ) -> Selection {
        let rows = features.rows
        guard rows > 0, count > 0 else { return Selection() }
        let similarity = GaussianSimilarity(features)
        var nearest = Array(repeating: Double.infinity, count: rows)
        var free = Array(repeating: true, count: rows)
        var selection = Selection()
        var next: Int? = min(rows - 1, Int(uniform(0) * Double(rows)))
        while let row = next {
            free[row] = false
            for (place, distance) in similarity.squaredDistances([row]).elements.enumerated() {
                nearest[place] = min(nearest[place], Double(distance))
            }
            let potential = nearest.reduce(0, +)
            selection.append(row, gain: potential)
            guard selection.indices.count < min(count, rows) else { break }
            next = draw(nearest, uniform(selection.indices.count) * potential, free)
        }
        return selection
    }

    /// The first row at which the running sum reaches `target`; rows that coincide with chosen ones come last.
    private static func draw(_ weights: [Double], _ target: Double, _ free: [Bool]) -> Int? {
        var sum = 0.0
        for (row, weight) in weights.enumerated() {
            sum += weight
            if sum >= target, free[row], weight > 0 { return row }
        }
        return weights.indexOfLargest { free[$0] }
    }
}
