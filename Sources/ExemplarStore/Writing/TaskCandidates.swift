import FeatureData
import Matrices

/// Rows from which exemplars are chosen, class by class, in files or in memory.
public struct TaskCandidates {
    /// A class and its rows, by their numbers.
    public struct ClassRows: Sendable {
        public var name: String
        public var rows: [Int]

        public init(name: String, rows: [Int]) {
            (self.name, self.rows) = (name, rows)
        }
    }

    /// The classes, in the order in which new ones are added.
    public let classes: [ClassRows]
    let features: ([Int]) throws -> Matrix<Float>
    let location: (Int) -> StoreWriter.Location

    /// - Parameters:
    ///   - features: the features `[rows, D]` of rows of one class, by their numbers; asked for one class at a time.
    ///   - location: where a row comes from.
    public init(
        classes: [ClassRows], features: @escaping ([Int]) throws -> Matrix<Float>,
        location: @escaping (Int) -> StoreWriter.Location
    ) {
        (self.classes, self.features, self.location) = (classes, features, location)
    }

    /// Rows in files, of the classes named in `labels`: the name of the class of each row, or `nil` for rows not to be looked
    /// at. Memory: the rows of the largest class.
    public init(_ rows: FeatureRows, classOf labels: [Int?], classNames: [String]) {
        precondition(labels.count == rows.count, "\(labels.count) labels for \(rows.count) rows")
        self.init(
            classes: Self.group(labels, classNames), features: { try rows.gather($0) },
            location: { row in
                let place = rows.location(ofRow: row)
                return StoreWriter.Location(source: place.file.path, row: place.row)
            })
    }

    /// Rows in memory, labelled by their place among `classNames`; `source` names where they come from, and their numbers
    /// there are `rowNumbers` (default 0, 1, …).
    public init(_ rows: LabelledFeatures, classNames: [String], source: String, rowNumbers: [Int]? = nil) {
        precondition(rowNumbers.map { $0.count == rows.count } ?? true, "one number a row")
        self.init(
            classes: Self.group(rows.labels, classNames), features: { rows.features.selectingRows($0) },
            location: { StoreWriter.Location(source: source, row: rowNumbers?[$0] ?? $0) })
    }

    private static func group(_ labels: [Int?], _ classNames: [String]) -> [ClassRows] {
        var rows = [[Int]](repeating: [], count: classNames.count)
        for (row, label) in labels.enumerated() {
            if let label { rows[label].append(row) }
        }
        return zip(classNames, rows).filter { !$1.isEmpty }.map { ClassRows(name: $0, rows: $1) }
    }
}
