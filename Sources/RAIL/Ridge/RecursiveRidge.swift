import Matrices

/// Ridge regression by the recursion that RAIL's paper states (Xu et al. 2024, equations 6 and 7): R, the inverse of the
/// regularised Gram matrix, and the weights are updated block of rows by block of rows, by Woodbury's identity,
///
/// R ← R − RΦᵀ(I + ΦRΦᵀ)⁻¹ΦR, W ← W + RΦᵀ(Y − ΦW).
///
/// Right where every block has to be answered for at once and is small: 4·h² operations a row and more for large blocks. To learn
/// a whole task `RAILPrimalHead` is several times faster and loses no digits from block to block.
public struct RecursiveRidge<Scalar: MatrixScalar>: Sendable {
    /// (ΦᵀΦ + λI)⁻¹ `[h, h]`, symmetric.
    public private(set) var inverse: Matrix<Scalar>
    /// `[classes, h]`.
    public private(set) var weights: Matrix<Scalar>

    /// Nothing learnt: R = I/λ.
    ///
    /// - Parameter regulariser: λ, above 0.
    public init(dimension: Int, regulariser: Scalar) {
        precondition(regulariser > 0, "a regulariser of \(regulariser)")
        inverse = Matrix(rows: dimension, columns: dimension)
        for index in 0..<dimension { inverse[index, index] = 1 / regulariser }
        weights = Matrix(rows: 0, columns: dimension)
    }

    /// Learns rows φ `[rows, h]` with one-hot targets; labels above the classes so far add classes.
    ///
    /// 4·rows·h² operations, with rows²·h for the system of the block: blocks well below h rows are best.
    /// - Throws: `LinearAlgebraError.notPositiveDefinite` where rounding has spoilt R; nothing is then changed.
    public mutating func learn(_ features: Matrix<Scalar>, labels: [Int]) throws(LinearAlgebraError) {
        precondition(features.columns == inverse.rows && features.rows == labels.count, "features do not fit")
        precondition(labels.allSatisfy { $0 >= 0 }, "a negative label")
        guard features.rows > 0 else { return }
        // gain = RΦᵀ as rows: ΦR, since R is symmetric.
        let product = features.multiplied(by: inverse)
        var system = product.multiplied(by: features, .transposed)
        for index in 0..<system.rows { system[index, index] += 1 }
        let factor = try CholeskyFactorization(system)
        // R − PᵀS⁻¹P with S = LLᵀ: P is solved by L, and its Gram matrix taken away.
        inverse.addGram(of: factor.solveFactor(product), scaledBy: -1)

        let classes = max(weights.rows, (labels.max() ?? -1) + 1)
        var grown = weights
        if classes > grown.rows {
            grown = grown.appendingRows(Matrix(rows: classes - grown.rows, columns: grown.columns))
        }
        var residuals = features.multiplied(by: grown, .transposed, scaledBy: -1)
        for (row, label) in labels.enumerated() { residuals[row, label] += 1 }
        // (Y − ΦW)ᵀΦR with the new R.
        let gain = features.multiplied(by: inverse)
        grown.setToProduct(residuals, .transposed, gain, beta: 1)
        weights = grown
    }
}
