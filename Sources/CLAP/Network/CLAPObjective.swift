import Gradients
import Matrices

/// One batch with the noise of its step.
struct CLAPBatch<Scalar: MatrixScalar> {
    /// Unit-length rows `[B, D]`.
    var rows: Matrix<Scalar>
    var labels: [Int]
    /// The rows whose cross-entropy is wanted, where the others' is computed elsewhere; nil for all.
    var own: Range<Int>?
    /// Standard normal: `[samples · G · classes, D]`, or where logits are drawn `[rows · G · draws, classes]` for the rows
    /// `own`.
    var noise: Matrix<Scalar>
    /// Standard normal, `[G · classes, D]`; with a hierarchy only.
    var globalNoise: Matrix<Scalar>?
    /// The rows that the data-driven prior attends to.
    var contextRows: [Int] = []
}

/// The losses of a step; each is `[1, 1]`, in nats.
struct CLAPLosses<Scalar: MatrixScalar> {
    let latents: ClassLatents<Scalar>
    let crossEntropy: Variable<Scalar>
    let priorMatching: Variable<Scalar>?
    let textRegularizer: Variable<Scalar>?
    let total: Variable<Scalar>
}

/// The training objective: cross-entropy + divergence from the prior + text regularisation (paper, sections 3.2 to 3.4).
struct CLAPObjective<Scalar: MatrixScalar> {
    let network: CLAPNetwork<Scalar>
    let text: CLAPText<Scalar>
    let logitScale: Scalar
    /// The frozen model before the task, for distillation.
    var previous: CLAPNetwork<Scalar>?
    /// The tasks whose classes have rows to learn from; nil: the newest.
    var learning: [Int]?
    /// What `batch.noise` stands for.
    var sampling = CLAPRecipe.Sampling.classVectors
    /// Where logits are drawn: whether each draw counts with both signs.
    var antithetic = false
    /// What the whole divergence is multiplied by; nil: the reference's rule.
    var divergenceFactor: Scalar?
    /// The prior of class vectors.
    var classPrior: GaussianPrior<Scalar>?
    /// Of how many ranks this is one: losses are parts that add up to the whole over the ranks.
    var ranks = 1

    /// In `.train` only the tasks learnt now count in the divergence and the text regulariser; in `.fineTune` every task.
    func losses(of batch: CLAPBatch<Scalar>, phase: CLAPPhase, dropout: inout DropoutNoise) -> CLAPLosses<Scalar> {
        let tape = Tape<Scalar>()
        let classFeatures = tape.constant(text.classFeatures)
        let images = tape.constant(batch.rows)
        let latents = network.latents(
            text: classFeatures, context: images, globalNoise: batch.globalNoise, phase: phase, noise: &dropout)
        let crossEntropy = self.crossEntropy(latents, batch)
        let active = phase == .fineTune ? Array(network.classesPerTask.indices) : learningTasks
        let prior =
            network.configuration.latents == .classVectors
            ? classDivergence(latents)
            : priorMatching(latents, tasks: active, images: images, batch: batch, phase: phase, dropout: &dropout)
        let regularizer = textRegularizer(latents, tasks: active, batch: batch, images: images)
        var total = crossEntropy
        let rest = [prior, regularizer].compactMap { $0 }
        for term in rest { total = total + (ranks == 1 ? term : term.scaled(by: 1 / Scalar(ranks))) }
        return CLAPLosses(
            latents: latents, crossEntropy: crossEntropy, priorMatching: prior, textRegularizer: regularizer,
            total: total)
    }

    private var learningTasks: [Int] { learning ?? [network.classesPerTask.count - 1] }

    /// The mean over the rows of the batch; of the rows `own` alone, their part of it.
    private func crossEntropy(_ latents: ClassLatents<Scalar>, _ batch: CLAPBatch<Scalar>) -> Variable<Scalar> {
        guard let own = batch.own else { return meanCrossEntropy(latents, batch) }
        guard !own.isEmpty else { return latents.all.mean.tape.constant(Matrix(rows: 1, columns: 1)) }
        var part = batch
        part.rows = batch.rows.rows(own)
        part.labels = Array(batch.labels[own])
        return meanCrossEntropy(latents, part).scaled(by: Scalar(own.count) / Scalar(batch.labels.count))
    }

