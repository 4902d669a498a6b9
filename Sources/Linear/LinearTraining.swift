import Gradients
import Matrices
import Prediction
import Probability

/// One task's training of a linear head. The gradient of softmax regression is closed-form, so a step is two products
/// and needs no tape.
struct LinearTraining {
    private let weights: Parameter<Float>
    private let logitScale: Float
    private let recipe: LinearRecipe

    init(weights: Matrix<Float>, logitScale: Float, recipe: LinearRecipe) {
        self.weights = Parameter(name: "weights", value: weights)
        self.logitScale = logitScale
        self.recipe = recipe
    }

    /// The trained weights `[classes, D]`.
    ///
    /// - Throws: `HeadError.diverged`, and what `progress` throws.
    func run(
        on task: LearningTask, seed: UInt64, taskIndex: Int, progress: LearningObserver
    ) throws -> Matrix<Float> {
        let labels = task.rows.labels + task.exemplars.labels
        var batches = BalancedBatches(
            labels: labels, random: RandomStream(seed: seed).split(taskIndex))
        // A pass: each of the task's rows once on average, at the share of a batch that their classes have. Exemplars of a
        // known class that is met again are drawn along with its rows.
        let present = Set(task.rows.labels)
        let rowsOfPresent = task.rows.count + task.exemplars.labels.count(where: present.contains)
        let rowsPerPass = rowsOfPresent * batches.classes / present.count
        let stepsPerEpoch = max(1, (rowsPerPass + recipe.batchSize - 1) / recipe.batchSize)
        let steps = stepsPerEpoch * recipe.epochs

        let prior = weights.value
        let schedule = WarmupCosine(steps: steps, warmupSteps: 0, peak: Double(recipe.learningRate), final: 0)
        var adam = AdamW<Float>(weightDecay: 0)  // the prior takes the place of weight decay
        for step in 0..<steps {
            let rows = batches.next(recipe.batchSize)
            let (loss, gradient) = lossAndGradient(task: task, rows: rows, labels: labels, prior: prior)
            guard loss.isFinite else { throw HeadError.diverged(step: step + 1, loss: loss) }
            weights.gradient = gradient
            adam.step([weights], learningRate: Float(schedule.rate(at: step)))
            try progress(
                LearningProgress(
                    phase: .train, epoch: step / stepsPerEpoch + 1, epochs: recipe.epochs, step: step + 1,
                    steps: steps, loss: loss, rows: rows.count))
        }
        return weights.value
    }

    /// Mean cross-entropy of the batch plus the prior's λ/2·‖W − W₀‖², and its gradient `[classes, D]`.
    private func lossAndGradient(
        task: LearningTask, rows: [Int], labels: [Int], prior: Matrix<Float>
    ) -> (loss: Double, gradient: Matrix<Float>) {
        let weights = weights.value
        let features = gather(rows, from: task)
        let targets = rows.map { Int32(labels[$0]) }
        var logits = features.multiplied(by: weights, .transposed, scaledBy: logitScale)
        var losses = Matrix<Float>(rows: 1, columns: rows.count)
        // Replaces the logits by (softmax − onehot)/rows.
        FloatKernels.crossEntropyRows(
            losses.mutablePointer(), logits.mutablePointer(), targets, 1 / Float(rows.count), rows.count,
            weights.rows)
        var loss = losses.withUnsafeElements { $0.reduce(0.0) { $0 + Double($1) } } / Double(rows.count)

        var gradient = weights
        FloatKernels.combine(
            gradient.mutablePointer(), recipe.priorStrength, weights.pointer, -recipe.priorStrength, prior.pointer,
            weights.count)
        if recipe.priorStrength > 0 {
            let squares = FloatKernels.dot(gradient.pointer, gradient.pointer, gradient.count)
            loss += 0.5 * Double(squares) / Double(recipe.priorStrength)
        }
        gradient.setToProduct(logits, .transposed, features, alpha: logitScale, beta: 1)
        return (loss, gradient)
    }

    private func gather(_ rows: [Int], from task: LearningTask) -> Matrix<Float> {
        let columns = task.rows.features.columns
        var result = Matrix<Float>(uninitialized: rows.count, columns)
        let target = result.mutablePointer()
        for (position, row) in rows.enumerated() {
            let source = row < task.rows.count
                ? task.rows.features.pointer + row * columns
                : task.exemplars.features.pointer + (row - task.rows.count) * columns
            (target + position * columns).update(from: source, count: columns)
        }
        return result
    }
}
