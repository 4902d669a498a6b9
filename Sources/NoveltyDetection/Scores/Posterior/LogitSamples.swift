import Foundation
import Matrices
import Prediction
import Probability

/// Samples of the logits of some rows, and how far they differ: what scores of the posterior measure.
///
/// Either given, such as the passes of a network with dropout, or drawn from a Gaussian posterior row by row. Drawn
/// samples are antithetic pairs m ± √v·noise of one fixed table of noise, a function of class and pair alone, so a row's
/// answer does not depend on other rows, on blocks or on threads.
public struct LogitSamples: Sendable {
    /// One `[samples, classes]` matrix a row.
    private let rows: [Matrix<Float>]

    /// - Parameter samples: one `[rows, classes]` matrix a sample, two at least.
    public init(_ samples: [Matrix<Float>]) {
        precondition(samples.count > 1, "a spread of \(samples.count) samples")
        rows = (0..<samples[0].rows).map { row in Matrix(samples.map { $0.row(row) }) }
    }

    /// One score a row.
    public func scores(_ score: some SampledScore) -> [Float] { rows.map { score.score(SampledRow(logits: $0)) } }
}

/// A score of a row's samples.
public protocol SampledScore: NoveltyScore {
    /// How many are drawn from a Gaussian posterior, rounded up to an even number.
    var samples: Int { get }
    /// Of one row.
    func score(_ samples: SampledRow) -> Float
}

/// Measures of given samples that Gaussian posteriors have in closed form or from the kernel that `Prediction` uses. One
/// number a row.
extension LogitSamples {
    /// The unbiased variance of the logits, summed over classes.
    public var logitVariance: [Float] { rows.map(SampledRow.summedVariance) }
    /// The mean soft-max, `[rows, classes]`.
    public var meanProbabilities: Matrix<Float> { Matrix(rows.map { $0.softmax().columnMeans() }) }
    /// The entropy of the mean soft-max, nats.
    public var entropyOfMean: [Float] {
        let mean = meanProbabilities
        return (0..<mean.rows).map { mean.row($0).reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 } }
    }
    /// The mean entropy of the soft-max, nats.
    public var expectedEntropy: [Float] {
        rows.map { logits in
            let (p, logs) = (logits.softmax(), logits.logSoftmax())
            return -p.multipliedElementwise(by: logs).sum() / Float(logits.rows)
        }
    }
    /// The difference of the two, nats.
    public var mutualInformation: [Float] { zip(entropyOfMean, expectedEntropy).map { max(0, $0 - $1) } }
}

/// The samples of one row.
public struct SampledRow {
    /// `[samples, classes]`.
    public let logits: Matrix<Float>
    /// Their soft-max, `[samples, classes]`.
    public var probabilities: Matrix<Float> { logits.softmax() }

    /// The unbiased variance over samples of each column, added up.
    static func summedVariance(_ values: Matrix<Float>) -> Float {
        let means = values.columnMeans()
        let squares = values.adding(row: means.map { -$0 }).rowSquaredNorms()
        return squares.reduce(0, +) / Float(values.rows - 1)
    }

    static func variance(_ values: [Float]) -> Float {
        summedVariance(Matrix(rows: values.count, columns: 1, elements: values))
    }
}

extension SampledScore {
    public func checkSettings() throws(NoveltyError) { try check(samples, atLeast: 2, "samples") }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        let posterior = try input.posterior(for: self)
        let (classes, pairs) = (posterior.classes, (samples + 1) / 2)
        var noise = Matrix<Float>(rows: pairs, columns: classes)
        for k in 0..<classes {
            var normal = NormalNoise(seed: Self.noiseSeed, stream: UInt64(k))
            let column = normal.matrix(Float.self, rows: 1, columns: pairs)
            for pair in 0..<pairs { noise[pair, k] = column[0, pair] }
        }
        let table = noise
        var result = [Float](repeating: 0, count: posterior.rows)
        result.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let target = buffer  // each piece writes its own rows
            Parallelism.forEachRange(of: posterior.rows, size: 64) { range in
                var logits = Matrix<Float>(uninitialized: 2 * pairs, classes)
                for row in range {
                    let (mean, variance) = (posterior.mean.row(row), posterior.variance.row(row))
                    // Without variance every sample is the same.
                    if variance.allSatisfy({ $0 == 0 }) {
                        target[row] = score(SampledRow(logits: Matrix([mean, mean])))
                        continue
                    }
                    let deviation = variance.map { $0.squareRoot() }
                    logits.withUnsafeMutableElements { elements in
                        for pair in 0..<pairs {
                            let (up, down) = (2 * pair * classes, (2 * pair + 1) * classes)
                            for k in 0..<classes {
                                let step = deviation[k] * table.pointer[pair * classes + k]
                                elements[up + k] = mean[k] + step
                                elements[down + k] = mean[k] - step
                            }
                        }
                    }
                    target[row] = score(SampledRow(logits: logits))
                }
            }
        }
        return result
    }

    private static var noiseSeed: UInt64 { 0x6E6F_7665_6C74_7921 }
}
