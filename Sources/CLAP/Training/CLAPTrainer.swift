import FeatureData
import Gradients
import Matrices
import Prediction
import Probability

/// Runs the steps of one phase (training on a task, or fine-tuning on exemplars) on a network.
///
/// All random numbers come from `random`, by the number of the step, so a run can be repeated bit by bit.
///
/// Among several ranks (`Parallelism.ranks`) each takes its share of every batch's rows for the cross-entropy, with the
/// noise that these rows have in any case; what does not go by rows (attention, divergence, regularisers) all of them
/// compute, each for its n-th part. Gradients are added up in the order of ranks before the step, so all ranks make the same
/// steps, and the model is that of one rank but for the rounding of the sums.
struct CLAPTrainer {
    let recipe: CLAPRecipe
    var objective: CLAPObjective<Float>
    let phase: CLAPPhase
    let rows: TrainingRows
    let random: RandomStream

    private var network: CLAPNetwork<Float> { objective.network }
    private var epochs: Int { phase == .fineTune ? recipe.fineTuneEpochs : recipe.epochs }
    private var stepsPerEpoch: Int { (rows.rowsPerEpoch(recipe.replay) + recipe.batchSize - 1) / recipe.batchSize }
    private var steps: Int { max(epochs * stepsPerEpoch, phase == .train ? recipe.minimumSteps : 0) }

    private var schedule: WarmupCosine {
        let fineTuning = phase == .fineTune
        let peak = recipe.learningRate * (fineTuning ? recipe.fineTuneLearningRateFraction : 1)
        return WarmupCosine(
            steps: steps, warmupSteps: fineTuning ? 0 : Int(recipe.warmupFraction * Double(steps)), peak: peak,
            final: peak * recipe.finalLearningRateFraction)
    }

    /// - Throws: `HeadError.diverged` when a loss is not finite, and what `progress` throws.
    mutating func run(progress: LearningObserver) throws {
        guard rows.count > 0, epochs > 0 else { return }
        network.freeze(for: phase, learning: objective.learning ?? [network.classesPerTask.count - 1])
        if case .evidenceLowerBound(let temperature) = recipe.divergence {
            objective.divergenceFactor = Float(temperature / Double(rows.rowsPerEpoch(recipe.replay)))
        }
        objective.sampling = recipe.sampling
        objective.antithetic = recipe.noise == .antithetic
        let schedule = schedule
        let (network, stepsPerEpoch, ranks) = (network, stepsPerEpoch, Parallelism.ranks)
        let learnt = network.sortedParameters.filter { !$0.isFrozen }
        objective.ranks = ranks.count
        try ranks.share(network.sortedParameters)
        var order = RowOrder(rows, recipe: recipe, random: random.split(0))
        var noise = try StepNoise(recipe: recipe, classes: network.classCount, random: random.split(1))
        var context = random.split(2)
        var dropout = DropoutNoise(seed: random.split(3).noise.seed)
        var optimizer = GroupedAdamW(
            recipe: recipe, parameters: learnt,
            rows: rows.rowsPerEpoch(recipe.replay))
        for step in 0..<schedule.steps {
            let indices = order.next()
            var batch = rows.gather(indices)
            let own = ranks.share(of: indices.count)
            if !ranks.isAlone { batch.own = own }
            (batch.noise, batch.globalNoise) = noise.next(rows: indices.count, own: own)
            if network.configuration.prior == .dataDriven {
                let count = Int((network.configuration.contextFraction * Double(indices.count)).rounded(.up))
                batch.contextRows = Array(context.permutation(indices.count).prefix(count))
            }
            if recipe.classPrior.fitsDeviation, step % stepsPerEpoch == 0, step > 0 {
                objective.classPrior?.fitDeviation(of: rows.classesWithNewPrior, to: network)
            }
            let losses = objective.losses(of: batch, phase: phase, dropout: &dropout)
            let rate = Float(schedule.rate(at: step))
            let loss = try self.step(losses.total, number: step + 1, learnt, ranks, rate: rate, &optimizer)
            try progress(
                LearningProgress(
                    phase: phase == .fineTune ? .fineTune : .train, epoch: min(step / stepsPerEpoch + 1, epochs),
                    epochs: epochs, step: step + 1, steps: schedule.steps, loss: loss, rows: indices.count))
        }
    }

    /// Goes down the gradient of `total`; the loss of the whole batch.
    private func step(
        _ total: Variable<Float>, number: Int, _ learnt: [Parameter<Float>], _ ranks: any RankGroup, rate: Float,
        _ optimizer: inout GroupedAdamW
    ) throws -> Double {
        var loss = total.scalar
        func check() throws {
            guard loss.isFinite else { throw HeadError.diverged(step: number, loss: Double(loss)) }
        }
        if ranks.isAlone {
            try check()
            if recipe.optimizer == .gradientDescent {
                total.tape.descend(from: total, rate: rate)
                return Double(loss)
            }
        }
        total.tape.backward(from: total)
        if !ranks.isAlone {
            try ranks.sumGradients(of: learnt, loss: &loss)
            try check()
        }
        switch recipe.optimizer {
        case .gradientDescent:
            var descent = SGD<Float>()
            descent.step(learnt, learningRate: rate)
            for parameter in learnt { parameter.clearGradient() }
        case .adamW: optimizer.step(learningRate: rate)
        }
        return Double(loss)
    }
}

/// Which rows each step takes.
private struct RowOrder {
    private let count: Int
    private let batchSize: Int
    private var random: RandomStream
    private var epoch: [Int] = []
    private var position = 0
    private var balanced: RehearsalBatches?

    init(_ rows: TrainingRows, recipe: CLAPRecipe, random: RandomStream) {
        count = rows.count
        batchSize = min(recipe.batchSize, rows.rowsPerEpoch(recipe.replay))
        self.random = random
        if recipe.replay == .balanced {
            balanced = RehearsalBatches(rows, share: recipe.pseudoRehearsal?.share ?? 0, random: random)
        }
    }

    mutating func next() -> [Int] {
        if balanced != nil { return balanced?.next(batchSize) ?? [] }
        if position >= epoch.count {
            epoch = random.permutation(count)
            position = 0
        }
        defer { position += batchSize }
        return Array(epoch[position..<min(position + batchSize, count)])
    }
}

extension GaussianPrior<Float> {
    /// σ of the prior by marginal likelihood, one for all `classes`: σ² = Σ (μ − prior mean)²/γ, where γ = Σ (1 −
    /// posterior variance/σ²) is the number of parameters that the rows have determined (MacKay 1992, equation 4.9).
    mutating func fitDeviation(of classes: Range<Int>, to network: CLAPNetwork<Float>) {
        guard let means = network.parameters[ParameterShapes.classMeans]?.value,
            let logDeviations = network.parameters[ParameterShapes.classLogDeviations]?.value, !classes.isEmpty
        else { return }
        let shift = means.rows(classes) - mean.rows(classes)
        let own = logDeviations.rows(classes).exp()
        let ratio = own.dividedElementwise(by: deviation.rows(classes))
        let determined = Float(ratio.count) - ratio.dot(ratio)
        guard determined > 1 else { return }
        let fitted = min(max((shift.dot(shift) / determined).squareRoot(), 1e-3), 1)
        let target = deviation.mutablePointer() + classes.lowerBound * deviation.columns
        target.update(repeating: fitted, count: classes.count * deviation.columns)
    }
}
