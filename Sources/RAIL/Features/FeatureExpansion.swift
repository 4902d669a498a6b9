import Matrices
import Probability

/// The features that ridge regression works on: φ(x) = relu(x·Wᵀ) with a random W that is never trained (RAIL, Xu et al.
/// 2024, NeurIPS, section 4.1, "random hidden layer"), or x itself.
///
/// A drawn W has independent normal weights of variance 2/hidden, so that E[φ(x)·φ(y)] is the arc-cosine kernel of degree 1
/// (Cho and Saul 2009) whatever the number of units, and ‖φ(x)‖² is about 1 for unit rows: regularisers keep their meaning
/// when the number of units changes. Only the seed is stored; W is drawn again from it, by Philox.
public struct FeatureExpansion: Sendable {
    /// What a model file keeps of it.
    public enum Kind: Sendable, Hashable, Codable {
        /// φ(x) = x.
        case identity
        /// relu(x·Wᵀ), W `[hidden, D]` drawn from the seed.
        case randomUnits(hidden: Int, seed: UInt64)
        /// relu(x·Wᵀ) with a W from elsewhere, kept as it is.
        case givenWeights(hidden: Int)
    }

    public let kind: Kind
    /// D.
    public let inputDimension: Int
    /// The length of φ(x).
    public let dimension: Int
    /// W `[hidden, D]`; nil for the identity.
    let weights: Matrix<Float>?

    /// Hidden units above this are refused: their Gram matrix alone would take 64 GiB.
    public static let maximumHidden = 131_072

    /// φ(x) = x.
    public static func identity(dimension: Int) -> FeatureExpansion {
        FeatureExpansion(kind: .identity, inputDimension: dimension, dimension: dimension, weights: nil)
    }

    /// `hidden` random units. O(hidden · D).
    public static func randomUnits(_ hidden: Int, seed: UInt64, inputDimension: Int) -> FeatureExpansion {
        var noise = NormalNoise(seed: seed, stream: 0x5241_494C)  // "RAIL": apart from every other use of the seed
        var weights: Matrix<Float> = .standardNormal(rows: hidden, columns: inputDimension, noise: &noise)
        weights.scale(by: (2 / Float(max(hidden, 1))).squareRoot())
        return FeatureExpansion(
            kind: .randomUnits(hidden: hidden, seed: seed), inputDimension: inputDimension, dimension: hidden,
            weights: weights)
    }

    /// relu(x·Wᵀ) for a given W `[hidden, D]`.
    public static func givenWeights(_ weights: Matrix<Float>) -> FeatureExpansion {
        FeatureExpansion(
            kind: .givenWeights(hidden: weights.rows), inputDimension: weights.columns, dimension: weights.rows,
            weights: weights)
    }

    /// φ of unit rows `[rows, D]`, `[rows, dimension]`. 2·rows·hidden·D operations.
    public func single(_ rows: Matrix<Float>) -> Matrix<Float> {
        precondition(rows.columns == inputDimension, "rows of \(rows.columns) for an expansion of \(inputDimension)")
        guard let weights else { return rows }
        var result = rows.multiplied(by: weights, .transposed)
        nonisolated(unsafe) let p = result.mutablePointer()  // pieces do not overlap
        Parallelism.forEachRange(of: result.count, size: Parallelism.elementsPerPiece) { range in
            for index in range { p[index] = p[index] > 0 ? p[index] : 0 }
        }
        return result
    }

    /// The same computed in Double throughout, W being the same numbers.
    public func double(_ rows: Matrix<Float>) -> Matrix<Double> { double(Matrix<Double>(rows)) }

    /// Of rows that are in Double already.
    public func double(_ rows: Matrix<Double>) -> Matrix<Double> {
        precondition(rows.columns == inputDimension, "rows of \(rows.columns) for an expansion of \(inputDimension)")
        guard let weights else { return rows }
        var result = rows.multiplied(by: Matrix<Double>(weights), .transposed)
        nonisolated(unsafe) let p = result.mutablePointer()  // pieces do not overlap
        Parallelism.forEachRange(of: result.count, size: Parallelism.elementsPerPiece) { range in
            for index in range { p[index] = p[index] > 0 ? p[index] : 0 }
        }
        return result
    }
}
