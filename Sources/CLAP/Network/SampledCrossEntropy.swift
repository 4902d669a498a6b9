import Gradients
import Matrices

/// The cross-entropy of sampled logits, with its gradient, in one pass.
///
/// For draw s, class vectors z_s = location + scale ∘ noise_s give the logits s·x·z_sᵀ. Drawing, product, softmax and
/// the products back are done for a few draws at a time that fit into the cache, so the `[samples, classes, D]` tensors
/// of a step-by-step program never exist, and the gradient costs no second pass.
struct SampledCrossEntropy<Scalar: MatrixScalar>: Sendable {
    /// Unit-length rows `[B, D]`.
    let rows: Matrix<Scalar>
    /// One label a row.
    let labels: [Int]
    let logitScale: Scalar
    /// Blocks of classes in `location` and `scale`: G where there is a hierarchy, else 1.
    let blocks: Int

    /// Draws handled together: their class vectors and noise should stay in the second-level cache.
    private static var elementsAtATime: Int { 60_000 }

    /// The mean over draws and rows, in nats, [1, 1].
    ///
    /// - Parameters:
    ///   - location: `[G · classes, D]`, row g · classes + k.
    ///   - scale: the same shape, positive.
    ///   - noise: `[draws · G · classes, D]`, standard normal.
    func callAsFunction(
        location: Variable<Scalar>, scale: Variable<Scalar>, noise: Matrix<Scalar>
    ) -> Variable<Scalar> {
        let (place, spread) = (location.value, scale.value)
        let (dimension, stacked) = (place.columns, place.rows)
        let classes = stacked / blocks
        let draws = noise.rows / max(stacked, 1)
        precondition(noise.rows == draws * stacked && noise.columns == dimension && draws > 0, "noise of another shape")
        let needsGradient = location.requiresGradient || scale.requiresGradient
        let perGroup = max(1, min(draws, Self.elementsAtATime / max(stacked * dimension, 1)))
        // At most eight pieces, whatever the number of threads: each keeps sums of its own, added up in order below.
        let groups = (draws + perGroup - 1) / perGroup
        let groupsPerPiece = (groups + 7) / 8
        let pieces = (groups + groupsPerPiece - 1) / groupsPerPiece
        let partials = PieceResults<Scalar>(count: pieces)
        Parallelism.forEach(pieces: pieces) { piece in
            let firstDraw = piece * groupsPerPiece * perGroup
            let lastDraw = min(draws, firstDraw + groupsPerPiece * perGroup)
            partials[piece] = run(
                draws: firstDraw..<lastDraw, perGroup: perGroup, totalDraws: draws, classes: classes, place: place,
                spread: spread, noise: noise, needsGradient: needsGradient)
        }
        var sum = partials[0]
        for piece in 1..<max(pieces, 1) {
            let part = partials[piece]
            sum.loss += part.loss
            if let gradient = part.scaleGradient { sum.scaleGradient?.add(gradient) }
            if let gradient = part.logitGradient { sum.logitGradient?.add(gradient) }
        }
        let total = sum
        let loss = Matrix<Scalar>(rows: 1, columns: 1, repeating: total.loss / Scalar(draws * blocks * rows.rows))
        return location.tape.record(loss, from: [location, scale]) { tape, gradient in
            let factor = gradient[0, 0]
            if location.requiresGradient, let slopes = total.logitGradient {
                // Σ over draws first, then one product: dlocation = (Σ_s dlogits_s)ᵀ·x. [B·G, classes] → [G·classes, D]
                var part = Matrix<Scalar>(uninitialized: stacked, dimension)
                Product.run(
                    .transposed, .asStored, m: stacked, n: dimension, k: rows.rows, alpha: factor * logitScale,
                    a: slopes.pointer, lda: stacked, b: rows.pointer, ldb: dimension, beta: 0,
                    c: part.mutablePointer(), ldc: dimension)
                tape.accumulate(part, to: location)
            }
            if scale.requiresGradient, var part = total.scaleGradient {
                part.scale(by: factor)
                tape.accumulate(part, to: scale)
            }
        }
    }

