import Gradients
import Matrices
import Prediction
import Probability

/// The Gaussian over every class's vector z, given a context: z ~ N(location, diag variance), for each of the G draws of
/// the global latent.
struct ClassPosterior<Scalar: MatrixScalar>: Sendable {
    /// G, or 1 without the hierarchy.
    let blocks: Int
    /// `[G · classes, D]`: x + μ.
    let location: Matrix<Scalar>
    /// `[G · classes, D]`: σ.
    let standardDeviation: Matrix<Scalar>
    /// `[classes, D]`: location and σ², averaged over the G draws.
    private let meanLocation: Matrix<Scalar>
    private let meanVariance: Matrix<Scalar>

    /// The posterior of `network` when `context` `[rows, D]` is what its attention looks at.
    init(network: CLAPNetwork<Scalar>, text: CLAPText<Scalar>, context: Matrix<Scalar>, globalNoise: Matrix<Scalar>?) {
        network.freeze(for: .predict, learning: [])
        let tape = Tape<Scalar>()
        var noise = DropoutNoise(seed: 0)
        let latents = network.latents(
            text: tape.constant(text.classFeatures), context: tape.constant(context), globalNoise: globalNoise,
            phase: .predict, noise: &noise)
        blocks = latents.blocks
        location = latents.location.value
        standardDeviation = latents.all.standardDeviation.value
        let weight = 1 / Scalar(blocks)
        meanLocation = weight * location.blockSum(blocks)
        meanVariance = weight * standardDeviation.multipliedElementwise(by: standardDeviation).blockSum(blocks)
    }

    var classes: Int { location.rows / blocks }

    /// Mean and variance of the logits s·x·z of unit rows `[rows, D]`, in closed form: s·x·E[z] and
    /// s²·Σ_d x_d²·var(z_d); with a hierarchy, those of the mixture over its G draws. Two products a block of rows.
    func moments(of rows: Matrix<Scalar>, logitScale: Scalar) -> (mean: Matrix<Scalar>, variance: Matrix<Scalar>) {
        let (count, width, classes) = (rows.rows, rows.columns, classes)
        var mean = Matrix<Scalar>(uninitialized: count, classes)
        var variance = Matrix<Scalar>(uninitialized: count, classes)
        // Each piece writes its own rows.
        nonisolated(unsafe) let (meanRows, varianceRows) = (mean.mutablePointer(), variance.mutablePointer())
        let rowsAtATime = 256
        Parallelism.forEach(pieces: (count + rowsAtATime - 1) / rowsAtATime) { piece in
            let first = piece * rowsAtATime
            let size = min(rowsAtATime, count - first)
            let x = rows.pointer + first * width
            let (m, v) = (meanRows + first * classes, varianceRows + first * classes)
            Product.run(
                .asStored, .transposed, m: size, n: classes, k: width, alpha: logitScale, a: x, lda: width,
                b: meanLocation.pointer, ldb: width, beta: 0, c: m, ldc: classes)
            var squaredRows = Matrix<Scalar>(uninitialized: size, width)
            Scalar.Kernels.multiply(squaredRows.mutablePointer(), x, x, size * width)
            Product.run(
                .asStored, .transposed, m: size, n: classes, k: width, alpha: logitScale * logitScale,
                a: squaredRows.pointer, lda: width, b: meanVariance.pointer, ldb: width, beta: 0, c: v, ldc: classes)
            guard blocks > 1 else { return }
            var logits = Matrix<Scalar>(uninitialized: size, classes)
            let z = logits.mutablePointer()
            for block in 0..<blocks {
                Product.run(
                    .asStored, .transposed, m: size, n: classes, k: width, alpha: logitScale, a: x, lda: width,
                    b: location.pointer + block * classes * width, ldb: width, beta: 0, c: z, ldc: classes)
                Scalar.Kernels.combine(z, 1, z, -1, m, size * classes)
                Scalar.Kernels.multiplyAdd(v, 1 / Scalar(blocks), z, z, size * classes)
            }
        }
        return (mean, variance)
    }

    /// The class vectors z of `noise` `[draws · G · classes, D]`.
    func draws(noise: Matrix<Scalar>) -> Matrix<Scalar> {
        var vectors = Matrix<Scalar>(uninitialized: noise.rows, noise.columns)
        let (z, size) = (vectors.mutablePointer(), location.count)
        for start in stride(from: 0, to: noise.count, by: max(size, 1)) {
            Scalar.Kernels.locationScale(
                z + start, location.pointer, standardDeviation.pointer, noise.pointer + start, size)
        }
        return vectors
    }

    /// Logits of drawn class vectors, `[rows, draws · G · classes]`: row b holds one run of classes per draw.
    func sampledLogits(of rows: Matrix<Scalar>, draws: Matrix<Scalar>, logitScale: Scalar) -> Matrix<Scalar> {
        rows.multiplied(by: draws, .transposed, scaledBy: logitScale)
    }

    /// Mean and unbiased variance of the logits over drawn class vectors.
    func sampledMoments(
        of rows: Matrix<Scalar>, draws: Matrix<Scalar>, logitScale: Scalar
    ) -> (mean: Matrix<Scalar>, variance: Matrix<Scalar>) {
        let classes = classes
        let count = draws.rows / classes
        var mean = Matrix<Scalar>(rows: rows.rows, columns: classes)
        var variance = Matrix<Scalar>(rows: rows.rows, columns: classes)
        let rowsAtATime = 256
        var deviation = Matrix<Scalar>(uninitialized: 1, classes)
        let d = deviation.mutablePointer()
        for first in stride(from: 0, to: rows.rows, by: rowsAtATime) {
            let part = rows.rows(first..<min(first + rowsAtATime, rows.rows))
            let logits = sampledLogits(of: part, draws: draws, logitScale: logitScale)
            for row in 0..<part.rows {
                let z = logits.pointer + row * logits.columns
                let m = mean.mutablePointer() + (first + row) * classes
                let v = variance.mutablePointer() + (first + row) * classes
                for draw in 0..<count {
                    Scalar.Kernels.combine(m, 1, m, 1 / Scalar(count), z + draw * classes, classes)
                }
                for draw in 0..<count where count > 1 {
                    Scalar.Kernels.combine(d, 1, z + draw * classes, -1, m, classes)
                    Scalar.Kernels.multiplyAdd(v, 1 / Scalar(count - 1), d, d, classes)
                }
            }
        }
        return (mean, variance)
    }
}
