import FeatureData
import Matrices
import Prediction
import Probability

/// CLAP's variational task heads (Jha, Gong and Yao 2024, arXiv 2403.19137): class k's vector is a Gaussian around its
/// text feature, shaped by attention and by the adapters of its task, so that logits are Gaussian in closed form.
///
/// A value: `learn` and `consolidate` work on a copy and replace it at the end, so a stopped run changes nothing.
public struct CLAPHead: ContinualHead {
    public var recipe: CLAPRecipe
    public private(set) var classNames: [String] = []
    /// The number of classes of each task learnt so far.
    public private(set) var classesPerTask: [Int] = []
    /// One `[prompts, D]` matrix a class.
    private(set) var prompts: [Matrix<Float>] = []
    /// exp of the encoder's temperature parameter.
    public private(set) var logitScale: Float = 100
    /// The network's parameters by name, as PyTorch names and shapes them.
    public private(set) var parameters: [String: Matrix<Float>] = [:]
    /// `[classes, D]`: the unit-length mean of each class's training rows, the context of inductive prediction.
    public private(set) var context: Matrix<Float>
    private var posterior: ClassPosterior<Float>?
    private var text: CLAPText<Float>?

    /// A head that knows no class yet.
    ///
    /// - Throws: `CLAPError.invalidOption`.
    public init(recipe: CLAPRecipe) throws {
        try recipe.validate()
        self.recipe = recipe
        context = Matrix(rows: 0, columns: recipe.configuration.featureDimension)
    }

    /// A head with everything it has learnt, as it was stored.
    ///
    /// - Throws: `CLAPError` where the parts do not belong together.
    init(
        recipe: CLAPRecipe, classNames: [String], classesPerTask: [Int], prompts: [Matrix<Float>], logitScale: Float,
        parameters: [String: Matrix<Float>], context: Matrix<Float>
    ) throws {
        try self.init(recipe: recipe)
        self.classNames = classNames
        self.classesPerTask = classesPerTask
        self.prompts = prompts
        self.logitScale = logitScale
        self.parameters = parameters
        self.context = context
        if !classNames.isEmpty { try refreshPosterior() }
    }

    public var featureDimension: Int { recipe.configuration.featureDimension }
    public var predictive: PredictiveMethod { recipe.prediction.predictive }

    /// σ of the class vectors in logit units, logitScale·σ averaged over classes and dimensions: the logit standard
    /// deviation of a unit row. With a scale of 100 an untrained σ of 0.69 means 69.
    public var logitStandardDeviation: Float {
        guard let sigma = posterior?.standardDeviation, !sigma.isEmpty else { return 0 }
        return logitScale * (sigma.dot(sigma) / Float(sigma.count)).squareRoot()
    }

    // MARK: - Prediction

