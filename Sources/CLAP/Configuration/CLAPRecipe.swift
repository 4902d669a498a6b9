import Prediction

/// How a CLAP head is built, trained and asked: everything but the data and the seed.
public struct CLAPRecipe: Sendable, Codable, Equatable {
    /// How a new task's adapters start.
    public enum AdapterInitialization: Sendable, Codable, Equatable {
        /// Mean weight AᵀA/D and σ weight VᵀV/D, with A the mean and V the variance over prompts of the class text
        /// features so far (the reference's rule). Where a class has a single prompt V does not exist and the σ
        /// weight starts as a linear layer does.
        case textStatistics
        /// Mean zero and the same standard deviation, in logits, for every class: predictions start at zero-shot.
        case zeroShot(logitStandardDeviation: Double)
    }

    public enum Optimizer: String, Sendable, Codable {
        /// Plain gradient descent.
        case gradientDescent
        case adamW
    }

    /// How rows of a task and exemplars of earlier classes are mixed.
    public enum Replay: String, Sendable, Codable {
        /// All of them in one random order per epoch.
        case concatenated
        /// Every class equally often.
        case balanced
    }

    /// What a training step draws.
    public enum Sampling: String, Sendable, Codable, CaseIterable {
        /// The vector of every class, shared by the rows of the batch (the reference's way).
        case classVectors
        /// The logits of every row (local reparameterisation; exact, since logits are linear in the class vectors).
        case logits
    }

    /// How the draws of one step belong together.
    public enum Noise: String, Sendable, Codable, CaseIterable {
        case independent
        /// In pairs of opposite sign: moments of odd order cancel.
        case antithetic
        /// Scrambled Sobol points through the inverse distribution function (`QuasiRandomNormals`); for `logits`.
        case quasiRandom
    }

    /// How the divergence from the prior is weighed against the mean cross-entropy of a row.
    public enum DivergenceWeight: Sendable, Codable, Equatable {
        /// The mean over a task's classes times the configuration's `priorMatchingWeight` (the reference's rule).
        case fixed
        /// The evidence lower bound: the whole divergence times the temperature over the number of rows that the task's
        /// training stands for. Temperatures below 1 trust the rows more than Bayes' rule does ("cold").
        case evidenceLowerBound(temperature: Double)
    }

    public var name: String
    public var configuration: CLAPConfiguration
    public var initialization = AdapterInitialization.textStatistics
    public var optimizer = Optimizer.gradientDescent
    public var weightDecay = 0.0
    public var replay = Replay.concatenated
    public var epochs = 5
    public var batchSize = 32
    /// Fewer steps than this are not made in a task's training, however few rows it has.
    public var minimumSteps = 0
    /// Draws of the latent in a training step.
    public var samples = 20
    public var sampling = Sampling.classVectors
    public var noise = Noise.independent
    public var divergence = DivergenceWeight.fixed
    /// The prior of class vectors.
    public var classPrior = ClassPrior()
    /// Gaussian pseudo-rows of earlier classes; nil for none.
    public var pseudoRehearsal: PseudoRehearsal?
    /// Whether rows may be kept for rehearsal.
    public var keepsRows = true
    /// The learning rate of class vectors' ln σ over that of everything else.
    public var deviationLearningRateFraction = 1.0
    /// The highest learning rate of training.
    public var learningRate = CLAPRecipe.peakLearningRate(base: 0.001, batchSize: 32)
    /// Share of the steps that warm up.
    public var warmupFraction = 0.3
    /// The last learning rate over the highest.
    public var finalLearningRateFraction = 0.001
    /// Epochs on the balanced exemplars after each task but the first; 0 for none.
    public var fineTuneEpochs = 2
    /// The highest learning rate of fine-tuning over that of training.
    public var fineTuneLearningRateFraction = 0.1
    public var prediction = CLAPPrediction()

    public init(name: String, configuration: CLAPConfiguration) {
        self.name = name
        self.configuration = configuration
    }

    /// The published recipe (CLAP4CLIP, its repository's settings): 5 epochs of plain gradient descent on batches of 32,
    /// β 15, 20 draws, fine-tuning for 2 epochs; a test batch of 32 rows is the attention's context, and
    /// probabilities are the softmax of the mean logits of 20 draws, which forgets how uncertain they are.
    public static func reference(featureDimension: Int) -> CLAPRecipe {
        var recipe = CLAPRecipe(name: "reference", configuration: CLAPConfiguration(featureDimension: featureDimension))
        recipe.prediction = CLAPPrediction(context: .transductive, samples: 20, predictive: .softmaxOfMean)
        return recipe
    }

    /// The reference's rule for the highest learning rate: base · batch/20.
    public static func peakLearningRate(base: Double, batchSize: Int) -> Double { base * Double(batchSize) / 20 }

    /// The recipe names that `named(_:featureDimension:)` knows.
    public static let names = ["default", "reference", "no-memory", "few-shot"]

    /// The recipe of that name, or nil.
    public static func named(_ name: String, featureDimension: Int) -> CLAPRecipe? {
        switch name {
        case "default": .default(featureDimension: featureDimension)
        case "reference": .reference(featureDimension: featureDimension)
        case "no-memory": .noMemory(featureDimension: featureDimension)
        case "few-shot": .fewShot(featureDimension: featureDimension)
        default: nil
        }
    }

