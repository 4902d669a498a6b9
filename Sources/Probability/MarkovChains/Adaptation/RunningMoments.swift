import Matrices

/// Mean and variances, or the whole covariance, of vectors seen one after another (Welford 1962). O(d) or O(d²) each.
struct RunningMoments {
    let dimension: Int
    let isDense: Bool
    private(set) var count = 0
    private var mean: [Double]
    private var squares: [Double]

    init(dimension: Int, isDense: Bool) {
        self.dimension = dimension
        self.isDense = isDense
        mean = [Double](repeating: 0, count: dimension)
        squares = [Double](repeating: 0, count: isDense ? dimension * dimension : dimension)
    }

    mutating func reset() { self = RunningMoments(dimension: dimension, isDense: isDense) }

    mutating func add(_ x: [Double]) {
        count += 1
        var before = x
        for k in 0..<dimension {
            before[k] = x[k] - mean[k]
            mean[k] += before[k] / Double(count)
        }
        if isDense {
            for i in 0..<dimension {
                let after = x[i] - mean[i]
                for j in 0...i { squares[i * dimension + j] += after * before[j] }
            }
        } else {
            for k in 0..<dimension { squares[k] += before[k] * (x[k] - mean[k]) }
        }
    }

    /// The variances (divided by count − 1), pulled towards 1e-3 as by 5 draws of it, as Stan does.
    var regularizedVariances: [Double] {
        let n = Double(count)
        let diagonal = isDense ? (0..<dimension).map { squares[$0 * dimension + $0] } : squares
        return diagonal.map { n / (n + 5) * $0 / max(n - 1, 1) + 1e-3 * 5 / (n + 5) }
    }

    /// The covariance `[d, d]`, pulled towards 1e-3 times the unit matrix in the same way.
    var regularizedCovariance: Matrix<Double> {
        let n = Double(count)
        var result = Matrix<Double>(rows: dimension, columns: dimension)
        let variances = regularizedVariances
        for i in 0..<dimension {
            for j in 0..<i where isDense {
                let value = n / (n + 5) * squares[i * dimension + j] / max(n - 1, 1)
                result[i, j] = value
                result[j, i] = value
            }
            result[i, i] = variances[i]
        }
        return result
    }
}
