import FeatureData
import Matrices

/// A classifier on feature rows that answers with a Gaussian posterior over logits.
public protocol Head: Sendable {
    /// The classes known so far, in the order of the posterior's columns.
    var classNames: [String] { get }
    /// D, the length of a feature row.
    var featureDimension: Int { get }
    /// The posterior over the logits of unit-length `features` `[rows, D]`.
    ///
    /// - Throws: `HeadError.featureDimension` where the rows do not have the head's D.
    func posterior(for features: Matrix<Float>) throws -> LogitPosterior
    /// How class probabilities should be taken from its posterior.
    var predictive: PredictiveMethod { get }
    /// Whether a row's answer does not depend on the other rows, but for rounding.
    var answersRowByRow: Bool { get }
}

extension Head {
    /// The predictive distribution by quadrature.
    public var predictive: PredictiveMethod { .exact }

    public var answersRowByRow: Bool { true }
}

/// A head that learns one task after another.
public protocol ContinualHead: Head {
    /// Learns the classes of `task`, in addition to those it knows, from its rows and from exemplars of earlier classes;
    /// known classes that have rows in the task are updated.
    ///
    /// Random numbers depend on `seed` and the number of tasks learnt before, nothing else.
    /// - Throws: `HeadError`, or whatever `progress` throws (`CancellationError` to stop); the head is then unchanged.
    mutating func learn(_ task: LearningTask, seed: UInt64, progress: LearningObserver) throws

    /// Tunes on a class-balanced set of exemplars of all classes so far, after `learn`. Heads without such a phase do
    /// nothing.
    mutating func consolidate(on exemplars: LabelledFeatures, seed: UInt64, progress: LearningObserver) throws
}

extension ContinualHead {
    public mutating func consolidate(on exemplars: LabelledFeatures, seed: UInt64, progress: LearningObserver) throws {}
}

/// What a head sees of one task.
public struct LearningTask: Sendable {
    /// The new classes, with their prompts' text features; none where the task only updates known classes. Their logit
    /// scale is that of the task's encoder in any case.
    public var classes: ClassPrompts
    /// The task's rows, of new classes and of known ones that are met again; labels index the head's classes after the
    /// new ones are appended. At least one row for every new class, and at least one row where there is none.
    public var rows: LabelledFeatures
    /// Rehearsal rows of earlier classes, labelled in the same way; may be empty.
    public var exemplars: LabelledFeatures

    public init(classes: ClassPrompts, rows: LabelledFeatures, exemplars: LabelledFeatures? = nil) {
        self.classes = classes
        self.rows = rows
        self.exemplars =
            exemplars
            ?? LabelledFeatures(features: Matrix(rows: 0, columns: rows.features.columns), labels: [])
    }
}

/// Called during learning; may throw `CancellationError` to stop.
public typealias LearningObserver = (LearningProgress) throws -> Void

/// Where learning stands, reported at least once a step.
public struct LearningProgress: Sendable {
    public enum Phase: String, Sendable {
        case train, fineTune
    }
    public var phase: Phase
    /// 1-based, of `epochs`.
    public var epoch: Int
    public var epochs: Int
    /// 1-based over all epochs, of `steps`.
    public var step: Int
    public var steps: Int
    /// The loss of this step, in nats per row.
    public var loss: Double
    /// Rows taken in this step.
    public var rows: Int

    public init(phase: Phase, epoch: Int, epochs: Int, step: Int, steps: Int, loss: Double, rows: Int) {
        self.phase = phase
        self.epoch = epoch
        self.epochs = epochs
        self.step = step
        self.steps = steps
        self.loss = loss
        self.rows = rows
    }
}

/// What a head refuses.
public enum HeadError: Error, Equatable, CustomStringConvertible {
    case featureDimension(expected: Int, found: Int)
    case classAlreadyKnown(String)
    case classWithoutRows(String)
    case invalidTask(String)
    case diverged(step: Int, loss: Double)

    public var description: String {
        switch self {
        case .featureDimension(let expected, let found):
            "feature rows have \(found) dimensions, the model expects \(expected)"
        case .classAlreadyKnown(let name): "class '\(name)' is already known to the model"
        case .classWithoutRows(let name): "class '\(name)' has no training rows"
        case .invalidTask(let reason): reason
        case .diverged(let step, let loss): "training diverged at step \(step): the loss is \(loss)"
        }
    }
}
