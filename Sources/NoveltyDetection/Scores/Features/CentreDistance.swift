import Matrices
import Prediction

/// The squared distance to the mean of the known rows, ‖x − m‖²: the objective of Deep SVDD (Ruff et al. 2018,
/// proceedings.mlr.press/v80/ruff18a) with the encoder taken as it is. O(D) a row.
public struct CentreDistance: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "centre-distance", summary: "Squared distance to the mean of the known rows, as Deep SVDD has it",
        source: "Ruff et al. 2018, proceedings.mlr.press/v80/ruff18a", needs: [.features, .fitting])

    public init() {}

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        Model(centre: try rows.statistics().mean.map { Float($0) })
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        let negated = model.centre.map { -$0 }
        return RowBlocks.scores(try input.features(for: self)) { $0.adding(row: negated).rowSquaredNorms() }
    }

    public struct Model: NoveltyModel {
        /// D.
        let centre: [Float]

        init(centre: [Float]) { self.centre = centre }

        public func write(to archive: inout ScoreArchive) throws { archive.set(centre, as: "centre") }
        public init(archive: ScoreArchive) throws { centre = try archive.vector("centre", count: archive.dimension) }
    }
}
