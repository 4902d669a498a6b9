import FeatureData
import Gradients
import Matrices
import Prediction
import Probability

/// Runs the steps of one phase (training on a task, or fine-tuning on exemplars) on a network.
///
/// All random numbers come from `random`, by the number of the step, so a run can be repeated bit by bit.
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
        let (network, stepsPerEpoch) = (network, stepsPerEpoch)
        var order = RowOrder(rows, recipe: recipe, random: random.split(0))
        var noise = StepNoise(recipe: recipe, classes: network.classCount, random: random.split(1))
        var context = random.split(2)
        var dropout = DropoutNoise(seed: random.split(3).noise.seed)
        var optimizer = GroupedAdamW(recipe: recipe, parameters: network.sortedParameters.filter { !$0.isFrozen })
        for step in 0..<schedule.steps {
            let indices = order.next()
            var batch = rows.gather(indices)
            (batch.noise, batch.globalNoise) = noise.next(rows: indices.count)
            if network.configuration.prior == .dataDriven {
                let count = Int((network.configuration.contextFraction * Double(indices.count)).rounded(.up))
                batch.contextRows = Array(context.permutation(indices.count).prefix(count))
            }
            if recipe.classPrior.fitsDeviation, step % stepsPerEpoch == 0, step > 0 {
                objective.classPrior?.fitDeviation(of: rows.newClasses, to: network)
            }
            let losses = objective.losses(of: batch, phase: phase, dropout: &dropout)
            let loss = Double(losses.total.scalar)
            guard loss.isFinite else { throw HeadError.diverged(step: step + 1, loss: loss) }
            let rate = Float(schedule.rate(at: step))
            switch recipe.optimizer {
            case .gradientDescent: losses.total.tape.descend(from: losses.total, rate: rate)
            case .adamW:
                losses.total.tape.backward(from: losses.total)
                optimizer.step(learningRate: rate)
            }
            try progress(
                LearningProgress(
                    phase: phase == .fineTune ? .fineTune : .train, epoch: min(step / stepsPerEpoch + 1, epochs),
                    epochs: epochs, step: step + 1, steps: schedule.steps, loss: loss, rows: indices.count))
        }
    }
}

/// AdamW with a learning rate of its own for the σ of class vectors.
private struct GroupedAdamW {
    private let groups: [(parameters: [Parameter<Float>], factor: Float)]
    private var optimizer: AdamW<Float>

    init(recipe: CLAPRecipe, parameters: [Parameter<Float>]) {
        let deviations = parameters.filter { $0.name == ParameterShapes.classLogDeviations }
        let others = parameters.filter { $0.name != ParameterShapes.classLogDeviations }
        groups = [(others, 1), (deviations, Float(recipe.deviationLearningRateFraction))]
        optimizer = AdamW(weightDecay: Float(recipe.weightDecay))
    }

    mutating func step(learningRate: Float) {
        for (parameters, factor) in groups {
            optimizer.step(parameters, learningRate: factor * learningRate)
            for parameter in parameters { parameter.clearGradient() }
        }
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
            balanced = RehearsalBatches(
                labels: rows.labels, pseudoRows: rows.pseudoRows, share: recipe.pseudoRehearsal?.share ?? 0,
                random: random)
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

/// The noise of one step after another.
private struct StepNoise {
    private var latent: NormalNoise
    private var global: NormalNoise
    private let recipe: CLAPRecipe
    private let blocks: Int
    private let classes: Int
    private let width: Int

    init(recipe: CLAPRecipe, classes: Int, random: RandomStream) {
        latent = random.split(0).noise
        global = random.split(1).noise
        self.recipe = recipe
        blocks = max(recipe.configuration.globalSamples, 1)
        self.classes = classes
        width = recipe.configuration.featureDimension
    }

    /// For a batch of `rows` rows: see `CLAPBatch`.
    mutating func next(rows: Int) -> (Matrix<Float>, Matrix<Float>?) {
        let antithetic = recipe.noise == .antithetic
        let draws = antithetic ? (recipe.samples + 1) / 2 : recipe.samples
        let stacked = blocks * classes
        var own: Matrix<Float>
        switch recipe.sampling {
        case .logits: own = .standardNormal(rows: rows * blocks * draws, columns: classes, noise: &latent)
        case .classVectors:
            own = .standardNormal(rows: draws * stacked, columns: width, noise: &latent)
            if antithetic { own = own.appendingRows(-1 * own) }
        }
        guard recipe.configuration.isHierarchical else { return (own, nil) }
        return (own, .standardNormal(rows: stacked, columns: width, noise: &global))
    }
}

extension GaussianPrior<Float> {
    /// σ of the new classes' prior by type-II maximum likelihood: the one that makes the divergence least, σ² = the mean
    /// over classes and dimensions of (μ − prior mean)² + the posterior's variance.
    mutating func fitDeviation(of classes: Range<Int>, to network: CLAPNetwork<Float>) {
        guard let means = network.parameters[ParameterShapes.classMeans]?.value,
            let logDeviations = network.parameters[ParameterShapes.classLogDeviations]?.value, !classes.isEmpty
        else { return }
        let shift = means.rows(classes) - mean.rows(classes)
        let deviations = logDeviations.rows(classes).exp()
        let variance = (shift.dot(shift) + deviations.dot(deviations)) / Float(shift.count)
        let fitted = max(variance.squareRoot(), 1e-4)
        let target = deviation.mutablePointer() + classes.lowerBound * deviation.columns
        target.update(repeating: fitted, count: classes.count * deviation.columns)
    }
}
