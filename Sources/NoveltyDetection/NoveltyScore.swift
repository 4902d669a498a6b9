import Matrices
import Prediction

/// A score of rows, higher = more novel.
///
/// Laws that every score keeps: a row's score does not depend on the other rows; permuting the classes does not change
/// it (within the Monte Carlo error where samples are used); the number of threads changes no bit.
///
/// The stored properties of a score are its settings; what it learns from known rows is apart, see
/// `FittableNoveltyScore`.
public protocol NoveltyScore: Sendable {
    /// What the score is called, where it comes from and what it needs.
    static var about: ScoreDescription { get }
    /// What it cannot do without, as it is set: that of `about` unless a setting changes it.
    var needs: NoveltyNeeds { get }
    /// One score a row, finite where the input is.
    ///
    /// - Throws: `NoveltyError` where something the score needs is missing or has the wrong shape.
    func scores(for input: NoveltyInput) throws -> [Float]
    /// Checks settings that come from outside, such as a file or a command line.
    ///
    /// - Throws: `NoveltyError.setting` naming the first bad one.
    func checkSettings() throws(NoveltyError)
}

extension NoveltyScore {
    public var about: ScoreDescription { Self.about }
    /// The name on the command line and in results, in lower case with hyphens.
    public var name: String { Self.about.name }
    public var needs: NoveltyNeeds { Self.about.needs }

    public func checkSettings() throws(NoveltyError) {}

    /// The scores of rows of which the posterior alone is known.
    public func scores(for posterior: LogitPosterior) throws -> [Float] {
        try scores(for: NoveltyInput(posterior: posterior))
    }

    /// The scores of rows of which the features alone are known.
    public func scores(for features: Matrix<Float>) throws -> [Float] {
        try scores(for: NoveltyInput(features: features))
    }
}

/// What people read about a score.
public struct ScoreDescription: Sendable, Hashable {
    /// The name on the command line and in results, in lower case with hyphens.
    public let name: String
    /// One line, without a full stop.
    public let summary: String
    /// The paper, with its DOI or arXiv number.
    public let source: String
    public let needs: NoveltyNeeds

    public init(name: String, summary: String, source: String, needs: NoveltyNeeds) {
        self.name = name
        self.summary = summary
        self.source = source
        self.needs = needs
    }
}

/// What a score cannot do without.
public struct NoveltyNeeds: OptionSet, Sendable, Hashable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// A head's posterior of the rows to score.
    public static let posterior = NoveltyNeeds(rawValue: 1)
    /// The feature rows themselves.
    public static let features = NoveltyNeeds(rawValue: 2)
    /// To be fitted to known rows first.
    public static let fitting = NoveltyNeeds(rawValue: 4)
    /// The labels of the known rows.
    public static let labels = NoveltyNeeds(rawValue: 8)
    /// The text features of the classes.
    public static let classText = NoveltyNeeds(rawValue: 16)
    /// Text features of words that are no class.
    public static let extraWords = NoveltyNeeds(rawValue: 32)

    /// Each need in words, in order.
    public var words: [String] {
        let all: [(NoveltyNeeds, String)] = [
            (.posterior, "a model's posterior"), (.features, "feature rows"), (.fitting, "fitting"),
            (.labels, "labels of known rows"), (.classText, "class text features"),
            (.extraWords, "text features of other words"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }
}

/// What a novelty score may look at: a head's posterior of some rows, the rows themselves, or both.
public struct NoveltyInput: Sendable {
    /// `[rows, classes]`, at least one class; `nil` where there is no model.
    public let posterior: LogitPosterior?
    /// `[rows, D]`, of unit length unless the data are used as they are; `nil` where the caller has none.
    public let features: Matrix<Float>?
    public let rows: Int

    public init(posterior: LogitPosterior, features: Matrix<Float>? = nil) {
        precondition(posterior.classes > 0, "novelty of rows without known classes")
        precondition(features.map { $0.rows == posterior.rows } ?? true, "features and posterior of different rows")
        self.posterior = posterior
        self.features = features
        rows = posterior.rows
    }

    public init(features: Matrix<Float>) {
        posterior = nil
        self.features = features
        rows = features.rows
    }

    /// The posterior, for a score that cannot do without.
    ///
    /// - Throws: `NoveltyError.missing`.
    public func posterior(for score: some NoveltyScore) throws(NoveltyError) -> LogitPosterior {
        guard let posterior else { throw .missing(.posterior, score: score.name) }
        return posterior
    }

    /// The feature rows, for a score that cannot do without.
    ///
    /// - Throws: `NoveltyError.missing`.
    public func features(for score: some NoveltyScore) throws(NoveltyError) -> Matrix<Float> {
        guard let features else { throw .missing(.features, score: score.name) }
        return features
    }
}