    struct Partial: Sendable {
        var loss: Scalar = 0
        /// `[G · classes, D]`.
        var scaleGradient: Matrix<Scalar>?
        /// `[B, G · classes]`: the logits' gradient summed over draws, without the logit scale.
        var logitGradient: Matrix<Scalar>?
    }

    private func run(
        draws: Range<Int>, perGroup: Int, totalDraws: Int, classes: Int, place: Matrix<Scalar>, spread: Matrix<Scalar>,
        noise: Matrix<Scalar>, needsGradient: Bool
    ) -> Partial {
        let (dimension, stacked, batch) = (place.columns, place.rows, rows.rows)
        var partial = Partial()
        if needsGradient {
            partial.scaleGradient = Matrix(rows: stacked, columns: dimension)
            partial.logitGradient = Matrix(rows: batch, columns: stacked)
        }
        var vectors = Matrix<Scalar>(uninitialized: perGroup * stacked, dimension)
        var logits = Matrix<Scalar>(uninitialized: batch, perGroup * stacked)
        var losses = Matrix<Scalar>(uninitialized: batch * perGroup * blocks, 1)
        let (z, logit, loss) = (vectors.mutablePointer(), logits.mutablePointer(), losses.mutablePointer())
        let rowWeight = 1 / Scalar(totalDraws * blocks * batch)
        var repeatedLabels: [Int32] = []
        for group in stride(from: draws.lowerBound, to: draws.upperBound, by: perGroup) {
            let count = min(perGroup, draws.upperBound - group)
            let width = count * stacked
            let epsilon = noise.pointer + group * stacked * dimension
            for draw in 0..<count {
                let offset = draw * stacked * dimension
                Scalar.Kernels.locationScale(
                    z + offset, place.pointer, spread.pointer, epsilon + offset, stacked * dimension)
            }
            Product.run(
                .asStored, .transposed, m: batch, n: width, k: dimension, alpha: logitScale, a: rows.pointer,
                lda: dimension, b: z, ldb: dimension, beta: 0, c: logit, ldc: width)
            // Row b of the logits holds count·G runs of `classes` logits, one per draw: as many rows of the softmax.
            let runs = count * blocks
            if repeatedLabels.count != batch * runs {
                repeatedLabels = labels.flatMap { Array(repeating: Int32($0), count: runs) }
            }
            Scalar.Kernels.crossEntropyRows(loss, logit, repeatedLabels, rowWeight, batch * runs, classes)
            partial.loss += Scalar.Kernels.sum(loss, batch * runs)
            guard needsGradient else { continue }
            Product.run(
                .transposed, .asStored, m: width, n: dimension, k: batch, alpha: logitScale, a: logit, lda: width,
                b: rows.pointer, ldb: dimension, beta: 0, c: z, ldc: dimension)
            if var gradient = partial.scaleGradient {
                partial.scaleGradient = nil
                let g = gradient.mutablePointer()
                for draw in 0..<count {
                    let offset = draw * stacked * dimension
                    Scalar.Kernels.multiplyAdd(g, 1, z + offset, epsilon + offset, stacked * dimension)
                }
                partial.scaleGradient = gradient
            }
            if var gradient = partial.logitGradient {
                partial.logitGradient = nil
                let g = gradient.mutablePointer()
                for row in 0..<batch {
                    for draw in 0..<count {
                        let target = g + row * stacked
                        Scalar.Kernels.combine(target, 1, target, 1, logit + row * width + draw * stacked, stacked)
                    }
                }
                partial.logitGradient = gradient
            }
        }
        return partial
    }
}

/// One slot per piece of a parallel loop.
///
/// `@unchecked Sendable`: each piece writes its own slot only, and they are read after the loop has ended.
private final class PieceResults<Scalar: MatrixScalar>: @unchecked Sendable {
    private let slots: UnsafeMutablePointer<SampledCrossEntropy<Scalar>.Partial>
    private let count: Int

    init(count: Int) {
        self.count = max(count, 1)
        slots = .allocate(capacity: self.count)
        slots.initialize(repeating: .init(), count: self.count)
    }

    deinit {
        slots.deinitialize(count: count)
        slots.deallocate()
    }

    subscript(piece: Int) -> SampledCrossEntropy<Scalar>.Partial {
        get { slots[piece] }
        set { slots[piece] = newValue }
    }
}
