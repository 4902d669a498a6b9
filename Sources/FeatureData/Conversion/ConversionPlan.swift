// What a conversion will write: counted before the first row is, since files begin with their sizes.
import Foundation
import Matrices

/// Rows of each split, and which row goes where.
struct ConversionPlan {
    /// Rows to be written; splits without any are absent.
    private(set) var rows: [Dataset.Split: Int] = [:]
    /// Of classes that are not wanted.
    private(set) var leftOut = 0
    private(set) var classNames: [String]?
    private var bad: [[Int]] = []
    private var share: StratifiedShare?
    /// Rows read while counting, and rows that will have been read at the end.
    private var done = 0
    private let total: Int

    var dropped: Int { bad.reduce(0) { $0 + $1.count } }

    /// Rows read at once.
    private static let blockRows = 2048

    init(_ conversion: FeatureConversion, _ progress: (Int, Int) throws -> Void) throws {
        // Both passes over features count, where there are two.
        total = conversion.rowCount * (conversion.options.droppingBadRows ? 2 : 1)
        try progress(0, total)
        guard !conversion.sources.isEmpty else {
            classNames = conversion.classNames
            return
        }
        try checkDimensions(conversion)
        if conversion.options.droppingBadRows {
            for source in conversion.sources {
                bad.append(
                    try source.badRows {
                        done += $0
                        try progress(done, total)
                    })
            }
        }
        var counts: [Dataset.Split: [Int]] = [:]
        for (index, source) in conversion.sources.enumerated() {
            var dropped = RowCursor(bad.isEmpty ? [] : bad[index])
            try source.forEachBlockOfClasses { range, classes in
                try progress(done, total)
                for row in range where !dropped.contains(row) {
                    let label = classes?[row - range.lowerBound] ?? 0
                    guard label >= 0 else {
                        leftOut += 1
                        continue
                    }
                    guard label <= Int(Int32.max) else {
                        throw FeatureDataError(
                            .badData, source.rows.location(ofRow: row).file, tensor: "labels",
                            "row \(row) has the label \(label), expected \(Int32.max) at most")
                    }
                    let size = counts[source.split]?.count ?? 0
                    if label >= size {
                        guard label < 1 << 24 else {
                            throw FeatureDataError(
                                .badData, source.rows.location(ofRow: row).file, tensor: "labels",
                                "row \(row) has the label \(label), expected classes counted from 0")
                        }
                        counts[source.split, default: []] += [Int](repeating: 0, count: label + 1 - size)
                    }
                    counts[source.split]?[label] += 1
                }
            }
        }
        if let testShare = conversion.options.testShare {
            let share = StratifiedShare(counts: counts[.train] ?? [], share: testShare, seed: conversion.options.seed)
            counts[.test] = share.picked
            for (label, picked) in share.picked.enumerated() { counts[.train]?[label] -= picked }
            self.share = share
        }
        rows = counts.mapValues { $0.reduce(0, +) }.filter { $0.value > 0 }
        guard !rows.isEmpty else {
            throw FeatureDataError(
                .badData, conversion.sources[0].rows.urls[0],
                conversion.rowCount == 0 ? "there are no rows" : "no row is of the classes wanted")
        }
        // Labels without names get their numbers for names.
        classNames = conversion.classNames
        if classNames == nil, conversion.hasLabels, conversion.options.classMeansAsText {
            classNames = (0..<(counts.values.map(\.count).max() ?? 0)).map(String.init)
        }
    }

    private func checkDimensions(_ conversion: FeatureConversion) throws {
        let first = conversion.sources[0].rows
        for source in conversion.sources where source.rows.dimension != first.dimension {
            throw FeatureDataError(
                .badData, source.rows.urls[0],
                "has rows of length \(source.rows.dimension), those of \(first.urls[0].relativePath) have \(first.dimension)")
        }
        if let prompts = conversion.prompts, prompts.featureDimension != first.dimension {
            throw FeatureDataError(
                .badData, first.urls[0],
                "has rows of length \(first.dimension), the text features have \(prompts.featureDimension)")
        }
    }

    /// Reads every row that is wanted and hands it to `body`, split by split, in the order of the inputs.
    func forEachBlock(
        of conversion: FeatureConversion, progress: (Int, Int) throws -> Void,
        _ body: (Dataset.Split, Matrix<Float>, [Int]?) throws -> Void
    ) throws {
        var (share, done) = (share, done)
        for (index, source) in conversion.sources.enumerated() {
            var dropped = RowCursor(bad.isEmpty ? [] : bad[index])
            for part in source.rows.parts { part.features.file.willReadInOrder() }
            for start in stride(from: 0, to: source.rows.count, by: Self.blockRows) {
                let range = start..<min(start + Self.blockRows, source.rows.count)
                let labels = try source.classes(of: range, source.labels == nil ? source.rows.labels(of: range) : nil)
                var (kept, test) = ([Int](), [Bool]())
                for row in range where !dropped.contains(row) {
                    let label = labels?[row - start] ?? 0
                    guard label >= 0 else { continue }
                    kept.append(row)
                    test.append(source.split == .test || share?.next(of: label) ?? false)
                }
                let block =
                    kept.count == range.count ? try source.rows.block(range).features : try source.rows.gather(kept)
                for split in Dataset.Split.allCases {
                    let chosen = kept.indices.filter { test[$0] == (split == .test) }
                    guard !chosen.isEmpty else { continue }
                    try body(
                        split, chosen.count == block.rows ? block : block.selectingRows(chosen),
                        labels.map { labels in chosen.map { labels[kept[$0] - start] } })
                }
                for part in source.rows.parts { part.dropPages(of: range) }
                done += range.count
                try progress(done, total)
            }
        }
    }
}

/// Looks up ascending row numbers in an ascending list.
private struct RowCursor {
    private let rows: [Int]
    private var next = 0

    init(_ rows: [Int]) { self.rows = rows }

    mutating func contains(_ row: Int) -> Bool {
        while next < rows.count, rows[next] < row { next += 1 }
        return next < rows.count && rows[next] == row
    }
}
