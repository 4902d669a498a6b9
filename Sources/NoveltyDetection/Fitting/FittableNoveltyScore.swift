import FeatureData
import Matrices
import Prediction

/// A score that learns from known rows before it can be used.
///
/// Its stored properties are settings; what it learns is its `Model`. Unfitted it refuses to score; `fitted(to:)` gives
/// the score that does.
public protocol FittableNoveltyScore: NoveltyScore, Codable {
    associatedtype Model: NoveltyModel
    /// Learns from known rows, in as many passes over them as it takes and in memory that does not grow with them
    /// (unless the rows themselves are the model).
    ///
    /// - Parameter notes: to be given a line for whatever the user should know of the fit.
    /// - Throws: `NoveltyError`, and what reading the rows throws.
    func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model
    /// One score a row. The input holds what the score needs, of the shapes it was fitted to.
    func scores(for input: NoveltyInput, model: Model) throws -> [Float]
    /// What a fit to that many rows of that many classes takes of them, where it can be put together from shards; nil where it
    /// needs passes over all rows, which is the default.
    func shardedFit(rows: Int, classes: Int) -> ShardedFit?
}

/// What a score has learnt: named tensors, stored so that reading them back gives the same bits.
public protocol NoveltyModel: Sendable {
    func write(to archive: inout ScoreArchive) throws
    /// - Throws: `ModelArchiveError` for missing tensors and wrong shapes.
    init(archive: ScoreArchive) throws
}

extension FittableNoveltyScore {
    /// - Throws: `NoveltyError.notFitted`, always.
    public func scores(for input: NoveltyInput) throws -> [Float] { throw NoveltyError.notFitted(score: name) }

    /// The score fitted to known rows.
    ///
    /// - Throws: `NoveltyError` where there are no rows, where the rows lack something that the score needs, and where
    ///   the fit is not possible; what reading the rows throws.
    public func fitted(to rows: KnownRows) throws -> FittedNoveltyScore<Self> {
        try checkSettings()
        guard rows.count > 0 else { throw NoveltyError.noRows(set: "known") }
        if needs.contains(.posterior), !rows.hasPosterior { throw NoveltyError.missing(.posterior, score: name) }
        if needs.contains(.classText), rows.classText == nil { throw NoveltyError.missing(.classText, score: name) }
        if needs.contains(.extraWords), rows.otherWords == nil { throw NoveltyError.missing(.extraWords, score: name) }
        var notes: [String] = []
        let model = try fit(rows, notes: &notes)
        return FittedNoveltyScore(
            score: self, model: model, dimension: rows.dimension, classes: rows.classNames.count, notes: notes)
    }
}

/// A score with what it learnt.
public struct FittedNoveltyScore<Score: FittableNoveltyScore>: NoveltyScore {
    public let score: Score
    public let model: Score.Model
    /// D of the known rows.
    public let dimension: Int
    /// The number of known classes.
    public let classes: Int
    /// What the user should know of the fit, such as that a covariance had to be shrunk.
    public let notes: [String]

    public static var about: ScoreDescription { Score.about }
    public var needs: NoveltyNeeds { score.needs }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        if needs.contains(.features) {
            let found = try input.features(for: self).columns
            guard found == dimension else {
                throw NoveltyError.dimension(score: name, found: found, expected: dimension)
            }
        }
        if needs.contains(.posterior) {
            let found = try input.posterior(for: self).classes
            guard found == classes else { throw NoveltyError.classCount(score: name, found: found, expected: classes) }
        }
        return try score.scores(for: input, model: model)
    }
}

/// A fitted score whatever its type, for what stores or lists scores.
public protocol AnyFittedNoveltyScore: NoveltyScore {
    var notes: [String] { get }
    var dimension: Int { get }
    var classes: Int { get }
    func write(to archive: inout ScoreArchive) throws
}

extension FittedNoveltyScore: AnyFittedNoveltyScore {
    public func write(to archive: inout ScoreArchive) throws {
        try archive.setSettings(of: score)
        try archive.setText(Fitted(dimension: dimension, classes: classes, notes: notes), as: "fitted")
        try model.write(to: &archive)
    }

    init(score: Score, archive: ScoreArchive) throws {
        let fitted: Fitted = try archive.text("fitted")
        guard fitted.dimension > 0, fitted.classes > 0 else {
            throw archive.damaged("fitted", "dimension or classes below 1")
        }
        var archive = archive
        (archive.dimension, archive.classes) = (fitted.dimension, fitted.classes)
        self.init(
            score: score, model: try Score.Model(archive: archive), dimension: fitted.dimension,
            classes: fitted.classes, notes: fitted.notes)
    }
}

private struct Fitted: Codable {
    var dimension: Int
    var classes: Int
    var notes: [String]
}
