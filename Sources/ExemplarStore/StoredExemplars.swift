import Exemplars
import FeatureData
import Matrices
import Prediction

/// A store as the memory of a continual protocol: what `ExemplarBuffer` keeps in memory, with where each row comes from.
public struct StoredExemplars: ExemplarMemory {
    public let store: ExemplarStore
    public let budget: ExemplarBudget
    /// All classes of the protocol, in the order learnt.
    public let classNames: [String]
    private let train: FeatureRows

    /// - Parameters:
    ///   - store: open for writing.
    ///   - train: the training data that the rows of all tasks are taken from.
    public init(_ store: ExemplarStore, budget: ExemplarBudget, classNames: [String], train: FeatureRows) {
        (self.store, self.budget, self.classNames, self.train) = (store, budget, classNames, train)
    }

    public func load() throws -> LabelledFeatures { try store.read { try $0.load(classNames: classNames) } }

    public mutating func add(
        _ task: ExemplarTask, selector: any ExemplarSelector, seed: UInt64,
        posterior: ((Matrix<Float>) throws -> LogitPosterior)?
    ) throws {
        let places = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($1, $0) })
        var members = [[Int]](repeating: [], count: classNames.count)
        for (row, label) in task.rows.labels.enumerated() { members[label].append(row) }
        let (rows, numbers, train) = (task.rows, task.rowNumbers, train)
        let candidates = TaskCandidates(
            classes: zip(classNames, members).filter { !$1.isEmpty }.map { .init(name: $0, rows: $1) },
            features: { rows.features.selectingRows($0) },
            location: {
                let place = train.location(ofRow: numbers[$0])
                return StoreWriter.Location(source: place.file.path, row: place.row)
            })
        try store.write {
            try $0.select(
                from: candidates,
                SelectionPlan(
                    selector: selector, budget: budget, seed: seed, knownClasses: .keep, label: { places[$0] },
                    posterior: posterior))
        }
    }
}
