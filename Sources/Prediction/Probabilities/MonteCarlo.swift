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

    /// The noise of antithetic pairs: `[pairs, stride]`, one column a class, zero in the columns beyond.
    struct Noise {
        let table: Matrix<Float>
        let pairs: Int
        let classes: Int

        /// The seed of the table of `PredictiveMethod.monteCarlo`: fixed, so that the same posterior has the same
        /// probabilities in every program.
        static let seed: UInt64 = 0x4372_6564_656e_6365

        /// The noise of class k is a stream of its own, so that more classes or samples leave the others' as it is.
        init(
            _ design: SampleDesign = .random, pairs: Int, classes: Int, seed: UInt64 = Noise.seed, replicate: UInt64 = 0
        ) {
            let stride = (classes + lanes - 1) / lanes * lanes
            var table = Matrix<Float>(rows: pairs, columns: stride)
            let points = design == .quasiRandom ? Self.evenly(pairs, classes, seed: seed &+ replicate) : nil
            let target = table.mutablePointer()
            for k in 0..<classes {
                if let points, k < points.columns {
                    for pair in 0..<pairs { target[pair * stride + k] = Float(points[pair, k]) }
                } else {
                    var noise = NormalNoise(seed: seed, stream: replicate << 32 | UInt64(k))
                    let column = noise.matrix(Float.self, rows: 1, columns: pairs)
                    for pair in 0..<pairs { target[pair * stride + k] = column.pointer[pair] }
                }
            }
            (self.table, self.pairs, self.classes) = (table, pairs, classes)
        }

        /// Quasi-random normals `[pairs, columns]` for as many classes as Sobol's sequence has dimensions. Halton's has
        /// more, but its higher ones are so alike that 64 points in 100 dimensions were three times worse than random.
        private static func evenly(_ pairs: Int, _ classes: Int, seed: UInt64) -> Matrix<Double>? {
            let dimension = min(classes, QuasiRandomSequence.Family.sobol.maximumDimension)
            var stream = RandomStream(seed: seed)
            var sequence = try? QuasiRandomSequence(.sobol, dimension: dimension, scrambling: .owen, &stream)
            return try? sequence?.normals(pairs)
        }
    }

    private static let lanes = 16
    private static let blockRows = 64

    static func run(_ posterior: LogitPosterior, samples: Int) -> Result {
        precondition(samples > 0, "\(samples) Monte Carlo samples")
        return run(posterior, noise: Noise(pairs: (samples + 1) / 2, classes: posterior.classes))
    }

    static func run(_ posterior: LogitPosterior, noise: Noise) -> Result {
        let (rows, classes) = (posterior.rows, posterior.classes)
        precondition(noise.classes == classes, "noise for \(noise.classes) classes, the posterior has \(classes)")
        var probabilities = Matrix<Float>(uninitialized: rows, classes)
        var entropies = Matrix<Float>(rows: 2, columns: rows)
        if rows > 0, classes > 0 {
            // Each block writes its own rows.
            nonisolated(unsafe) let (target, total) = (probabilities.mutablePointer(), entropies.mutablePointer())
            Parallelism.forEach(pieces: (rows + blockRows - 1) / blockRows) { block in
                let start = block * blockRows
                var scratch = Matrix<Float>(uninitialized: 5, noise.table.columns)
                credence_monte_carlo_rows_f32(
                    target + start * classes, total + start, total + rows + start,
                    posterior.mean.pointer + start * classes, posterior.variance.pointer + start * classes,
                    noise.table.pointer, scratch.mutablePointer(), min(blockRows, rows - start), classes, noise.pairs)
            }
        }
        return Result(
            probabilities: probabilities, totalEntropy: entropies.row(0), expectedEntropy: entropies.row(1))
    }
}
