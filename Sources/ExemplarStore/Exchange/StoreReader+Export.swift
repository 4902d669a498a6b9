// Exemplars as files of feature rows, which the rest of the toolkit and Python read.
import FeatureData
import Foundation
import Matrices

extension StoreReader {
    /// Writes rows to a safetensors file of the data set format: `image_features` [N, D] (F16 of a store in half precision,
    /// else F32), `labels` [N] into the `class_names` of the metadata; besides `exemplars.rank`, `.pinned`, `.source` (into
    /// the metadata's `exemplars.sources`), `.source_row`, `.added_at` [N] and `.score` [N, 1], NaN where there is none.
    ///
    /// Rows are in the store's order. Memory: a block.
    ///
    /// - Returns: the number of rows.
    @discardableResult
    public func export(
        _ filter: ExemplarFilter = .all, toSafetensors url: URL, progress: (Int) throws -> Void = { _ in }
    ) throws -> Int {
        let count = try count(filter)
        let classes = try exported(filter)
        let sources = try sources().sorted { $0.key < $1.key }.map(\.value)
        let place = Dictionary(uniqueKeysWithValues: sources.enumerated().map { ($1, $0) })
        let writer = try SafetensorsWriter(
            to: url,
            tensors: [
                TensorDeclaration(ExchangeFormat.features, elementType, [count, format.dimension]),
                TensorDeclaration(ExchangeFormat.labels, .int64, [count]),
                TensorDeclaration(ExchangeFormat.rank, .int64, [count]),
                TensorDeclaration(ExchangeFormat.pinned, .uint8, [count]),
                TensorDeclaration(ExchangeFormat.source, .int64, [count]),
                TensorDeclaration(ExchangeFormat.sourceRow, .int64, [count]),
                TensorDeclaration(ExchangeFormat.score, .float64, [count, 1]),
                TensorDeclaration(ExchangeFormat.addedAt, .int64, [count]),
            ],
            metadata: [
                ExchangeFormat.classNames: ExchangeFormat.json(classes.names), ExchangeFormat.version: "1",
                ExchangeFormat.sources: ExchangeFormat.json(sources),
            ])
        do {
            var done = 0
            try forEachBlock(filter) { block in
                try writer.append(block.features, to: ExchangeFormat.features)
                let records = block.records
                try writer.append(records.map { classes.label[$0.classPosition] ?? 0 }, to: ExchangeFormat.labels)
                try writer.append(records.map(\.rank), to: ExchangeFormat.rank)
                try writer.append(records.map { $0.isPinned ? 1 : 0 }, to: ExchangeFormat.pinned)
                try writer.append(records.map { place[$0.source] ?? 0 }, to: ExchangeFormat.source)
                try writer.append(records.map(\.sourceRow), to: ExchangeFormat.sourceRow)
                try writer.append(
                    Matrix<Double>(rows: records.count, columns: 1, elements: records.map { $0.score ?? .nan }),
                    to: ExchangeFormat.score)
                try writer.append(records.map(\.addedAt), to: ExchangeFormat.addedAt)
                done += block.count
                try progress(done)
            }
            try writer.finish()
        } catch {
            writer.discard()
            throw error
        }
        return count
    }

    /// Writes rows to NumPy files: features [N, D] to `url`, labels and class names to files beside it: `train_labels.npy` and
    /// `class_names.json` beside `train_image_features.npy`, as a data folder has them; beside any other `x.npy`
    /// `x_labels.npy` and `x_class_names.json`. The features appear last.
    ///
    /// - Returns: the number of rows.
    @discardableResult
    public func export(
        _ filter: ExemplarFilter = .all, toNumPy url: URL, progress: (Int) throws -> Void = { _ in }
    ) throws -> Int {
        let count = try count(filter)
        let classes = try exported(filter)
        let beside = NumPyFile.companions(of: url)
        let features = try NumPyWriter(to: url, elementType: elementType, shape: [count, format.dimension])
        let labels = try NumPyWriter(to: beside.labels, elementType: .int64, shape: [count])
        var done = 0
        try forEachBlock(filter) { block in
            try features.append(block.features)
            try labels.append(block.records.map { classes.label[$0.classPosition] ?? 0 })
            done += block.count
            try progress(done)
        }
        try AtomicFile.write(ExchangeFormat.json(classes.names) + "\n", to: beside.classNames)
        try labels.finish()
        try features.finish()
        return count
    }

    private var elementType: ElementType { format.encoding == .float16 ? .float16 : .float32 }

    /// The names of the classes that a filter lets through, and their places by position.
    private func exported(_ filter: ExemplarFilter) throws -> (names: [String], label: [Int: Int]) {
        let classes = try classes().filter(filter.includes)
        return (
            classes.map(\.name), Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1.position, $0) })
        )
    }
}
