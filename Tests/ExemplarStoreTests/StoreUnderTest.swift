import Exemplars
import ExemplarStore
import FeatureData
import Foundation
import Matrices
import Probability
import TestSupport

/// A store in a folder of its own, and rows to put into it.
struct StoreUnderTest {
    let folder: TemporaryFolder
    let url: URL

    init() throws {
        folder = try TemporaryFolder()
        url = folder.path("exemplars.sqlite")
    }

    /// Unit rows of normal noise about a direction of each class.
    static func rows(classes: Int, each: Int, dimension: Int = 16, seed: UInt64 = 1) -> LabelledFeatures {
        var noise = NormalNoise(seed: seed)
        let centers: Matrix<Float> = noise.matrix(rows: classes, columns: dimension)
        var features: Matrix<Float> = noise.matrix(rows: classes * each, columns: dimension)
        let labels = (0..<classes * each).map { $0 % classes }
        for (row, label) in labels.enumerated() {
            for column in 0..<dimension { features[row, column] += 2 * centers[label, column] }
        }
        return LabelledFeatures(features: features.normalizedRows(), labels: labels)
    }

    static func names(_ count: Int, _ prefix: String = "class") -> [String] { (0..<count).map { "\(prefix) \($0)" } }

    func open(encoding: FeatureEncoding = .float32, dimension: Int = 16, patience: Double = 5) throws -> ExemplarStore {
        try ExemplarStore.open(orCreateAt: url, dimension: dimension, encoding: encoding, patience: patience)
    }

    /// Selects rows of classes named `prefix 0`, … into the store.
    @discardableResult
    func select(
        _ rows: LabelledFeatures, classes: Int, prefix: String = "class", budget: ExemplarBudget,
        selector: any ExemplarSelector = HerdingExemplars(), knownClasses: SelectionPlan.KnownClasses = .refuse,
        encoding: FeatureEncoding = .float32
    ) throws -> SelectionSummary {
        let store = try open(encoding: encoding, dimension: rows.dimension)
        let plan = SelectionPlan(selector: selector, budget: budget, seed: 7, knownClasses: knownClasses)
        return try store.write {
            try $0.select(
                from: TaskCandidates(rows, classNames: Self.names(classes, prefix), source: "\(prefix).safetensors"), plan)
        }
    }

    func read<Result>(_ body: (StoreReader) throws -> Result) throws -> Result {
        try ExemplarStore(contentsOf: url).read(body)
    }

    func verify() throws -> [String] { try ExemplarStore(contentsOf: url).verify() }

    /// All records by class name, in the store's order.
    func records() throws -> [String: [ExemplarRecord]] {
        var result: [String: [ExemplarRecord]] = [:]
        try read { try $0.forEachRecord { result[$0.name, default: []].append($1) } }
        return result
    }
}
