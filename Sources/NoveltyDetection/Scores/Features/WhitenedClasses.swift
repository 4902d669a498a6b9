import Foundation
import Matrices
import Prediction

/// Gaussian classes with a covariance Σ in common, in coordinates in which Σ is the identity: y = W·(x − m) with
/// WᵀW = Σ⁻¹ and m the mean of all rows. Squared Mahalanobis distances are then squared Euclidean ones, and the nearest
/// class is that of the largest y·ν_c − ½‖ν_c‖²: two products a block, none a class. The distance to it is then summed
/// from differences, since that of squares would lose digits where classes lie far apart.
public struct WhitenedClasses: NoveltyModel {
    /// m, D.
    let origin: [Float]
    /// W `[D, D]`, lower triangular.
    let whitening: Matrix<Float>
    /// ν_c = W·(μ_c − m) of the classes that have rows, `[classes with rows, D]`.
    let centres: Matrix<Float>

    private let halfSquares: [Float]

    init(origin: [Float], whitening: Matrix<Float>, centres: Matrix<Float>) {
        self.origin = origin
        self.whitening = whitening
        self.centres = centres
        halfSquares = centres.rowSquaredNorms().map { -$0 / 2 }
    }

    /// - Throws: `NoveltyError.cannotFit` where the covariance is singular in spite of its kind.
    init(_ rows: RowStatistics, covariance: CovarianceEstimate, score: String) throws {
        let factor = try covariance.factorized(score: score)
        let origin = rows.mean
        let centred = rows.presentMeans.adding(row: origin.map { -$0 })
        let identity = Matrix<Double>(diagonal: 1, size: rows.dimension)
        self.init(
            origin: origin.map { Float($0) }, whitening: Matrix<Float>(factor.solveFactor(identity)),
            centres: Matrix<Float>(factor.solveFactor(centred.transposed()).transposed()))
    }

    /// y of rows `[rows, D]`.
    func whitened(_ features: Matrix<Float>) -> Matrix<Float> {
        features.adding(row: origin.map { -$0 }).multiplied(by: whitening, .transposed)
    }

    /// ‖y − ν‖² to the nearest class. O(D · (D + classes)) a row.
    func nearestSquaredDistances(_ features: Matrix<Float>) -> [Float] {
        RowBlocks.scores(features) { block in
            let y = whitened(block)
            let nearest = y.multiplied(by: centres, .transposed).adding(row: halfSquares).rowArgmaxima()
            return y.subtractingRows(nearest, of: centres).rowSquaredNorms()
        }
    }

    /// −½‖y − ν_c‖² of every class, `[rows, classes with rows]`; that of the nearest from differences.
    func halfSquaredDistances(_ features: Matrix<Float>) -> Matrix<Float> {
        let y = whitened(features)
        var result = y.multiplied(by: centres, .transposed).adding(row: halfSquares)
        let nearest = result.rowArgmaxima()
        let own = y.subtractingRows(nearest, of: centres).rowSquaredNorms()
        let classes = result.columns
        result.withUnsafeMutableElements { elements in
            // y·ν − ½‖ν‖² less that of the nearest class, which is −½ of the distance that is known well.
            for (row, best) in nearest.enumerated() {
                let shift = elements[row * classes + best] + own[row] / 2
                for c in 0..<classes { elements[row * classes + c] -= shift }
            }
        }
        return result
    }

    public func write(to archive: inout ScoreArchive) throws {
        archive.set(origin, as: "origin")
        archive.set(whitening, as: "whitening")
        archive.set(centres, as: "centres")
    }

    public init(archive: ScoreArchive) throws {
        let origin = try archive.vector("origin", count: archive.dimension)
        self.init(
            origin: origin,
            whitening: try archive.matrix("whitening", rows: origin.count, columns: origin.count),
            centres: try archive.matrix("centres", columns: origin.count))
    }
}

extension CovarianceEstimate {
    /// - Throws: `NoveltyError.cannotFit` where it is not positive definite.
    func factorized(score: String) throws -> CholeskyFactorization<Double> {
        do {
            return try CholeskyFactorization(matrix)
        } catch LinearAlgebraError.notPositiveDefinite {
            throw NoveltyError.cannotFit(
                score: score,
                reason: "the covariance of the known rows is singular, as of rows that lie in a subspace; "
                    + "take the setting 'covariance' shrunk")
        }
    }
}
