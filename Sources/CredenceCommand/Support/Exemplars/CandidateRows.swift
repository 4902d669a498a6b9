import Credence
import Foundation

/// The training rows of a data folder as candidates for a store, and what a model says about them.
struct CandidateRows {
    let dataset: Dataset
    let rows: FeatureRows
    let labels: [Int]
    private let folder: String

    init(folder: String) throws {
        self.folder = folder
        dataset = try Dataset.open(URL(filePath: folder), splits: [.train])
        rows = try dataset.rows(.train)
        guard let labels = try rows.labels() else {
            throw CommandFailure(.badData, "\(folder): the training rows have no labels")
        }
        self.labels = labels
    }

    /// The rows of some classes, in the order named; default: all classes that have rows, in the data's order.
    func candidates(classes: String?, file: String?) throws -> TaskCandidates {
        guard let names = try file.map(ClassLists.read) ?? classes.map(ClassLists.parse) else {
            return TaskCandidates(rows, classOf: labels, classNames: dataset.classNames)
        }
        let source = file ?? "--classes"
        guard !names.isEmpty else { throw CommandFailure(.badData, "\(source): no class is named") }
        var place: [Int: Int] = [:]
        for (index, name) in names.enumerated() {
            guard let label = dataset.classNames.firstIndex(of: name) else {
                throw CommandFailure(.badData, "\(source): there is no class '\(name)' in \(folder)")
            }
            guard place.updateValue(index, forKey: label) == nil else {
                throw CommandFailure(.badData, "\(source): class '\(name)' is named twice")
            }
        }
        let present = Set(labels)
        if let empty = place.keys.sorted().first(where: { !present.contains($0) }) {
            throw CommandFailure(.badData, "\(folder): class '\(dataset.classNames[empty])' has no training rows")
        }
        return TaskCandidates(rows, classOf: labels.map { place[$0] }, classNames: names)
    }

    /// Lets a model's posterior into a plan.
    func attach(_ model: String?, to plan: inout SelectionPlan) throws {
        guard let model else {
            if plan.selector.needsPosterior {
                throw CommandFailure(
                    .usage, "--selector \(plan.selector.name) needs a model's posterior for the rows: give --model")
            }
            return
        }
        let file = try ModelFile.load(URL(filePath: model))
        let head = file.head
        guard head.featureDimension == rows.dimension else {
            throw CommandFailure(
                .badData,
                "\(folder): rows of length \(rows.dimension), the model \(model) expects \(head.featureDimension)")
        }
        let place = Dictionary(uniqueKeysWithValues: head.classNames.enumerated().map { ($1, $0) })
        plan.model = model
        plan.label = { place[$0] }
        plan.posterior = { try head.posterior(for: $0) }
    }
}
