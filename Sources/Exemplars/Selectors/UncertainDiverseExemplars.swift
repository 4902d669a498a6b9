import Foundation
import Prediction

/// Rows that are uncertain and unlike each other: a determinantal point process whose quality is exp(entropy), so that a row
/// counts by the number of classes it may be of (its perplexity).
public struct UncertainDiverseExemplars: GreedySelector {
    public init() {}

    public var name: String { "uncertain-diverse" }
    public var needsPosterior: Bool { true }

    public func selection(of candidates: ExemplarCandidates, count: Int) throws -> Selection {
        let entropies = try candidates.posterior(for: self).uncertainty().total
        return DeterminantalPointProcess.select(
            count, of: candidates.features, quality: entropies.map { exp(Double($0)) }, addsIdentity: true)
    }
}
