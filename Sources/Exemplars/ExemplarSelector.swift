import Matrices
import Prediction

/// The rows of one class among which a selector chooses.
public struct ExemplarCandidates: Sendable {
    /// The label of the class.
    public let classLabel: Int
    /// `[rows, D]`, as the head sees them.
    public let features: Matrix<Float>
    /// What the head says about these rows, `[rows, classes]`; `nil` where the caller has none.
    public let posterior: LogitPosterior?
    /// Random numbers of a selector depend on this seed and on `classLabel`, nothing else.
    public let seed: UInt64

    public init(classLabel: Int, features: Matrix<Float>, posterior: LogitPosterior? = nil, seed: UInt64) {
        precondition(posterior.map { $0.rows == features.rows } ?? true, "a posterior of other rows")
        self.classLabel = classLabel
        self.features = features
        self.posterior = posterior
        self.seed = seed
    }

    public var count: Int { features.rows }
}

/// Says which rows of a class to keep, best first.
///
/// Laws that every selector keeps: the ranking has `min(count, candidates.count)` different row numbers; a shorter
/// ranking is a prefix of a longer one; the same candidates give the same ranking, whatever the number of threads.
public protocol ExemplarSelector: Sendable {
    /// The name on the command line and in files, in lower case with hyphens.
    var name: String { get }
    /// Whether `ExemplarCandidates.posterior` must be there.
    var needsPosterior: Bool { get }
    /// The numbers of the `count` best rows of the class, best first; all rows where there are no more.
    ///
    /// - Throws: `ExemplarError.posteriorRequired` where the selector needs a posterior and has none.
    func ranking(of candidates: ExemplarCandidates, count: Int) throws -> [Int]
}

extension ExemplarSelector {
    public var needsPosterior: Bool { false }
}

/// What exemplar selection refuses.
public enum ExemplarError: Error, Equatable, CustomStringConvertible {
    case posteriorRequired(selector: String)
    case featureDimension(expected: Int, found: Int)
    case labelOutOfRange(row: Int, label: Int, classes: Int)
    case invalidBudget(Int)

    public var description: String {
        switch self {
        case .posteriorRequired(let selector): "the selector '\(selector)' needs the head's posterior for the rows"
        case .featureDimension(let expected, let found):
            "exemplar rows have \(found) dimensions, the buffer's have \(expected)"
        case .labelOutOfRange(let row, let label, let classes):
            "exemplar row \(row) has the label \(label), expected 0 to \(classes - 1)"
        case .invalidBudget(let budget): "an exemplar budget of \(budget) rows, expected 0 or more"
        }
    }
}
