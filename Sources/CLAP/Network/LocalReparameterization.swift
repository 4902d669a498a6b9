import Gradients
import Matrices

/// The cross-entropy of Gaussian logits, drawn as logits rather than as class vectors (local reparameterisation, Kingma,
/// Salimans and Welling 2015, arXiv 1506.02557).
///
/// A logit s·x·z is linear in z ~ N(location, diag σ²), so it is exactly N(s·x·location, s²·Σ_d x_d²σ_d²): the same
/// distribution as by drawing z, with noise of its own for every row, hence gradients of lower variance, and `[rows,
/// classes]` numbers a draw in place of `[classes, D]`.
struct LocalReparameterization<Scalar: MatrixScalar> {
    /// Unit-length rows `[B, D]`.
    let rows: Matrix<Scalar>
    /// One label a row.
    let labels: [Int]
    let logitScale: Scalar
    /// Blocks of classes in `location` and `deviation`: G where there is a hierarchy, else 1.
    let blocks: Int

    /// The mean over draws and rows, in nats, [1, 1]. Four products of `[B, G · classes, D]` with gradients.
    ///
    /// - Parameters:
    ///   - location: `[G · classes, D]`.
    ///   - deviation: σ, the same shape, positive.
    ///   - noise: `[B · G · draws, classes]`, standard normal.
    ///   - antithetic: whether each draw is used with both signs.
    func callAsFunction(
        location: Variable<Scalar>, deviation: Variable<Scalar>, noise: Matrix<Scalar>, antithetic: Bool
    ) -> Variable<Scalar> {
        let sigma = deviation.value
        let (count, width, stacked) = (rows.rows, rows.columns, sigma.rows)
        let classes = stacked / blocks
        let runs = count * blocks
        let draws = noise.rows / max(runs, 1)
        precondition(noise.rows == runs * draws && noise.columns == classes && draws > 0, "noise of another shape")
        let squaredRows = rows.multipliedElementwise(by: rows)
        let variances = sigma.multipliedElementwise(by: sigma)
        var means = rows.multiplied(by: location.value, .transposed, scaledBy: logitScale)
        var deviations = squaredRows.multiplied(by: variances, .transposed, scaledBy: logitScale * logitScale)
            .squareRoot()
        let logitDeviations = deviations
        var losses = Matrix<Scalar>(uninitialized: runs, 1)
        let runLabels = blocks == 1
            ? labels.map(Int32.init) : labels.flatMap { Array(repeating: Int32($0), count: blocks) }
        runLabels.withUnsafeBufferPointer { buffer in
            guard let label = buffer.baseAddress else { return }
            // Each piece writes its own rows; labels are read alone.
            nonisolated(unsafe) let (m, d, l) = (
                means.mutablePointer(), deviations.mutablePointer(), losses.mutablePointer())
            nonisolated(unsafe) let ownLabels = label
            Parallelism.forEachRange(of: runs, size: max(1, 65_536 / (classes * draws))) { part in
                var scratch = Matrix<Scalar>(uninitialized: 3, classes)
                let first = part.lowerBound
                Scalar.Kernels.normalCrossEntropyRows(
                    l + first, m + first * classes, d + first * classes, noise.pointer + first * draws * classes,
                    ownLabels + first, 1 / Scalar(runs), part.count, classes, draws, antithetic,
                    scratch.mutablePointer())
            }
        }
        let (meanSlopes, deviationSlopes) = (means, deviations)
        let rows = rows
        let logitScale = logitScale
        let loss = Matrix<Scalar>(rows: 1, columns: 1, repeating: losses.mean())
        return location.tape.record(loss, from: [location, deviation]) { tape, gradient in
            let factor = gradient[0, 0]
            if location.requiresGradient {
                var part = Matrix<Scalar>(uninitialized: stacked, width)
                part.setToProduct(meanSlopes, .transposed, rows, alpha: factor * logitScale, beta: 0)
                tape.accumulate(part, to: location)
            }
            if deviation.requiresGradient {
                // dσ = 2σ ∘ dσ², dσ² = s²·(dv)ᵀ·x², dv = d(deviation)/(2·deviation).
                var part = Matrix<Scalar>(uninitialized: stacked, width)
                part.setToProduct(
                    deviationSlopes.dividedElementwise(by: logitDeviations), .transposed, squaredRows,
                    alpha: factor * logitScale * logitScale, beta: 0)
                tape.accumulate(part.multipliedElementwise(by: sigma), to: deviation)
            }
        }
    }
}
