import FeatureData
import Matrices
import Prediction

/// The honest baseline: a linear softmax classifier, logit = logit scale · x·w, whose weight for a new class starts at
/// the class's mean text feature and is trained on the task's rows with class-balanced replay of exemplars.
///
/// Every batch holds new and old classes in proportion to their numbers (`BalancedBatches`), so that the few exemplars
/// of old classes weigh as much as the many rows of new ones. The loss is the mean cross-entropy plus a Gaussian prior
/// around the weights each class had before the task; Adam (Kingma and Ba 2015) with a cosine schedule minimises it.
/// Known classes that have rows in the task start at their own weights. Variance zero: a point estimate.
public struct LinearHead: ContinualHead {
    public private(set) var classNames: [String]
    public let featureDimension: Int
    /// exp of the encoder's temperature parameter.
    public private(set) var logitScale: Float
    /// The number of new classes of each task learnt so far; 0 for a task that only updated known ones.
    public private(set) var classesPerTask: [Int]
    /// `[classes, D]`.
    public private(set) var weights: Matrix<Float>
    public var recipe: LinearRecipe

    /// A head that knows no class yet.
    public init(recipe: LinearRecipe = LinearRecipe(), featureDimension: Int) {
        self.init(
            recipe: recipe, classNames: [], weights: Matrix(rows: 0, columns: featureDimension), logitScale: 100,
            classesPerTask: [])
    }

    init(
        recipe: LinearRecipe, classNames: [String], weights: Matrix<Float>, logitScale: Float, classesPerTask: [Int]
    ) {
        self.recipe = recipe
        self.classNames = classNames
        self.featureDimension = weights.columns
        self.weights = weights
        self.logitScale = logitScale
        self.classesPerTask = classesPerTask
    }

    public func posterior(for features: Matrix<Float>) throws -> LogitPosterior {
        guard features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: features.columns)
        }
        return LogitPosterior(mean: features.multiplied(by: weights, .transposed, scaledBy: logitScale))
    }

    public mutating func learn(_ task: LearningTask, seed: UInt64, progress: LearningObserver) throws {
        if let fault = recipe.fault { throw HeadError.invalidTask(fault) }
        let scale = try NewClasses.check(
            task, known: classNames, featureDimension: featureDimension, logitScale: logitScale)

        let start = task.classes.count > 0 ? weights.appendingRows(task.classes.meanFeatures()) : weights
        let training = LinearTraining(weights: start, logitScale: scale, recipe: recipe)
        let newWeights = try training.run(
            on: task, seed: seed, taskIndex: classesPerTask.count, progress: progress)

        weights = newWeights
        logitScale = scale
        classNames += task.classes.classNames
        classesPerTask.append(task.classes.classNames.count)
    }
}
