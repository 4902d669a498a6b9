import Matrices
import Prediction

/// What a novelty score may look at: the head's posterior of some rows and, for scores in feature space, the rows.
public struct NoveltyInput: Sendable {
    /// `[rows, classes]`, at least one class.
    public let posterior: LogitPosterior
    /// `[rows, D]` of unit length; `nil` where the caller has none.
    public let features: Matrix<Float>?

    public init(posterior: LogitPosterior, features: Matrix<Float>? = nil) {
        precondition(posterior.classes > 0, "novelty of rows without known classes")
        precondition(features.map { $0.rows == posterior.rows } ?? true, "features and posterior of different rows")
        self.posterior = posterior
        self.features = features
    }
}

/// A score of rows, higher = more novel.
///
/// Laws that every score keeps: a row's score does not depend on the other rows; permuting the classes does not change
/// it (within the Monte Carlo error where samples are used).
public protocol NoveltyScore: Sendable {
    /// The name on the command line and in results, in lower case with hyphens.
    var name: String { get }
    /// One score a row, finite where the posterior is.
    ///
    /// - Throws: `NoveltyError` where something the score needs is missing.
    func scores(for input: NoveltyInput) throws -> [Float]
}

extension NoveltyScore {
    /// The scores of rows of which the posterior alone is known.
    public func scores(for posterior: LogitPosterior) throws -> [Float] {
        try scores(for: NoveltyInput(posterior: posterior))
    }
}

/// What novelty detection refuses.
public enum NoveltyError: Error, Hashable, Sendable, CustomStringConvertible {
    case featuresRequired(score: String)
    case noRows(set: String)
    case scoreIsNaN(set: String, row: Int)

    public var description: String {
        switch self {
        case .featuresRequired(let score): "the novelty score '\(score)' needs the feature rows"
        case .noRows(let set): "there are no \(set) rows to measure a novelty score on"
        case .scoreIsNaN(let set, let row): "the novelty score of \(set) row \(row) is not a number"
        }
    }
}

/// The scores that need a posterior only.
public enum NoveltyScores {
    /// One of each, in the order of reports.
    public static var all: [any NoveltyScore] {
        [
            Energy(), MaximumSoftmaxProbability(), MaximumLogit(), Entropy(), MutualInformation(), LogitVariance(),
            ProbabilityVariance(),
        ]
    }

    /// The score with the given name.
    public static func named(_ name: String) -> (any NoveltyScore)? { all.first { $0.name == name } }
}
