import Foundation
import Matrices

/// Kernel ridge regression by Nyström features of m landmarks z: φ(x) = k(x, z)·L⁻ᵀ with L·Lᵀ = K(z, z), whose inner products
/// approximate the kernel and are exact on the landmarks (Williams and Seeger 2001). n·m² operations and m² numbers where the
/// exact solution takes n³/3 and n².
struct NystromRidge: Sendable {
    let kernel: Kernel
    let regulariser: Double
    /// `[m, D]`.
    let landmarks: Matrix<Double>
    /// Weights on φ, `[classes, m]`.
    private(set) var weights = Matrix<Double>(rows: 0, columns: 0)
    private let factor: CholeskyFactorization<Double>
    private var sums: RidgeSums<Double>

    /// Rows taken at once.
    private static var block: Int { 2048 }

    /// - Throws: `LinearAlgebraError.notPositiveDefinite`.
    init(
        kernel: Kernel, regulariser: Double, landmarks: Matrix<Double>, rows: Matrix<Double>, labels: [Int], classes: Int,
        progress: (Int) throws -> Void
    ) throws {
        self.kernel = kernel
        self.regulariser = regulariser
        self.landmarks = landmarks
        var square = kernel.matrix(landmarks, landmarks)
        // Landmarks that are nearly the same: K(z, z) is singular to rounding.
        let jitter = 1e-9 * kernel.diagonal(landmarks).reduce(0, +) / Double(max(1, landmarks.rows))
        for index in 0..<square.rows { square[index, index] += jitter }
        factor = try CholeskyFactorization(square)
        sums = RidgeSums(dimension: landmarks.rows)
        sums.stage(classes: classes)
        for start in stride(from: 0, to: rows.rows, by: Self.block) {
            let range = start..<min(start + Self.block, rows.rows)
            let block = rows.rows(range)
            sums.add(features(of: kernel.matrix(block, landmarks)), labels: Array(labels[range]))
            try progress(range.count)
        }
        sums.commit()
        try sums.factorize(regulariser: regulariser)
        weights = sums.cross
        sums.solveRight(.transposed, &weights)
        sums.solveRight(.asStored, &weights)
    }

    private func features(of values: Matrix<Double>) -> Matrix<Double> {
        var result = values
        let m = landmarks.rows
        guard m > 0, result.rows > 0 else { return result }
        InPlaceCholesky.solveRight(
            factor.factor.pointer, m, leadingDimension: m, .transposed, result.mutablePointer(), count: result.rows)
        return result
    }

    /// Weights on the kernel values of the landmarks, `[classes, m]`: scores are k(x, z) times them.
    var coefficients: Matrix<Double> {
        var result = weights
        let m = landmarks.rows
        guard m > 0, result.rows > 0 else { return result }
        InPlaceCholesky.solveRight(
            factor.factor.pointer, m, leadingDimension: m, .asStored, result.mutablePointer(), count: result.rows)
        return result
    }

    /// Scores and variances as `KernelRidge.predict`; what the landmarks cannot express of a row has the prior's variance
    /// ("deterministic training conditional" with the exact prior at the row, Quiñonero-Candela and Rasmussen 2005).
    func predict(_ x: Matrix<Double>) -> (scores: Matrix<Double>, variances: [Double]) {
        var features = features(of: kernel.matrix(x, landmarks))
        let scores = features.multiplied(by: weights, .transposed)
        let rest = residuals(x, features)
        sums.solveRight(.transposed, &features)
        return (scores, zip(features.rowSquaredNorms(), rest).map { regulariser * $0 + $1 })
    }

    private func residuals(_ x: Matrix<Double>, _ features: Matrix<Double>) -> [Double] {
        zip(kernel.diagonal(x), features.rowSquaredNorms()).map { max(0, $0 - $1) }
    }

    /// Leave-one-out predictions of learnt rows, the landmarks staying.
    func leaveOneOut(_ x: Matrix<Double>, labels: [Int]) -> (scores: Matrix<Float>, variances: [Double]) {
        var features = features(of: kernel.matrix(x, landmarks))
        let scores = Matrix<Float>(features.multiplied(by: weights, .transposed))
        let rest = residuals(x, features)
        sums.solveRight(.transposed, &features)
        let left = LeaveOneOut.scores(scores, leverages: features.rowSquaredNorms(), labels: labels)
        return (left.scores, zip(left.leverages, rest).map { regulariser * $0 + $1 })
    }

    /// As `KernelRidge.scales`.
    var scales: [Double] {
        let (n, cross) = (Double(max(1, sums.rows)), sums.cross)
        return sums.counts.indices.map { k in
            let fit = Double.Kernels.dot(
                weights.pointer + k * weights.columns, cross.pointer + k * cross.columns, weights.columns)
            return max((Double(sums.counts[k]) - fit) / n / regulariser, 1e-12)
        }
    }
}
