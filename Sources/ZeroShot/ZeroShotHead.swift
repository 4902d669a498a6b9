import FeatureData
import Matrices
import Prediction

/// CLIP's zero-shot classifier: logit = logit scale · cosine of the row and the class's mean text feature, variance
/// zero (Radford et al. 2021, section 3.1). Learning a task adds its classes' text features and looks at no row, so that
/// a task which only updates known classes changes no answer.
public struct ZeroShotHead: ContinualHead, LeaveOneOutHead {
    public private(set) var classNames: [String]
    public let featureDimension: Int
    /// exp of the encoder's temperature parameter.
    public private(set) var logitScale: Float
    /// The number of new classes of each task learnt so far; 0 for a task that only updated known ones.
    public private(set) var classesPerTask: [Int]
    /// Unit-length class text features, `[classes, D]`.
    public private(set) var textFeatures: Matrix<Float>

    /// A head that knows no class yet.
    public init(featureDimension: Int) {
        self.init(
            classNames: [], textFeatures: Matrix(rows: 0, columns: featureDimension), logitScale: 100,
            classesPerTask: [])
    }

    /// A head that knows the classes of `prompts` as one task.
    ///
    /// - Throws: `HeadError.classAlreadyKnown` where a name occurs twice, `HeadError.invalidTask` where there is none.
    public init(_ prompts: ClassPrompts) throws {
        self.init(featureDimension: prompts.features.first?.columns ?? 0)
        let scale = try NewClasses.check(
            prompts, known: [], featureDimension: featureDimension, logitScale: prompts.logitScale)
        add(prompts, logitScale: scale)
    }

    init(classNames: [String], textFeatures: Matrix<Float>, logitScale: Float, classesPerTask: [Int]) {
        self.classNames = classNames
        self.featureDimension = textFeatures.columns
        self.logitScale = logitScale
        self.classesPerTask = classesPerTask
        self.textFeatures = textFeatures
    }

    public func posterior(for features: Matrix<Float>) throws -> LogitPosterior {
        guard features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: features.columns)
        }
        return LogitPosterior(
            mean: features.multiplied(by: textFeatures, .transposed, scaledBy: logitScale))
    }

    /// No row is learnt.
    public func leaveOneOutPosterior(of rows: LabelledFeatures) throws -> LogitPosterior {
        try posterior(for: rows.features)
    }

    public mutating func learn(_ task: LearningTask, seed: UInt64, progress: LearningObserver) throws {
        let scale = try NewClasses.check(
            task, known: classNames, featureDimension: featureDimension, logitScale: logitScale, ignoringRows: true)
        add(task.classes, logitScale: scale)
    }

    /// Adds classes that have been checked.
    private mutating func add(_ prompts: ClassPrompts, logitScale: Float) {
        self.logitScale = logitScale
        if prompts.count > 0 { textFeatures = textFeatures.appendingRows(prompts.meanFeatures()) }
        classNames += prompts.classNames
        classesPerTask.append(prompts.count)
    }
}
