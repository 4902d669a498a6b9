import FeatureData
import Matrices
import Prediction
import Probability

/// CLAP's variational task heads (Jha, Gong and Yao 2024, arXiv 2403.19137): class k's vector is a Gaussian around its
/// text feature, so that logits are Gaussian in closed form. The Gaussian is the class's own, or as in the paper shaped by
/// attention and by the adapters of its task; see `CLAPRecipe` for what there is.
///
/// A value: `learn` and `consolidate` work on a copy and replace it at the end, so a stopped run changes nothing.
public struct CLAPHead: ContinualHead {
    public var recipe: CLAPRecipe
    public internal(set) var classNames: [String] = []
    /// The number of new classes of each task learnt so far; 0 for a task that only updated known ones.
    public internal(set) var classesPerTask: [Int] = []
    /// Training rows seen of each class.
    public internal(set) var rowsPerClass: [Int] = []
    /// One `[prompts, D]` matrix a class.
    var prompts: [Matrix<Float>] = []
    /// exp of the encoder's temperature parameter.
    public internal(set) var logitScale: Float = 100
    /// The network's parameters by name, as PyTorch names and shapes them.
    public internal(set) var parameters: [String: Matrix<Float>] = [:]
    /// `[classes, D]`: the unit-length mean of each class's training rows, the context of inductive prediction.
    public internal(set) var context: Matrix<Float>
    /// What is remembered of every class's rows as a Gaussian; nil where the recipe needs none.
    public internal(set) var classDensities: ClassDensities?
    /// How text and discriminant analysis are mixed in the prior from data.
    var discriminantWeights = DiscriminantWeights()
    var posterior: ClassPosterior<Float>?
    var text: CLAPText<Float>?

    /// A head that knows no class yet.
    ///
    /// - Throws: `CLAPError.invalidOption`.
    public init(recipe: CLAPRecipe) throws {
        try recipe.validate()
        self.recipe = recipe
        context = Matrix(rows: 0, columns: recipe.configuration.featureDimension)
        classDensities = recipe.emptyDensities
    }

    /// A head with everything it has learnt, as it was stored.
    ///
    /// - Throws: `CLAPError` where the parts do not belong together.
    init(
        recipe: CLAPRecipe, classNames: [String], classesPerTask: [Int], rowsPerClass: [Int], prompts: [Matrix<Float>],
        logitScale: Float, parameters: [String: Matrix<Float>], context: Matrix<Float>, densities: ClassDensities?,
        discriminantWeights: DiscriminantWeights
    ) throws {
        try self.init(recipe: recipe)
        self.classNames = classNames
        self.classesPerTask = classesPerTask
        self.rowsPerClass = rowsPerClass
        self.prompts = prompts
        self.logitScale = logitScale
        self.parameters = parameters
        self.context = context
        classDensities = densities
        self.discriminantWeights = discriminantWeights
        if !classNames.isEmpty { try refreshPosterior() }
    }

    public var featureDimension: Int { recipe.configuration.featureDimension }
    public var predictive: PredictiveMethod { recipe.prediction.predictive }
    public var answersRowByRow: Bool { recipe.prediction.context == .inductive }

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
            let network = try network()
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

    mutating func refreshPosterior() throws {
        let text = CLAPText(prompts: prompts, dimension: featureDimension)
        self.text = text
        posterior = ClassPosterior(
            network: try network(), text: text, context: context,
            globalNoise: globalPredictionNoise())
    }

    /// The network with the parameters of this head. A task that brought no class has no part in it.
    func network() throws -> CLAPNetwork<Float> {
        try CLAPNetwork(
            configuration: recipe.configuration, classesPerTask: classesPerTask.filter { $0 > 0 }, values: parameters)
    }
}
