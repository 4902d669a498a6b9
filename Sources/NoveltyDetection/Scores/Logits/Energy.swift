import CKernels
import Matrices
import Prediction

/// The free energy −T·log Σ exp(m/T) of the mean logits m (Liu et al. 2020, arXiv:2010.03759). O(classes) a row.
public struct Energy: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "energy", summary: "Minus the log-sum-exp of the mean logits",
        source: "Liu et al. 2020, arXiv:2010.03759", needs: .posterior)

    /// T > 0.
    public let temperature: Float

    public init(temperature: Float = 1) {
        precondition(temperature > 0, "temperature \(temperature)")
        self.temperature = temperature
    }

    public func checkSettings() throws(NoveltyError) {
        guard temperature > 0 && temperature.isFinite else {
            throw .setting(score: name, name: "temperature", found: "\(temperature)", expected: "a finite number above 0")
        }
    }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        let logits = try input.posterior(for: self).mean
        return RowBlocks.scores(logits) { credence_free_energy_rows_f32($0, $1, temperature, $2, logits.columns) }
    }
}
