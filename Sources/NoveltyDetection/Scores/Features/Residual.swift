import Matrices
import Prediction

/// The length of a row's part outside the principal subspace of the known rows, seen from their mean: the residual of
/// Wang et al. 2022 (ViM, arXiv:2203.10807, section 3) without a classifier, which is the reconstruction error of
/// principal component analysis. O(D · (D − principal dimensions)) a row.
public struct Residual: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "residual", summary: "Length of the part outside the principal subspace of the known rows",
        source: "Wang et al. 2022, arXiv:2203.10807", needs: [.features, .fitting])

    /// 0 for 1000 of 2048 dimensions and more, 512 of 768 and more, half of fewer.
    public var principalDimensions: Int

    public init(principalDimensions: Int = 0) { self.principalDimensions = principalDimensions }

    public func checkSettings() throws(NoveltyError) {
        try require(principalDimensions >= 0, "principalDimensions", principalDimensions, "0 or more")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        let dimensions = try PrincipalSubspace.dimensions(principalDimensions, of: rows.dimension, score: name)
        return Model(subspace: try PrincipalSubspace(rows.statistics(), dimensions: dimensions))
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { model.subspace.residualNorms($0) }
    }

    public struct Model: NoveltyModel {
        let subspace: PrincipalSubspace

        init(subspace: PrincipalSubspace) { self.subspace = subspace }

        public func write(to archive: inout ScoreArchive) throws { subspace.write(to: &archive) }
        public init(archive: ScoreArchive) throws { subspace = try PrincipalSubspace(archive: archive) }
    }
}
