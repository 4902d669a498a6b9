import Matrices
import Prediction

/// The free energy −T·log Σ exp(m/T) of the mean logits m (Liu et al. 2020, arXiv:2010.03759). O(classes) a row.
public struct Energy: NoveltyScore {
    /// T > 0.
    public let temperature: Float

    public init(temperature: Float = 1) {
        precondition(temperature > 0, "temperature \(temperature)")
        self.temperature = temperature
    }

    public var name: String { "energy" }

    public func scores(for input: NoveltyInput) -> [Float] {
        guard temperature != 1 else { return input.posterior.mean.logSumExp().map { -$0 } }
        var logits = input.posterior.mean
        logits.withUnsafeMutableElements { for index in $0.indices { $0[index] /= temperature } }
        return logits.logSumExp().map { -temperature * $0 }
    }
}
