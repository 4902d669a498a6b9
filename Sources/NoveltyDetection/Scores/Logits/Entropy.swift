import CKernels
import Foundation
import Matrices
import Prediction

/// The entropy of the class probabilities, in nats. 0…ln(classes).
public struct Entropy: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "entropy", summary: "The entropy of the class probabilities",
        source: "Shannon 1948, doi:10.1002/j.1538-7305.1948.tb01338.x", needs: .posterior)

    /// How the probabilities are taken from the posterior.
    public let method: PredictiveMethod

    public init(method: PredictiveMethod = .softmaxOfMean) { self.method = method }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        let posterior = try input.posterior(for: self)
        switch method {
        case .softmaxOfMean:
            let classes = posterior.classes
            return RowBlocks.scores(posterior.mean) { credence_softmax_entropy_rows_f32($0, $1, $2, classes) }
        case .monteCarlo(let samples): return posterior.uncertainty(samples: samples).total
        default:
            let logs = posterior.logProbabilities(method)
            return (0..<logs.rows).map { row in
                logs.row(row).reduce(0) { $1 == -.infinity ? $0 : $0 - exp($1) * $1 }
            }
        }
    }
}
