import Matrices

/// How unevenly points fill the unit cube.
public enum Discrepancy {
    /// The L2 star discrepancy of `points` `[n, d]` in [0, 1]: the root mean square, over all boxes [0, x), of the
    /// difference between the share of points inside and the box's volume (Warnock 1972). O(n²·d).
    ///
    /// Random points have √((2^(−d) − 3^(−d)) / n) on average.
    public static func l2Star(_ points: Matrix<Double>) -> Double {
        let (n, d) = (points.rows, points.columns)
        guard n > 0 else { return power(1.0 / 3, d).squareRoot() }
        let x = points.elements
        var (single, double) = (0.0, 0.0)
        for i in 0..<n {
            var product = 1.0
            for k in 0..<d { product *= (1 - x[i * d + k] * x[i * d + k]) / 2 }
            single += product
            for j in 0..<n {
                var product = 1.0
                for k in 0..<d { product *= 1 - max(x[i * d + k], x[j * d + k]) }
                double += product
            }
        }
        let square = power(1.0 / 3, d) - 2 * single / Double(n) + double / Double(n * n)
        return max(0, square).squareRoot()
    }

    /// The star discrepancy of points on a line, `[n]` in [0, 1]: the largest such difference. O(n·log n).
    public static func star(_ points: [Double]) -> Double {
        let n = Double(points.count)
        guard n > 0 else { return 1 }
        return points.sorted().enumerated().reduce(0) { largest, point in
            max(largest, point.element - Double(point.offset) / n, Double(point.offset + 1) / n - point.element)
        }
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { product, _ in product * base }
    }
}
