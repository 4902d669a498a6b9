// Rows by their numbers, in any order.
import Foundation
import Matrices

extension FeatureRows {
    /// The features of rows by their numbers, `[rows.count, D]`. Runs of consecutive numbers are read at once; what was read
    /// leaves the process's memory.
    ///
    /// - Throws: `FeatureDataError.badData` at the first bad row.
    public func gather(_ numbers: [Int]) throws -> Matrix<Float> {
        var features = Matrix<Float>(uninitialized: numbers.count, dimension)
        let target = features.mutablePointer()
        var start = 0
        while start < numbers.count {
            var end = start + 1
            while end < numbers.count, numbers[end] == numbers[end - 1] + 1 { end += 1 }
            let run = numbers[start]..<numbers[start] + (end - start)
            precondition(run.lowerBound >= 0 && run.upperBound <= count, "rows \(run) of \(count)")
            for part in parts {
                let (lower, upper) = (
                    max(run.lowerBound, part.firstRow), min(run.upperBound, part.firstRow + part.features.rows)
                )
                guard lower < upper else { continue }
                try part.read(
                    lower - part.firstRow..<upper - part.firstRow,
                    into: target + (start + lower - run.lowerBound) * dimension, normalizing: isNormalizing)
            }
            start = end
        }
        for part in parts { part.dropPages(of: 0..<count) }
        return features
    }

    /// The file of a row, its path without detours, and its place there.
    public func location(ofRow row: Int) -> (file: URL, row: Int) {
        precondition(row >= 0 && row < count, "row \(row) of \(count)")
        // The last part that begins at or before the row; parts are in order.
        var (low, high) = (0, parts.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if parts[middle].firstRow <= row { low = middle } else { high = middle - 1 }
        }
        return (parts[low].features.url.standardizedFileURL, row - parts[low].firstRow)
    }
}

extension FeatureRows {
    /// Rows whose labels are in a file of their own, as NumPy has them.
    ///
    /// - Throws: `FeatureDataError`.
    public init(features: URL, labels: URL, normalizing: Bool = true, classCount: Int? = nil) throws {
        let files = DatasetLayout.SplitFiles(features: [features], labels: labels)
        self = try files.rows(normalizing: normalizing, classCount: classCount)
    }
}
