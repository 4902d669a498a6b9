import Credence
import Foundation

/// Labelled rows of a data folder as the known rows of a detector: of classes that the model knows, under its numbers; of
/// all classes where there is no model.
struct KnownRowsSource {
    let folder: String
    let known: KnownRows
    /// Rows of classes that the model does not know, left out.
    let unknown: Int
    /// Of names, shape, all labels and the features of up to 256 rows spread evenly over the files: another encoder or other
    /// images change it, and it costs no pass over the rows. Changes of single rows between those are not seen.
    let fingerprint: String
    private let rows: FeatureRows
    /// The class of each row of the files, and whether it is taken.
    private let classes: [Int?]
    private let taken: [Bool]
    private let text: ClassPrompts?
    private let head: (any Head)?

    /// - Parameters:
    ///   - isIncluded: which rows of the files to take.
    ///   - words: text features of other words `[words, D]`.
    /// - Throws: `FeatureDataError`, or `CommandFailure` where the data do not fit the model.
    init(
        _ folder: String, dataset: Dataset, split: Dataset.Split, head: (any Head)?, model: String?,
        isIncluded: [Bool]?, words: Matrix<Float>?, seed: UInt64
    ) throws {
        self.folder = folder
        let rows = try dataset.rows(split)
        guard rows.hasLabels, let labels = try rows.labels() else {
            throw CommandFailure(.badData, "\(folder): the \(split.rawValue) rows have no labels")
        }
        let names = head?.classNames ?? dataset.classNames
        if let head, rows.dimension != head.featureDimension {
            throw CommandFailure(
                .badData,
                "\(folder): rows of length \(rows.dimension), the model \(model ?? "") expects \(head.featureDimension)")
        }
        let index = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let places = dataset.classNames.map { index[$0] }
        let own = labels.map { places[$0] }
        let taken = own.indices.map { own[$0] != nil && (isIncluded?[$0] ?? true) }
        unknown = own.indices.count { own[$0] == nil && (isIncluded?[$0] ?? true) }
        let count = taken.count { $0 }
        guard count > 0 else {
            throw CommandFailure(
                .badData,
                "\(folder): no \(split.rawValue) rows"
                    + (model.map { " of classes that the model \($0) knows" } ?? ""))
        }
        // Text in the head's order, where the folder has it for every class.
        let order = names.map { name in dataset.classNames.firstIndex(of: name) }
        let text = order.allSatisfy { $0 != nil } ? dataset.prompts.selecting(order.compactMap { $0 }) : nil
        var known = Self.known(
            rows, in: 0..<rows.count, count: count, own, taken, classNames: names, text: text, head: head, seed: seed)
        known.otherWords = words
        self.known = known
        (self.rows, classes, self.taken, self.text, self.head) = (rows, own, taken, text, head)
        var fingerprint = Fingerprint()
        fingerprint.add("\(names) \(rows.count) \(rows.dimension) \(split.rawValue)")
        own.enumerated().map { taken[$0] ? $1 ?? -1 : -1 }.withUnsafeBytes { fingerprint.add($0) }
        let step = max(1, (rows.count + Self.fingerprintedRows - 1) / Self.fingerprintedRows)
        for row in stride(from: 0, to: rows.count, by: step) {
            try Interruption.check()
            try rows.block(row..<(row + 1)).features.withUnsafeElements { fingerprint.add(UnsafeRawBufferPointer($0)) }
        }
        self.fingerprint = fingerprint.description
    }

    private static let fingerprintedRows = 256

    /// The known rows among some rows of the files.
    private static func known(
        _ rows: FeatureRows, in range: Range<Int>, count: Int, _ classes: [Int?], _ taken: [Bool], classNames: [String],
        text: ClassPrompts?, head: (any Head)?, seed: UInt64
    ) -> KnownRows {
        KnownRows(
            count: count, dimension: rows.dimension, classNames: classNames, text: text, head: head, seed: seed
        ) { body in
            var stream = rows.stream(blockRows: 4096, in: range)
            while let block = try stream.next() {
                try Interruption.check()
                let chosen = (0..<block.count).filter { taken[block.firstRow + $0] }
                guard !chosen.isEmpty else { continue }
                let features = chosen.count == block.count ? block.features : block.features.selectingRows(chosen)
                try body(
                    LabelledFeatures(features: features, labels: chosen.compactMap { classes[block.firstRow + $0] }))
            }
        }
    }

    /// The known rows of a shard of the files, with their place among all.
    func share(_ shard: RowShard) -> KnownShare {
        let range = shard.range(of: rows.count)
        var own = Self.known(
            rows, in: range, count: range.count { taken[$0] }, classes, taken, classNames: known.classNames, text: text,
            head: head, seed: known.seed)
        own.otherWords = known.otherWords
        return KnownShare(rows: own, first: (0..<range.lowerBound).count { taken[$0] }, total: known.count)
    }

    /// The number of classes that have rows.
    var classesWithRows: Int { Set(classes.indices.lazy.filter { taken[$0] }.compactMap { classes[$0] }).count }
}
