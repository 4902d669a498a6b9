import FeatureData
import Foundation

/// What novelty detection refuses.
public enum NoveltyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The score needs something that the caller does not have.
    case missing(NoveltyNeeds, score: String)
    case notFitted(score: String)
    /// Rows of another D than those the score was fitted to.
    case dimension(score: String, found: Int, expected: Int)
    /// A posterior over another number of classes than the score was fitted with.
    case classCount(score: String, found: Int, expected: Int)
    case noRows(set: String)
    case scoreIsNaN(set: String, row: Int)
    /// The known rows are not what they should be.
    case knownRows(reason: String)
    /// The known rows do not allow the fit.
    case cannotFit(score: String, reason: String)
    case setting(score: String, name: String, found: String, expected: String)
    case unknownScore(String)
    case duplicateScore(String)
    /// The detector was fitted for another model or other data.
    case otherModel(what: String, found: String, expected: String)
    /// The score cannot be fitted from shards.
    case needsAllRows(score: String)
    /// Parts of different fits.
    case parts(String, String, what: String, found: String, expected: String)

    public var description: String {
        let text =
            switch self {
            case .missing(let needs, let score):
                "the novelty score '\(score)' needs \(needs.words.joined(separator: " and "))"
            case .notFitted(let score): "the novelty score '\(score)' has to be fitted to known rows first"
            case .dimension(let score, let found, let expected):
                "the novelty score '\(score)' was fitted to rows of \(expected) dimensions, found \(found)"
            case .classCount(let score, let found, let expected):
                "the novelty score '\(score)' was fitted with \(expected) classes, the posterior has \(found)"
            case .noRows(let set): "there are no \(set) rows"
            case .scoreIsNaN(let set, let row): "the novelty score of \(set) row \(row) is not a number"
            case .knownRows(let reason): "known rows: \(reason)"
            case .cannotFit(let score, let reason): "the novelty score '\(score)' cannot be fitted: \(reason)"
            case .setting(let score, let name, let found, let expected):
                "the novelty score '\(score)': \(name) is \(found), expected \(expected)"
            case .unknownScore(let name):
                "there is no novelty score '\(name)'; there are "
                    + NoveltyScores.all.map(\.name).joined(separator: ", ")
            case .duplicateScore(let name): "the novelty score '\(name)' is given twice"
            case .otherModel(let what, let found, let expected):
                "the detector was fitted for another model: \(what) \(found), expected \(expected)"
            case .needsAllRows(let score):
                "the novelty score '\(score)' needs passes over all rows and cannot be fitted from shards; those that can are "
                    + NoveltyScores.shardable.joined(separator: ", ")
            case .parts(let part, let other, let what, let found, let expected):
                "\(part) and \(other) are not parts of one fit: \(what) is \(found), there \(expected)"
            }
        return text.onOneLine
    }
}

extension NoveltyError: LocalizedError {
    public var errorDescription: String? { description }
}
