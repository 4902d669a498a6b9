// Rows that a user or another tool chose.
import Exemplars
import FeatureData
import Foundation
import GRDB
import Matrices

/// Rows of one class to be added, with what is known of them.
public struct ExemplarRows: Sendable {
    public var className: String
    /// `[rows, D]`.
    public var features: Matrix<Float>
    public var locations: [StoreWriter.Location]
    /// One a row, or none at all.
    public var pinned: [Bool]
    public var scores: [Double?]

    public init(
        className: String, features: Matrix<Float>, locations: [StoreWriter.Location], pinned: [Bool] = [],
        scores: [Double?] = []
    ) {
        precondition(features.rows == locations.count, "\(features.rows) rows, \(locations.count) places")
        precondition(pinned.isEmpty || pinned.count == locations.count, "one flag a row")
        precondition(scores.isEmpty || scores.count == locations.count, "one score a row")
        (self.className, self.features, self.locations) = (className, features, locations)
        (self.pinned, self.scores) = (pinned, scores)
    }
}

extension StoreWriter {
    /// Appends rows to their classes, after those that are there; classes that the store does not hold become a task.
    ///
    /// Pinned rows make room by shrinking the classes; other rows are refused where the store's budget does not hold them, since
    /// the next selection would remove them at once. With a `budget` it becomes the store's, and all classes are shrunk to it.
    ///
    /// - Parameters:
    ///   - blocks: blocks of rows, until it returns `nil`; memory is that of one.
    ///   - classNames: the classes in the order in which new ones are added; blocks name no others.
    ///   - sample: rows `[rows, D]` that stand for all, to learn centroids from where the store needs some; default: the first
    ///     block.
    /// - Returns: what the encoding lost.
    /// - Throws: `ExemplarStoreError`: `overBudget`, `row`, `format`; `ExemplarError.pinnedExceedBudget`.
    @discardableResult
    public func add(
        _ kind: StoredSelection.Kind = .add, classNames: [String], budget: ExemplarBudget? = nil,
        settings: [String: String] = [:], seed: UInt64 = 1, sample: (() throws -> Matrix<Float>)? = nil,
        blocks: () throws -> ExemplarRows?
    ) throws -> EncodingLoss {
        let classes = try addClasses(classNames)
        var next = Dictionary(
            uniqueKeysWithValues: classes.map { ($0.name, (stored: $0, pinned: $0.pinned, others: $0.rows - $0.pinned)) })
        let selection = try addSelection(kind, budget: budget, settings: settings, candidates: 0)
        if let sample, try needsCodebook() { try learnCodebook(from: try sample(), seed: seed) }
        var loss = EncodingLoss()
        var unpinned = 0
        while let block = try blocks() {
            guard var place = next[block.className] else {
                throw ExemplarStoreError.unknownClass(file: file, block.className)
            }
            try learnCodebook(from: block.features, seed: seed)
            let rows = block.locations.indices.map { index in
                let isPinned = block.pinned.isEmpty ? false : block.pinned[index]
                let rank = isPinned ? place.pinned : place.others
                if isPinned { place.pinned += 1 } else { place.others += 1 }
                return NewRow(
                    location: block.locations[index], rank: rank, isPinned: isPinned,
                    score: block.scores.isEmpty ? nil : block.scores[index], addedAt: now, selection: selection)
            }
            loss.add(try insert(block.features, rows, of: place.stored))
            unpinned += rows.count { !$0.isPinned }
            next[block.className] = place
        }
        try record(loss, of: selection)
        try db.execute(sql: "UPDATE selections SET candidates = added_rows WHERE id = ?", arguments: [selection])
        if let budget {
            try prune(to: budget)
        } else {
            try keepBudget(unpinned: unpinned)
        }
        return loss
    }

    private func keepBudget(unpinned: Int) throws {
        guard let budget = try reader.budget() else { return }
        let classes = try reader.classes()
        let isKept =
            switch budget {
            case .total(let most): classes.reduce(0) { $0 + $1.rows } <= most
            case .perClass(let most): classes.allSatisfy { $0.rows <= most }
            }
        guard !isKept else { return }
        guard unpinned == 0 else {
            throw ExemplarStoreError.overBudget(
                file: file, "the rows exceed the store's budget of \(budget); pin them, remove others or raise the budget")
        }
        try prune(to: budget)
    }
}
