import CKernels
import Foundation
import Matrices
import Probability

/// Probabilities and entropies by sampling, with the standard errors that come of it.
public struct SampledPrediction: Sendable {
    /// The mean softmax over all samples, `[rows, classes]`.
    public let probabilities: Matrix<Float>
    /// The standard error of each, `[rows, classes]`: from the spread of `replicates` independent sets of samples.
    public let standardErrors: Matrix<Float>
    /// The mean entropy of the sampled softmax, `[rows]`, nats.
    public let expectedEntropy: [Float]
    /// Its standard error, `[rows]`.
    public let expectedEntropyError: [Float]
}

/// How samples of the logits are laid out. In either case in antithetic pairs m ± √v·noise.
public enum SampleDesign: Sendable, Hashable, Codable, CaseIterable {
    /// Independent noise: errors fall as 1/√samples.
    case random
    /// Scrambled quasi-random noise: Sobol's sequence with Owen's scrambling for the first 40 classes (GSL has no more
    /// dimensions), independent noise for the others. Take a power of 2 of samples. With many classes that count it gains
    /// little.
    case quasiRandom
}

extension LogitPosterior {
    /// Probabilities by sampling, with their standard errors. O(rows · samples · classes).
    ///
    /// The samples are the same for all rows, a function of class, sample and seed: a row's answer depends on itself
    /// alone.
    /// - Parameters:
    ///   - samples: in all, rounded up to whole pairs in each replicate; at least 2 · `replicates`.
    ///   - replicates: independent sets, at least 2; the standard error has a relative error of about 1/√(2·replicates).
    public func sampled(
        _ design: SampleDesign = .random, samples: Int, replicates: Int = 16, seed: UInt64 = 1
    ) -> SampledPrediction {
        precondition(replicates > 1, "a standard error of \(replicates) replicates")
        let pairs = max(1, (samples + 2 * replicates - 1) / (2 * replicates))
        var sums = Matrix<Double>(rows: rows, columns: classes + 1)
        var squares = sums
        for replicate in 0..<replicates {
            let noise = MonteCarlo.Noise(
                design, pairs: pairs, classes: classes, seed: seed, replicate: UInt64(replicate))
            let result = MonteCarlo.run(self, noise: noise)
            for row in 0..<rows {
                for k in 0...classes {
                    let value = Double(k < classes ? result.probabilities[row, k] : result.expectedEntropy[row])
                    sums[row, k] += value
                    squares[row, k] += value * value
                }
            }
        }
        let n = Double(replicates)
        var (probabilities, errors) = (mean, mean)
        var (entropies, entropyErrors) = ([Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows))
        for row in 0..<rows {
            for k in 0...classes {
                let average = sums[row, k] / n
                let error = (max(0, squares[row, k] / n - average * average) / (n - 1)).squareRoot()
                if k < classes {
                    (probabilities[row, k], errors[row, k]) = (Float(average), Float(error))
                } else {
                    (entropies[row], entropyErrors[row]) = (Float(average), Float(error))
                }
            }
        }
        return SampledPrediction(
            probabilities: probabilities, standardErrors: errors, expectedEntropy: entropies,
            expectedEntropyError: entropyErrors)
    }
}
