// What conversion reads: rows, and what becomes of their labels.
import Matrices

/// Rows of one input, with the class that each becomes.
public struct ConvertedRows: Sendable {
    public var split: Dataset.Split
    public var rows: FeatureRows
    /// Labels in place of those in the files, one a row.
    var labels: LabelTable?
    /// The class that a label (or a code of `labels`) becomes, nil for rows to be left out; labels stay where there is no list.
    var classes: [Int?]?

    var hasLabels: Bool { labels != nil || rows.hasLabels }

    /// The class of each of some rows: -1 for rows that are left out; nil without labels.
    ///
    /// - Throws: `FeatureDataError.badData` for labels that are no class.
    func classes(of range: Range<Int>, _ stored: [Int]?) throws -> [Int]? {
        let found: [Int]
        if let labels {
            found = labels.codes[range].map(Int.init)
        } else if let stored {
            found = stored
        } else {
            return nil
        }
        guard let classes else { return found }
        return try found.enumerated().map { offset, label in
            guard label >= 0, label < classes.count else {
                throw FeatureDataError(
                    .badData, rows.location(ofRow: range.lowerBound + offset).file, tensor: "labels",
                    "row \(range.lowerBound + offset) has the label \(label), expected 0 to \(classes.count - 1), the classes")
            }
            return classes[label] ?? -1
        }
    }

    /// Calls `body` with the classes of rows, block after block; features are not read.
    func forEachBlockOfClasses(_ body: (Range<Int>, [Int]?) throws -> Void) throws {
        for start in stride(from: 0, to: rows.count, by: 1 << 16) {
            let range = start..<min(start + 1 << 16, rows.count)
            try body(range, try classes(of: range, labels == nil ? rows.labels(of: range) : nil))
        }
    }

    /// The numbers of rows that are zero, NaN or infinite, ascending.
    func badRows(progress: (Int) throws -> Void) throws -> [Int] {
        var bad: [Int] = []
        for part in rows.parts {
            var scan = RowScan()
            part.features.file.willReadInOrder()
            var next = 0
            try scan.scan(part.features) { row, _ in
                while next < row {
                    bad.append(part.firstRow + next)
                    next += 1
                }
                next = row + 1
            } progress: { rows in
                part.dropPages(of: part.firstRow + rows.lowerBound..<part.firstRow + rows.upperBound)
                try progress(rows.count)
            }
            while next < part.features.rows {
                bad.append(part.firstRow + next)
                next += 1
            }
        }
        return bad
    }
}

extension FeatureRows {
    /// The labels of some rows, checked; nil where there are none. Features are not read.
    func labels(of range: Range<Int>) throws -> [Int]? {
        guard hasLabels else { return nil }
        return try parts.flatMap { part -> [Int] in
            let (lower, upper) = (max(range.lowerBound, part.firstRow), min(range.upperBound, part.firstRow + part.features.rows))
            return lower < upper ? try part.readLabels(lower - part.firstRow..<upper - part.firstRow) : []
        }
    }

    /// The widest type of its features: F16 and BF16 together are F32, and so is F64, which reading narrows to it.
    var widestType: ElementType {
        let types = Set(parts.map(\.features.elementType))
        return types == [.float16] ? .float16 : types == [.bfloat16] ? .bfloat16 : .float32
    }
}