    private func meanCrossEntropy(_ latents: ClassLatents<Scalar>, _ batch: CLAPBatch<Scalar>) -> Variable<Scalar> {
        switch sampling {
        case .classVectors:
            SampledCrossEntropy(
                rows: batch.rows, labels: batch.labels, logitScale: logitScale, blocks: latents.blocks
            )(location: latents.location, scale: latents.all.standardDeviation, noise: batch.noise)
        case .logits:
            LocalReparameterization(
                rows: batch.rows, labels: batch.labels, logitScale: logitScale, blocks: latents.blocks
            )(
                location: latents.location, deviation: latents.all.standardDeviation, noise: batch.noise,
                antithetic: antithetic)
        }
    }

    // MARK: - Divergence from the prior

    /// KL(q ‖ prior) of all class vectors.
    private func classDivergence(_ latents: ClassLatents<Scalar>) -> Variable<Scalar>? {
        guard let classPrior, let divergenceFactor, divergenceFactor > 0 else { return nil }
        let tape = latents.all.mean.tape
        return latents.all.mean.divergence(
            standardDeviation: latents.all.standardDeviation, priorMean: tape.constant(classPrior.mean),
            priorStandardDeviation: tape.constant(classPrior.deviation)
        ).scaled(by: divergenceFactor)
    }

    private func priorMatching(
        _ latents: ClassLatents<Scalar>, tasks: [Int], images: Variable<Scalar>, batch: CLAPBatch<Scalar>,
        phase: CLAPPhase, dropout: inout DropoutNoise
    ) -> Variable<Scalar>? {
        let configuration = network.configuration
        guard divergenceFactor ?? Scalar(configuration.priorMatchingWeight) > 0 else { return nil }
        var sum: Variable<Scalar>?
        for task in tasks {
            let latent = latents.tasks[task]
            let divergence = self.divergence(
                latent, task: task, images: images, batch: batch, phase: phase, dropout: &dropout)
            // The reference averages the first axis: classes, or the draws of the hierarchy where there is one.
            let count = configuration.isHierarchical ? latents.blocks : max(network.classesPerTask[task], 1)
            let part = divergenceFactor == nil ? divergence.scaled(by: 1 / Scalar(count)) : divergence
            sum = sum.map { $0 + part } ?? part
        }
        if let global = latents.global {
            let divergence = global.mean.divergenceFromStandardNormal(standardDeviation: global.standardDeviation)
            let part = divergenceFactor == nil ? divergence.scaled(by: 1 / Scalar(network.classCount)) : divergence
            sum = sum.map { $0 + part } ?? part
        }
        return sum?.scaled(by: divergenceFactor ?? Scalar(configuration.priorMatchingWeight))
    }

    private func divergence(
        _ latent: DiagonalLatent<Scalar>, task: Int, images: Variable<Scalar>, batch: CLAPBatch<Scalar>,
        phase: CLAPPhase, dropout: inout DropoutNoise
    ) -> Variable<Scalar> {
        let tape = images.tape
        let range = network.classes(of: task)
        let priorRows: Variable<Scalar>
        switch network.configuration.prior {
        case .standardNormal:
            return latent.mean.divergenceFromStandardNormal(standardDeviation: latent.standardDeviation)
        case .frozen:
            priorRows = tape.constant(text.promptMeans).rows(range)
        case .dataDriven:
            let classFeatures = tape.constant(text.classFeatures).rows(range)
            let context = images.gatherRows(batch.contextRows)
            priorRows = network.attendedRows(
                of: task, text: classFeatures, context: context, phase: phase, noise: &dropout)
        }
        let prior = network.taskLatent(task, of: priorRows)
        let blocks = max(network.configuration.globalSamples, 1)
        return latent.mean.divergence(
            standardDeviation: latent.standardDeviation, priorMean: prior.mean.tiled(blocks),
            priorStandardDeviation: prior.standardDeviation.tiled(blocks))
    }

    // MARK: - Text regularisation, orthogonality, distillation

