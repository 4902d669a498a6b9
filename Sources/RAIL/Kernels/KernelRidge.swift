import Foundation
import Matrices

/// Kernel ridge regression on one-hot targets, exact: α = (K + λI)⁻¹Y over all rows so far (Xu et al. 2024, section 4.2).
///
/// The Cholesky factor of K + λI grows by blocks as rows arrive: n·m·(n + m) + m³/3 operations for m rows after n, no
/// more than factorising all at once would take at the end. All in Double: with λ = 0.001 the published Float solution
/// is off by 1e-2.
public struct KernelRidge: Sendable {
    public let kernel: Kernel
    /// λ.
    public let regulariser: Double
    /// `[n, D]`.
    public private(set) var rows: Matrix<Double>
    public private(set) var labels: [Int] = []
    /// α as rows, `[classes, n]`.
    public private(set) var coefficients = Matrix<Double>(rows: 0, columns: 0)
    /// L, lower triangular, `[n, n]`.
    private(set) var factor = Matrix<Double>(rows: 0, columns: 0)

    public init(kernel: Kernel, regulariser: Double, dimension: Int) {
        precondition(regulariser > 0, "a regulariser of \(regulariser)")
        self.kernel = kernel
        self.regulariser = regulariser
        rows = Matrix(rows: 0, columns: dimension)
    }

    public var count: Int { labels.count }

    /// Adds rows and solves again.
    ///
    /// - Parameter classes: the number of classes now; labels are below it.
    /// - Throws: `LinearAlgebraError.notPositiveDefinite` where λ is too small for rows that are nearly the same; nothing is
    ///   then changed.
    public mutating func learn(
        _ added: Matrix<Double>, labels addedLabels: [Int], classes: Int
    ) throws(LinearAlgebraError) {
        precondition(added.rows == addedLabels.count && added.columns == rows.columns, "rows do not fit")
        let (n, m) = (rows.rows, added.rows)
        if m > 0 {
            var grown = Matrix<Double>(rows: n + m, columns: n + m)
            let p = grown.mutablePointer()
            for row in 0..<n { (p + row * (n + m)).update(from: factor.pointer + row * n, count: row + 1) }
            // L₂₁ = K₂₁L₁₁⁻ᵀ, then the corner K₂₂ + λI − L₂₁L₂₁ᵀ.
            var left = kernel.matrix(added, rows)
            if n > 0 {
                InPlaceCholesky.solveRight(
                    factor.pointer, n, leadingDimension: n, .transposed, left.mutablePointer(), count: m)
            }
            var corner = kernel.matrix(added, added)
            for index in 0..<m { corner[index, index] += regulariser }
            corner.addGram(of: left, .transposed, scaledBy: -1)
            try InPlaceCholesky.factorize(corner.mutablePointer(), m, leadingDimension: m)
            for row in 0..<m {
                let target = p + (n + row) * (n + m)
                target.update(from: left.pointer + row * n, count: n)
                (target + n).update(from: corner.pointer + row * m, count: row + 1)
            }
            factor = grown
        }
        rows = rows.appendingRows(added)
        labels += addedLabels
        solve(classes: classes)
    }

    private mutating func solve(classes: Int) {
        var targets = Matrix<Double>(rows: classes, columns: count)
        for (row, label) in labels.enumerated() { targets[label, row] = 1 }
        solveRight(.transposed, &targets)
        solveRight(.asStored, &targets)
        coefficients = targets
    }

    /// `right·L⁻ᵀ` or `right·L⁻¹` for rows `[k, n]`.
    func solveRight(_ operand: Operand, _ right: inout Matrix<Double>) {
        guard count > 0, right.rows > 0 else { return }
        InPlaceCholesky.solveRight(
            factor.pointer, count, leadingDimension: count, operand, right.mutablePointer(), count: right.rows)
    }

    /// Scores `[rows, classes]` and the posterior variance in units of the prior's scale: k(x, x) − k(x)ᵀ(K + λI)⁻¹k(x).
    /// n·(D + classes + n) operations a row.
    public func predict(_ x: Matrix<Double>) -> (scores: Matrix<Double>, variances: [Double]) {
        var values = kernel.matrix(x, rows)
        let scores = values.multiplied(by: coefficients, .transposed)
        solveRight(.transposed, &values)
        let variances = zip(kernel.diagonal(x), values.rowSquaredNorms()).map { max(0, $0 - $1) }
        return (scores, variances)
    }

    /// Leave-one-out predictions of learnt rows: yᵢ − (yᵢ − fᵢ)/(1 − hᵢ) with the variance vᵢ/(1 − hᵢ), hᵢ = vᵢ/λ being the
    /// leverage (Rasmussen and Williams 2006, equation 5.12, by what `predict` gives). As costly as `predict`.
    func leaveOneOut(_ x: Matrix<Double>, labels: [Int]) -> (scores: Matrix<Float>, variances: [Double]) {
        var (scores, variances) = predict(x)
        for (row, label) in labels.enumerated() {
            // Rounding alone can bring a leverage to 1.
            let rest = max(1 - variances[row] / regulariser, 1e-9)
            for k in 0..<scores.columns {
                let target: Double = k == label ? 1 : 0
                scores[row, k] = target - (target - scores[row, k]) / rest
            }
            variances[row] /= rest
        }
        return (Matrix<Float>(scores), variances)
    }

    /// The scale of prior and noise of each class, yₖᵀαₖ/n: the maximum of the marginal likelihood. The noise variance is λ
    /// times that.
    var scales: [Double] {
        var sums = [Double](repeating: 0, count: coefficients.rows)
        for (row, label) in labels.enumerated() { sums[label] += coefficients[label, row] }
        return sums.map { max($0 / Double(max(1, count)), 1e-12) }
    }

    /// log p(targets) summed over classes at the best scale of each, without constants.
    var logMarginalLikelihood: Double {
        var determinant = 0.0
        for index in 0..<count { determinant += 2 * log(factor[index, index]) }
        return scales.reduce(0) { $0 - Double(count) / 2 * log($1) } - Double(coefficients.rows) / 2 * determinant
    }
}
