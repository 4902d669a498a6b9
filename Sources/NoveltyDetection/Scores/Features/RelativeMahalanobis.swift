import Matrices
import Prediction

/// The Mahalanobis distance to the nearest class less that to all rows together,
/// min_c (x − μ_c)ᵀΣ⁻¹(x − μ_c) − (x − m)ᵀΣ₀⁻¹(x − m), with Σ₀ the covariance of all rows (Ren et al. 2021,
/// arXiv:2106.09022).
///
/// Σ₀ is Σ plus the covariance between classes, whose rank r is below the number of classes. Where Σ is the identity and
/// Σ₀ diagonal, the two distances differ in r directions only, so the score takes one product with those:
/// O(D · classes) a row where the two distances take O(D²). With shrinkage Σ is shrunk and Σ₀ follows from it.
public struct RelativeMahalanobis: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "relative-mahalanobis", summary: "Mahalanobis distance to the nearest class less that to all rows together",
        source: "Ren et al. 2021, arXiv:2106.09022", needs: [.features, .fitting, .labels])

    public var covariance: CovarianceKind

    public init(covariance: CovarianceKind = .automatic) { self.covariance = covariance }

    public func checkSettings() throws(NoveltyError) { try covariance.check(score: name) }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        let statistics = try rows.statistics()
        let estimate = CovarianceEstimate.within(statistics, covariance)
        if let note = estimate.note(name) { notes.append(note) }
        return try Model(statistics, within: estimate, score: name)
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { model.scores($0) }
    }

    /// The directions in which classes differ, Σ-orthonormal.
    public struct Model: NoveltyModel {
        /// m, D.
        let origin: [Float]
        /// `[r, D]`.
        let directions: Matrix<Float>
        /// The class means less m in these directions, `[classes with rows, r]`.
        let centres: Matrix<Float>
        /// Σ₀ in these directions is diagonal; its standard deviations, r, at least 1.
        let deviations: [Float]

        private let halfSquares: [Float]

        func scores(_ features: Matrix<Float>) -> [Float] {
            let y = features.adding(row: origin.map { -$0 }).multiplied(by: directions, .transposed)
            let nearest = y.multiplied(by: centres, .transposed).adding(row: halfSquares).rowArgmaxima()
            let own = y.subtractingRows(nearest, of: centres).rowSquaredNorms()
            return zip(own, y.dividingColumns(by: deviations).rowSquaredNorms()).map { $0 - $1 }
        }

        init(_ rows: RowStatistics, within: CovarianceEstimate, score: String) throws {
            let factor = try within.factorized(score: score)
            let origin = rows.mean
            let centred = rows.presentMeans.adding(row: origin.map { -$0 })
            // The square root of the covariance between classes in whitened coordinates, [D, classes].
            let scale = within.isDivided ? 1 / Double(rows.count) : 1
            var root = factor.solveFactor(centred.transposed())
            let whitenedMeans = root.transposed()
            for (column, label) in rows.classes.enumerated() {
                let weight = (Double(rows.counts[label]) * scale).squareRoot()
                for d in 0..<root.rows { root[d, column] *= weight }
            }
            let parts = try root.singularValueDecomposition()
            let largest = parts.values.first ?? 0
            // Where there is a single class, one direction of no weight keeps the shapes plain.
            let rank = max(1, parts.values.count { $0 > 1e-7 * max(largest, 1e-7) })
            let basis = parts.left.transposed().rows(0..<rank)
            let identity = Matrix<Double>(diagonal: 1, size: rows.dimension)
            self.init(
                origin: origin.map { Float($0) },
                directions: Matrix<Float>(basis.multiplied(by: factor.solveFactor(identity))),
                centres: Matrix<Float>(whitenedMeans.multiplied(by: basis, .transposed)),
                deviations: parts.values.prefix(rank).map { Float((1 + $0 * $0).squareRoot()) })
        }

        init(origin: [Float], directions: Matrix<Float>, centres: Matrix<Float>, deviations: [Float]) {
            self.origin = origin
            self.directions = directions
            self.centres = centres
            self.deviations = deviations
            halfSquares = centres.rowSquaredNorms().map { -$0 / 2 }
        }

        public func write(to archive: inout ScoreArchive) throws {
            archive.set(origin, as: "origin")
            archive.set(directions, as: "directions")
            archive.set(centres, as: "centres")
            archive.set(deviations, as: "deviations")
        }

        public init(archive: ScoreArchive) throws {
            let origin = try archive.vector("origin", count: archive.dimension)
            let directions = try archive.matrix("directions", columns: origin.count)
            let deviations = try archive.vector("deviations", count: directions.rows)
            guard deviations.allSatisfy({ $0 >= 1 }) else { throw archive.damaged("deviations", "expected 1 or more") }
            self.init(
                origin: origin, directions: directions,
                centres: try archive.matrix("centres", columns: directions.rows), deviations: deviations)
        }
    }
}
