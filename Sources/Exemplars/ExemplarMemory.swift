import FeatureData
import Matrices
import Prediction

/// Where the rows to rehearse on are kept from task to task: in memory (`ExemplarBuffer`), or in an exemplar store.
public protocol ExemplarMemory {
    /// The rows kept, class after class in the order of labels; within a class best first.
    func load() throws -> LabelledFeatures

    /// Makes room for the classes of a new task and chooses their rows.
    ///
    /// - Parameter posterior: the head's `posterior(for:)`, for selectors that need it.
    /// - Throws: `ExemplarError`, and what the selector, `posterior` and the memory throw.
    mutating func add(
        _ task: ExemplarTask, selector: any ExemplarSelector, seed: UInt64,
        posterior: ((Matrix<Float>) throws -> LogitPosterior)?
    ) throws
}

/// The rows of a task from which exemplars are chosen.
public struct ExemplarTask: Sendable {
    /// Labelled by class, in the order learnt.
    public var rows: LabelledFeatures
    /// The place of each row in the training data, from 0.
    public var rowNumbers: [Int]
    /// The number of classes known after the task; labels are below it.
    public var classes: Int

    public init(rows: LabelledFeatures, rowNumbers: [Int], classes: Int) {
        precondition(rows.count == rowNumbers.count, "\(rows.count) rows, \(rowNumbers.count) numbers")
        (self.rows, self.rowNumbers, self.classes) = (rows, rowNumbers, classes)
    }
}

extension ExemplarBuffer: ExemplarMemory {
    public func load() -> LabelledFeatures { exemplars }

    public mutating func add(
        _ task: ExemplarTask, selector: any ExemplarSelector, seed: UInt64,
        posterior: ((Matrix<Float>) throws -> LogitPosterior)?
    ) throws {
        try update(with: task.rows, classes: task.classes, selector: selector, seed: seed, posterior: posterior)
    }
}
