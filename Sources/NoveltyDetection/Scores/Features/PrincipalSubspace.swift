import Foundation
import Matrices
import Prediction

/// The directions in which known rows, seen from an origin, vary least: what is left of a row outside their principal
/// subspace.
struct PrincipalSubspace: Sendable {
    /// D.
    let origin: [Float]
    /// The orthonormal rest of the principal subspace, `[D − principal dimensions, D]`.
    let rest: Matrix<Float>

    /// - Parameters:
    ///   - origin: from which rows are seen; `nil` for their mean.
    ///   - dimensions: of the principal subspace, below D.
    init(_ rows: RowStatistics, origin: [Double]? = nil, dimensions: Int) throws {
        var scatter = rows.totalScatter
        let origin = origin ?? rows.mean
        // Σ (x − u)(x − u)ᵀ = Σ (x − m)(x − m)ᵀ + n (m − u)(m − u)ᵀ.
        let shift = zip(rows.mean, origin).map { $0 - $1 }
        scatter.addGram(of: Matrix(rows: 1, columns: shift.count, elements: shift), scaledBy: Double(rows.count))
        scatter.scale(by: 1 / Double(max(rows.count, 1)))
        let vectors = try scatter.symmetricEigen().vectors.transposed()
        rest = Matrix<Float>(vectors.rows(0..<(rows.dimension - dimensions)))
        self.origin = origin.map { Float($0) }
    }

    /// The length of what lies outside the principal subspace. O(D · (D − principal dimensions)) a row.
    func residualNorms(_ features: Matrix<Float>) -> [Float] {
        features.adding(row: origin.map { -$0 }).multiplied(by: rest, .transposed).rowNorms()
    }

    func write(to archive: inout ScoreArchive) {
        archive.set(origin, as: "origin")
        archive.set(rest, as: "rest")
    }

    init(archive: ScoreArchive) throws {
        origin = try archive.vector("origin", count: archive.dimension)
        rest = try archive.matrix("rest", columns: origin.count)
    }

    /// Principal dimensions as the authors of ViM take them: 1000 of 2048 and more, 512 of 768 and more, half of fewer.
    static func automaticDimensions(_ dimension: Int) -> Int {
        dimension >= 2048 ? 1000 : dimension >= 768 ? 512 : dimension / 2
    }

    /// The setting, or the automatic number where it is 0.
    ///
    /// - Throws: `NoveltyError.setting` where no direction would be left.
    static func dimensions(_ setting: Int, of dimension: Int, score: String) throws(NoveltyError) -> Int {
        guard setting < dimension else {
            throw .setting(
                score: score, name: "principalDimensions", found: "\(setting)",
                expected: "less than \(dimension), the dimension of the rows")
        }
        return setting == 0 ? automaticDimensions(dimension) : setting
    }
}