    /// Densities that know no class, where this recipe needs them.
    var emptyDensities: ClassDensities? {
        let width = configuration.featureDimension
        if let pseudoRehearsal { return pseudoRehearsal.densities(dimension: width) }
        return classPrior.mean == .data ? ClassDensities(dimension: width, elementType: .float16) : nil
    }

    /// - Throws: `CLAPError.invalidOption` naming the first setting out of range.
    func validate() throws {
        func require(_ condition: Bool, _ name: String, _ found: Any, _ expected: String) throws {
            guard condition else { throw CLAPError.invalidOption(name, found: "\(found)", expected: expected) }
        }
        try require(configuration.featureDimension >= 1, "featureDimension", configuration.featureDimension, "at least 1")
        try require(
            configuration.feedForwardWidth >= 1, "feedForwardWidth", configuration.feedForwardWidth, "at least 1")
        try require(configuration.globalSamples >= 0, "globalSamples", configuration.globalSamples, "at least 0")
        try require(
            configuration.contextFraction > 0 && configuration.contextFraction <= 1, "contextFraction",
            configuration.contextFraction, "above 0, at most 1")
        try require(epochs >= 1, "epochs", epochs, "at least 1")
        try require(fineTuneEpochs >= 0, "fineTuneEpochs", fineTuneEpochs, "at least 0")
        try require(batchSize >= 1, "batchSize", batchSize, "at least 1")
        try require(samples >= 1, "samples", samples, "at least 1")
        try require(minimumSteps >= 0, "minimumSteps", minimumSteps, "at least 0")
        try require(
            noise != .quasiRandom || sampling == .logits, "noise", noise.rawValue, "quasiRandom only with sampling logits")
        try require(
            deviationLearningRateFraction >= 0 && deviationLearningRateFraction.isFinite,
            "deviationLearningRateFraction", deviationLearningRateFraction, "a number from 0")
        if case .evidenceLowerBound(let temperature) = divergence {
            try require(temperature >= 0 && temperature.isFinite, "divergence temperature", temperature, "a number from 0")
        }
        func requirePositive(_ value: Double, _ name: String) throws {
            try require(value > 0 && value.isFinite, name, value, "a positive number")
        }
        try requirePositive(classPrior.deviation, "classPrior.deviation")
        try requirePositive(classPrior.previousVarianceFactor, "classPrior.previousVarianceFactor")
        if let shared = classPrior.sharedDeviation { try requirePositive(shared, "classPrior.sharedDeviation") }
        if let rehearsal = pseudoRehearsal {
            try require(rehearsal.rank >= 1, "pseudoRehearsal.rank", rehearsal.rank, "at least 1")
            try require(
                rehearsal.rowsPerClass >= 1, "pseudoRehearsal.rowsPerClass", rehearsal.rowsPerClass, "at least 1")
            try require((0...1).contains(rehearsal.share), "pseudoRehearsal.share", rehearsal.share, "0 ... 1")
        }
        try require(
            configuration.latents == .adapters || !(configuration.isHierarchical || configuration.usesTaskTokens),
            "configuration.latents", configuration.latents.rawValue, "adapters with a hierarchy or task tokens")
        try require(learningRate > 0 && learningRate.isFinite, "learningRate", learningRate, "a positive number")
        try require((0...1).contains(warmupFraction), "warmupFraction", warmupFraction, "0 ... 1")
        try require((0..<1).contains(configuration.dropout), "dropout", configuration.dropout, "0 ..< 1")
        try require(
            configuration.attentionHeads >= 1
                && configuration.featureDimension % configuration.attentionHeads == 0, "attentionHeads",
            configuration.attentionHeads, "a divisor of the feature dimension \(configuration.featureDimension)")
        try require(
            configuration.distillationWeight == 0 || configuration.isHierarchical, "distillationWeight",
            configuration.distillationWeight, "0 without the hierarchical latent")
        try require(prediction.samples.map { $0 >= 1 } ?? true, "prediction.samples", "\(prediction.samples ?? 0)", "at least 1")
    }
}

/// How a trained CLAP head answers.
public struct CLAPPrediction: Sendable, Codable, Equatable {
    /// What the class features attend to when rows are classified.
    public enum Context: String, Sendable, Codable, CaseIterable {
        /// The class means of the training rows, kept in the model: an answer never depends on a row's neighbours.
        case inductive
        /// The rows of the same batch, 32 at a time, as the reference does.
        case transductive
    }

    public var context: Context
    /// Draws of the latent for Monte-Carlo moments; nil for the closed form.
    public var samples: Int?
    /// How class probabilities are taken from the logits' posterior.
    public var predictive: PredictiveMethod

    public init(context: Context = .inductive, samples: Int? = nil, predictive: PredictiveMethod = .exact) {
        self.context = context
        self.samples = samples
        self.predictive = predictive
    }

    /// Rows that share a context in `.transductive`.
    public static let transductiveBatch = 32
}
