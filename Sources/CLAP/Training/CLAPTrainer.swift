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
    let objective: CLAPObjective<Float>
    let phase: CLAPPhase
    /// Row and label sources, one after another: the task's rows, then the exemplars.
    let sources: [LabelledFeatures]
    let random: RandomStream

    private var network: CLAPNetwork<Float> { objective.network }
    private var rowCount: Int { sources.reduce(0) { $0 + $1.count } }
    private var epochs: Int { phase == .fineTune ? recipe.fineTuneEpochs : recipe.epochs }
    private var stepsPerEpoch: Int { (rowCount + recipe.batchSize - 1) / recipe.batchSize }

    private var schedule: WarmupCosine {
        let steps = epochs * stepsPerEpoch
        let fineTuning = phase == .fineTune
        let peak = recipe.learningRate * (fineTuning ? recipe.fineTuneLearningRateFraction : 1)
        return WarmupCosine(
            steps: steps, warmupSteps: fineTuning ? 0 : Int(recipe.warmupFraction * Double(steps)), peak: peak,
            final: peak * recipe.finalLearningRateFraction)
    }

    /// - Throws: `HeadError.diverged` when a loss is not finite, and what `progress` throws.
    func run(progress: LearningObserver) throws {
        guard rowCount > 0, epochs > 0 else { return }
        network.freeze(for: phase)
        let schedule = schedule
        var order = RowOrder(
            labels: sources.flatMap(\.labels), batchSize: recipe.batchSize, replay: recipe.replay,
            random: random.split(0))
        var noise = StepNoise(recipe: recipe, classes: network.classCount, random: random.split(1))
        var context = random.split(2)
        var dropout = DropoutNoise(seed: random.split(3).noise.seed)
        var optimizer = AdamW<Float>(weightDecay: Float(recipe.weightDecay))
        let trainable = network.sortedParameters.filter { !$0.isFrozen }
        for step in 0..<schedule.steps {
            let indices = order.next()
            var batch = gather(indices)
            (batch.noise, batch.globalNoise) = noise.next()
            if network.configuration.prior == .dataDriven {
                let count = Int((network.configuration.contextFraction * Double(indices.count)).rounded(.up))
                batch.contextRows = Array(context.permutation(indices.count).prefix(count))
            }
            let losses = objective.losses(of: batch, phase: phase, dropout: &dropout)
            let loss = Double(losses.total.scalar)
            guard loss.isFinite else { throw HeadError.diverged(step: step + 1, loss: loss) }
            let rate = Float(schedule.rate(at: step))
            switch recipe.optimizer {
            case .gradientDescent: losses.total.tape.descend(from: losses.total, rate: rate)
            case .adamW:
                losses.total.tape.backward(from: losses.total)
                optimizer.step(trainable, learningRate: rate)
                for parameter in trainable { parameter.clearGradient() }
            }
            try progress(
                LearningProgress(
                    phase: phase == .fineTune ? .fineTune : .train, epoch: step / stepsPerEpoch + 1, epochs: epochs,
                    step: step + 1, steps: schedule.steps, loss: loss, rows: indices.count))
        }
    }

    private func gather(_ indices: [Int]) -> CLAPBatch<Float> {
        let width = network.configuration.featureDimension
        var rows = Matrix<Float>(uninitialized: indices.count, width)
        let target = rows.mutablePointer()
        var labels: [Int] = []
        labels.reserveCapacity(indices.count)
        for (position, index) in indices.enumerated() {
            var (source, row) = (0, index)
            while row >= sources[source].count {
                row -= sources[source].count
                source += 1
            }
            (target + position * width).update(from: sources[source].features.pointer + row * width, count: width)
            labels.append(sources[source].labels[row])
        }
        return CLAPBatch(rows: rows, labels: labels, noise: Matrix(rows: 0, columns: width))
    }
}

/// Which rows each step takes.
private struct RowOrder {
    private let count: Int
    private let batchSize: Int
    private var random: RandomStream
    private var epoch: [Int] = []
    private var position = 0
    private var balanced: BalancedBatches?

    init(labels: [Int], batchSize: Int, replay: CLAPRecipe.Replay, random: RandomStream) {
        count = labels.count
        self.batchSize = batchSize
        self.random = random
        if replay == .balanced { balanced = BalancedBatches(labels: labels, random: random) }
    }

    mutating func next() -> [Int] {
        if balanced != nil { return balanced?.next(min(batchSize, count)) ?? [] }
        if position >= epoch.count {
            epoch = random.permutation(count)
            position = 0
        }
        defer { position += batchSize }
        return Array(epoch[position..<min(position + batchSize, count)])
    }
}

/// The latents' noise of one step after another.
private struct StepNoise {
    private var latent: NormalNoise
    private var global: NormalNoise
    private let draws: Int
    private let blocks: Int
    private let classes: Int
    private let width: Int
    private let isHierarchical: Bool

    init(recipe: CLAPRecipe, classes: Int, random: RandomStream) {
        latent = random.split(0).noise
        global = random.split(1).noise
        draws = recipe.samples
        blocks = max(recipe.configuration.globalSamples, 1)
        isHierarchical = recipe.configuration.isHierarchical
        self.classes = classes
        width = recipe.configuration.featureDimension
    }

    mutating func next() -> (Matrix<Float>, Matrix<Float>?) {
        (
            .standardNormal(rows: draws * blocks * classes, columns: width, noise: &latent),
            isHierarchical ? .standardNormal(rows: blocks * classes, columns: width, noise: &global) : nil
        )
    }
}
