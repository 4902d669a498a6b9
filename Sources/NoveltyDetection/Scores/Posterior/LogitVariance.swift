import Matrices
import Prediction

/// The variance of the logits, summed over classes. O(classes) a row.
public struct LogitVariance: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "logit-variance", summary: "The variance of the logits, summed over classes",
        source: "Jha et al. 2024, arXiv:2403.19137", needs: .posterior)

    public init() {}

    public func scores(for input: NoveltyInput) throws -> [Float] {
        let variance = try input.posterior(for: self).variance
        return (0..<variance.rows).map { row in
            ((row * variance.columns)..<((row + 1) * variance.columns)).reduce(0) { $0 + variance.pointer[$1] }
        }
    }
}