    public func posterior(for features: Matrix<Float>) throws -> LogitPosterior {
        guard features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: features.columns)
        }
        guard let posterior, let text, features.rows > 0 else {
            return LogitPosterior(mean: Matrix(rows: features.rows, columns: classNames.count))
        }
        let draws = recipe.prediction.samples.map { predictionNoise(draws: $0) }
        switch recipe.prediction.context {
        case .inductive:
            return moments(of: features, posterior, draws: draws.map(posterior.draws))
        case .transductive:
            let network = try network(classesPerTask: classesPerTask)
            var means: [Matrix<Float>] = []
            var variances: [Matrix<Float>] = []
            for first in stride(from: 0, to: features.rows, by: CLAPPrediction.transductiveBatch) {
                let rows = features.rows(first..<min(first + CLAPPrediction.transductiveBatch, features.rows))
                let own = ClassPosterior(
                    network: network, text: text, context: rows, globalNoise: globalPredictionNoise())
                let part = moments(of: rows, own, draws: draws.map(own.draws))
                means.append(part.mean)
                variances.append(part.variance)
            }
            return LogitPosterior(
                mean: Matrix(stacking: means), variance: Matrix(stacking: variances))
        }
    }

    private func moments(
        of rows: Matrix<Float>, _ posterior: ClassPosterior<Float>, draws: Matrix<Float>?
    ) -> LogitPosterior {
        let (mean, variance) =
            draws.map { posterior.sampledMoments(of: rows, draws: $0, logitScale: logitScale) }
            ?? posterior.moments(of: rows, logitScale: logitScale)
        return LogitPosterior(mean: mean, variance: variance)
    }

    /// The same draws for every row and every call, so that answers repeat.
    private func predictionNoise(draws: Int) -> Matrix<Float> {
        var noise = NormalNoise(seed: 0, stream: 1)
        let blocks = max(recipe.configuration.globalSamples, 1)
        return .standardNormal(
            rows: draws * blocks * classNames.count, columns: featureDimension, noise: &noise)
    }

    private func globalPredictionNoise() -> Matrix<Float>? {
        guard recipe.configuration.isHierarchical else { return nil }
        var noise = NormalNoise(seed: 0, stream: 2)
        return .standardNormal(
            rows: recipe.configuration.globalSamples * classNames.count, columns: featureDimension, noise: &noise)
    }

    private mutating func refreshPosterior() throws {
        let text = CLAPText(prompts: prompts, dimension: featureDimension)
        self.text = text
        posterior = ClassPosterior(
            network: try network(classesPerTask: classesPerTask), text: text, context: context,
            globalNoise: globalPredictionNoise())
    }

    private func network(classesPerTask: [Int]) throws -> CLAPNetwork<Float> {
        try CLAPNetwork(configuration: recipe.configuration, classesPerTask: classesPerTask, values: parameters)
    }

    // MARK: - Learning

    public mutating func learn(_ task: LearningTask, seed: UInt64, progress: LearningObserver) throws {
        try recipe.validate()
        let scale = try NewClasses.check(
            task.classes, known: classNames, featureDimension: featureDimension, logitScale: logitScale)
        try NewClasses.checkRows(of: task, known: classNames.count, featureDimension: featureDimension)

        var next = self
        let index = classesPerTask.count
        let random = RandomStream(seed: seed).split(index)
        next.logitScale = scale
        next.classNames += task.classes.classNames
        next.classesPerTask.append(task.classes.classNames.count)
        next.prompts += task.classes.features
        next.context = Matrix(stacking: [context, classMeans(of: task, known: classNames.count)])
        let text = CLAPText(prompts: next.prompts, dimension: featureDimension)
        next.addParameters(text: text, task: index, random: random.split(0))
        let network = try next.network(classesPerTask: next.classesPerTask)
        let previous = index > 0 && recipe.configuration.distillationWeight > 0
            ? try self.network(classesPerTask: classesPerTask) : nil
        try CLAPTrainer(
            recipe: recipe,
            objective: CLAPObjective(network: network, text: text, logitScale: scale, previous: previous),
            phase: .train, sources: [task.rows, task.exemplars], random: random.split(1)
        ).run(progress: progress)
        next.parameters = network.values
        try next.refreshPosterior()
        self = next
    }

    public mutating func consolidate(
        on exemplars: LabelledFeatures, seed: UInt64, progress: LearningObserver
    ) throws {
        // After the first task every row has just been seen, and nothing is out of balance.
        guard classesPerTask.count > 1, recipe.fineTuneEpochs > 0, exemplars.count > 0, let text else { return }
        guard exemplars.features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: exemplars.features.columns)
        }
        if let bad = exemplars.labels.first(where: { $0 < 0 || $0 >= classNames.count }) {
            throw HeadError.invalidTask("an exemplar has label \(bad), outside the \(classNames.count) known classes")
        }
        var next = self
        let random = RandomStream(seed: seed).split(classesPerTask.count - 1)
        let network = try network(classesPerTask: classesPerTask)
        try CLAPTrainer(
            recipe: recipe, objective: CLAPObjective(network: network, text: text, logitScale: logitScale),
            phase: .fineTune, sources: [exemplars], random: random.split(2)
        ).run(progress: progress)
        next.parameters = network.values
        try next.refreshPosterior()
        self = next
    }

    /// The parameters a new task brings: its adapters and token, and at the first task everything that tasks share.
    private mutating func addParameters(text: CLAPText<Float>, task: Int, random: RandomStream) {
        let configuration = recipe.configuration
        if task == 0, configuration.usesAttention {
            parameters.merge(Initialization.attention(configuration, random: random.split(0))) { $1 }
        }
        func adapters(_ suffix: String, _ stream: Int) -> [String: Matrix<Float>] {
            Initialization.adapters(
                suffix: suffix, text: text, rule: recipe.initialization, logitScale: Double(logitScale),
                random: random.split(stream))
        }
        if configuration.adapterPerTask || task == 0 {
            parameters.merge(adapters("adapters.\(task)", 1)) { $1 }
        }
        if configuration.isHierarchical, task == 0 {
            parameters.merge(adapters("global_adapter", 2)) { $1 }
        }
        if configuration.usesTaskTokens {
            parameters["task_tokens.\(task)"] = Initialization.token(
                width: configuration.featureDimension, random: random.split(3))
        }
    }

    /// `[new classes, D]`: unit-length means of the task's rows by class.
    private func classMeans(of task: LearningTask, known: Int) -> Matrix<Float> {
        var means = Matrix<Float>(rows: task.classes.classNames.count, columns: featureDimension)
        let m = means.mutablePointer()
        for (row, label) in task.rows.labels.enumerated() where label >= known {
            let target = m + (label - known) * featureDimension
            Float.Kernels.combine(
                target, 1, target, 1, task.rows.features.pointer + row * featureDimension, featureDimension)
        }
        return means.normalizedRows()
    }
}
