import Matrices
import Prediction

/// The squared Mahalanobis distance to the nearest class mean, min_c (x − μ_c)ᵀΣ⁻¹(x − μ_c), with Σ the covariance within
/// classes (Lee et al. 2018, arXiv:1807.03888, equation 2 without input noise).
///
/// The package pytorch-ood gives half of it with the undivided scatter in the place of Σ; `covariance` has that as
/// `scatter(ridge: 1e-6)`. O(D · (D + classes)) a row.
public struct Mahalanobis: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "mahalanobis", summary: "Squared Mahalanobis distance to the nearest class mean, one covariance for all",
        source: "Lee et al. 2018, arXiv:1807.03888", needs: [.features, .fitting, .labels])

    public var covariance: CovarianceKind

    public init(covariance: CovarianceKind = .automatic) { self.covariance = covariance }

    public func checkSettings() throws(NoveltyError) { try covariance.check(score: name) }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> WhitenedClasses {
        let statistics = try rows.statistics()
        let estimate = CovarianceEstimate.within(statistics, covariance)
        if let note = estimate.note(name) { notes.append(note) }
        return try WhitenedClasses(statistics, covariance: estimate, score: name)
    }

    public func scores(for input: NoveltyInput, model: WhitenedClasses) throws -> [Float] {
        model.nearestSquaredDistances(try input.features(for: self))
    }
}

extension CovarianceKind {
    func check(score: String) throws(NoveltyError) {
        if case .scatter(let ridge) = self, !(ridge >= 0 && ridge.isFinite) {
            throw .setting(
                score: score, name: "the covariance's ridge", found: "\(ridge)", expected: "a finite number from 0")
        }
    }
}