    private func textRegularizer(
        _ latents: ClassLatents<Scalar>, tasks: [Int], batch: CLAPBatch<Scalar>, images: Variable<Scalar>
    ) -> Variable<Scalar>? {
        let configuration = network.configuration
        let tape = images.tape
        var terms: [Variable<Scalar>] = []
        if configuration.textRegularization > 0 {
            for task in tasks {
                let range = network.classes(of: task)
                let mean = averageDraw(
                    latents.tasks[task], meanNoise: meanNoise(batch, of: range, blocks: latents.blocks),
                    blocks: latents.blocks, tape: tape)
                terms.append(alignment(of: mean, with: range))
            }
            if let global = latents.global, let noise = batch.globalNoise {
                let mean = averageDraw(
                    DiagonalLatent(
                        mean: global.mean.tiled(latents.blocks),
                        standardDeviation: global.standardDeviation.tiled(latents.blocks)),
                    meanNoise: noise, blocks: latents.blocks, tape: tape)
                terms.append(alignment(of: mean, with: 0..<network.classCount))
            }
        }
        if configuration.orthogonalityWeight > 0 {
            let means = averageDraw(
                latents.all, meanNoise: meanNoise(batch, of: 0..<network.classCount, blocks: latents.blocks),
                blocks: latents.blocks, tape: tape)
            let similarity = means.multiplied(by: means, .transposed)
            terms.append(
                similarity.crossEntropy(labels: Array(0..<network.classCount))
                    .scaled(by: Scalar(configuration.orthogonalityWeight)))
        }
        if configuration.distillationWeight > 0, let global = latents.global, let previous {
            let old = previous.classCount
            let target = previousGlobalMeans(previous, images: images.value)
            terms.append(
                global.mean.rows(0..<old).meanSquaredDifference(to: tape.constant(target))
                    .scaled(by: Scalar(configuration.distillationWeight)))
        }
        return terms.dropFirst().reduce(terms.first) { sum, term in sum.map { $0 + term } }
    }

    /// β · cross-entropy of ⟨prompt features of class k, latent of class j⟩ against k, averaged over prompts and draws
    /// before the softmax (paper, equation 10).
    private func alignment(of latents: Variable<Scalar>, with classes: Range<Int>) -> Variable<Scalar> {
        let prompts = latents.tape.constant(text.promptMeans).rows(classes)
        return prompts.multiplied(by: latents, .transposed).crossEntropy(labels: Array(0..<classes.count))
            .scaled(by: Scalar(network.configuration.textRegularization))
    }

    /// `[G · classes, D]` latents and mean noise → `[classes, D]`.
    private func averageDraw(
        _ latent: DiagonalLatent<Scalar>, meanNoise: Matrix<Scalar>, blocks: Int, tape: Tape<Scalar>
    ) -> Variable<Scalar> {
        let draws = latent.mean + latent.standardDeviation.multipliedElementwise(by: tape.constant(meanNoise))
        return blocks == 1 ? draws : draws.blockSum(blocks).scaled(by: 1 / Scalar(blocks))
    }

    /// The mean over draws of the noise of some classes, `[G · classes, D]`: with it the mean of the latents
    /// r = μ + σ∘ε over draws needs no draw to be formed. Zero where logits are drawn: then no r is.
    private func meanNoise(_ batch: CLAPBatch<Scalar>, of classes: Range<Int>, blocks: Int) -> Matrix<Scalar> {
        guard sampling == .classVectors else {
            return Matrix(rows: blocks * classes.count, columns: batch.rows.columns)
        }
        let noise = batch.noise
        let stacked = blocks * network.classCount
        let draws = noise.rows / stacked
        var mean = Matrix<Scalar>(rows: blocks * classes.count, columns: noise.columns)
        let target = mean.mutablePointer()
        let size = classes.count * noise.columns
        for draw in 0..<draws {
            for block in 0..<blocks {
                let first = draw * stacked + block * network.classCount + classes.lowerBound
                let part = target + block * size
                Scalar.Kernels.combine(part, 1, part, 1 / Scalar(draws), noise.pointer + first * noise.columns, size)
            }
        }
        return mean
    }

    /// The previous model's global means of its classes, on the same images.
    private func previousGlobalMeans(_ previous: CLAPNetwork<Scalar>, images: Matrix<Scalar>) -> Matrix<Scalar> {
        let tape = Tape<Scalar>()
        previous.freeze(for: .predict, learning: [])
        let classFeatures = tape.constant(text.classFeatures).rows(0..<previous.classCount)
        let zero = Matrix<Scalar>(
            rows: max(previous.configuration.globalSamples, 1) * previous.classCount, columns: images.columns)
        var noise = DropoutNoise(seed: 0)
        let latents = previous.latents(
            text: classFeatures, context: tape.constant(images), globalNoise: zero, phase: .predict, noise: &noise)
        return latents.global?.mean.value ?? zero
    }
}

/// N(mean, deviation²) of class vectors' latents, both `[classes, D]`.
struct GaussianPrior<Scalar: MatrixScalar>: Sendable {
    var mean: Matrix<Scalar>
    var deviation: Matrix<Scalar>
}
