import CKernels
import Matrices
import Probability

/// Monte Carlo over Gaussian logits: probabilities, entropy of the mean and mean entropy from the same samples.
enum MonteCarlo {
    struct Result {
        var probabilities: Matrix<Float>
        var totalEntropy: [Float]
        var expectedEntropy: [Float]
    }

    /// The noise's seed: fixed, so that the same posterior has the same probabilities in every program.
    private static let seed: UInt64 = 0x4372_6564_656e_6365
    private static let lanes = 16
    private static let blockRows = 64

    static func run(_ posterior: LogitPosterior, samples: Int) -> Result {
        precondition(samples > 0, "\(samples) Monte Carlo samples")
        let (rows, classes, pairs) = (posterior.rows, posterior.classes, (samples + 1) / 2)
        let stride = (classes + lanes - 1) / lanes * lanes
        var probabilities = Matrix<Float>(uninitialized: rows, classes)
        var entropies = Matrix<Float>(rows: 2, columns: rows)
        guard rows > 0, classes > 0 else {
            return Result(
                probabilities: probabilities, totalEntropy: entropies.row(0), expectedEntropy: entropies.row(1))
        }
        let noise = noise(pairs: pairs, classes: classes, stride: stride)
        // Each block writes its own rows.
        nonisolated(unsafe) let (target, total) = (probabilities.mutablePointer(), entropies.mutablePointer())
        Parallelism.forEach(pieces: (rows + blockRows - 1) / blockRows) { block in
            let start = block * blockRows
            var scratch = Matrix<Float>(uninitialized: 5, stride)
            credence_monte_carlo_rows_f32(
                target + start * classes, total + start, total + rows + start, posterior.mean.pointer + start * classes,
                posterior.variance.pointer + start * classes, noise.pointer, scratch.mutablePointer(),
                min(blockRows, rows - start), classes, pairs)
        }
        return Result(
            probabilities: probabilities, totalEntropy: entropies.row(0), expectedEntropy: entropies.row(1))
    }

    /// `[pairs, stride]`: the noise of class k is stream k, so that more classes or samples leave the others' as it is.
    static func noise(pairs: Int, classes: Int, stride: Int) -> Matrix<Float> {
        var table = Matrix<Float>(rows: pairs, columns: stride)
        let target = table.mutablePointer()
        for k in 0..<classes {
            var noise = NormalNoise(seed: seed, stream: UInt64(k))
            let column = noise.matrix(Float.self, rows: 1, columns: pairs)
            for pair in 0..<pairs { target[pair * stride + k] = column.pointer[pair] }
        }
        return table
    }
}
