import Matrices
import Prediction

/// Mahalanobis++: the squared Mahalanobis distance of rows scaled to unit length first (Mueller and Hein 2025,
/// arXiv:2505.18032). On rows that are of unit length already it is `Mahalanobis`. O(D · (D + classes)) a row.
public struct MahalanobisPlusPlus: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "mahalanobis-plus-plus", summary: "Mahalanobis distance of rows scaled to unit length first",
        source: "Mueller and Hein 2025, arXiv:2505.18032", needs: [.features, .fitting, .labels])

    public var covariance: CovarianceKind

    public init(covariance: CovarianceKind = .automatic) { self.covariance = covariance }

    public func checkSettings() throws(NoveltyError) { try covariance.check(score: name) }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> WhitenedClasses {
        let statistics = try rows.statistics(unitLength: true)
        let estimate = CovarianceEstimate.within(statistics, covariance)
        if let note = estimate.note(name) { notes.append(note) }
        return try WhitenedClasses(statistics, covariance: estimate, score: name)
    }

    public func scores(for input: NoveltyInput, model: WhitenedClasses) throws -> [Float] {
        model.nearestSquaredDistances(try input.features(for: self).normalizedRows())
    }
}
