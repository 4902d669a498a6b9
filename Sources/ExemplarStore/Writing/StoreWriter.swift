import Exemplars
import FeatureData
import Foundation
import GRDB
import Matrices

/// Changes a store; valid inside `ExemplarStore.write`, which makes everything done by it one transaction.
public final class StoreWriter {
    /// What the store holds, as changed so far.
    public let reader: StoreReader
    let db: Database
    let now = StoreClock.now
    var sourceIdentities: [String: Int64] = [:]

    init(_ db: Database, format: StoreFormat, url: URL) {
        self.db = db
        reader = StoreReader(db, format: format, url: url)
    }

    public var format: StoreFormat { reader.format }
    var file: String { reader.file }

    /// Where a row comes from.
    public struct Location: Sendable, Hashable {
        /// The file.
        public var source: String
        /// Its place there, from 0.
        public var row: Int

        public init(source: String, row: Int) {
            (self.source, self.row) = (source, row)
        }
    }

    /// Sets the budget that `verify` checks and `add` keeps to; removes nothing.
    public func setBudget(_ budget: ExemplarBudget) throws {
        guard budget.rows >= 0 else { throw ExemplarError.invalidBudget(budget.rows) }
        let kind = if case .total = budget { "total" } else { "per-class" }
        try db.execute(sql: "UPDATE store SET budget_kind = ?, budget_rows = ?", arguments: [kind, budget.rows])
    }

    /// Adds classes that the store does not hold as one task; of those it holds nothing changes.
    ///
    /// - Returns: all classes of the store.
    func addClasses(_ names: [String]) throws -> [StoredClass] {
        let held = try reader.classes()
        let new = names.filter { name in !held.contains { $0.name == name } }
        guard !new.isEmpty else { return held }
        let task = (try Int.fetchOne(db, sql: "SELECT MAX(position) FROM tasks") ?? -1) + 1
        try db.execute(sql: "INSERT INTO tasks (position, added_at) VALUES (?, ?)", arguments: [task, now])
        let identity = db.lastInsertedRowID
        let first = (held.last?.position ?? -1) + 1
        for (place, name) in new.enumerated() {
            guard !name.isEmpty else { throw ExemplarStoreError.row(file: file, "a class has an empty name") }
            try db.execute(
                sql: "INSERT INTO classes (position, name, task_id) VALUES (?, ?, ?)",
                arguments: [first + place, name, identity])
        }
        return try reader.classes()
    }

    func addSelection(
        _ kind: StoredSelection.Kind, selector: String? = nil, seed: UInt64? = nil, budget: ExemplarBudget? = nil,
        model: String? = nil, settings: [String: String] = [:], candidates: Int
    ) throws -> Int64 {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try db.execute(
            sql: """
                INSERT INTO selections (kind, selector, seed, budget, model, settings, candidates, added_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                kind.rawValue, selector, seed.map { Int64(bitPattern: $0) }, budget?.description, model,
                String(decoding: try encoder.encode(settings), as: UTF8.self), candidates, now,
            ])
        return db.lastInsertedRowID
    }

    func record(_ loss: EncodingLoss, of selection: Int64) throws {
        try db.execute(
            sql: """
                UPDATE selections SET added_rows = added_rows + ?, squared_error = squared_error + ?,
                    squared_norm = squared_norm + ?, cosine = cosine + ? WHERE id = ?
                """,
            arguments: [loss.rows, loss.squaredError, loss.squaredNorm, loss.cosine, selection])
    }

    func sourceIdentity(_ path: String) throws -> Int64 {
        if let known = sourceIdentities[path] { return known }
        let found = try Int64.fetchOne(db, sql: "SELECT id FROM sources WHERE path = ?", arguments: [path])
        if found == nil { try db.execute(sql: "INSERT INTO sources (path) VALUES (?)", arguments: [path]) }
        let identity = found ?? db.lastInsertedRowID
        sourceIdentities[path] = identity
        return identity
    }

    /// Whether rows cannot be encoded yet because no centroids were learnt.
    public func needsCodebook() throws -> Bool {
        guard case .productQuantization = format.encoding else { return false }
        return try reader.codec().quantizer == nil
    }

    /// Learns the centroids of a store with product quantisation from rows `[rows, D]`. They stay for good: rows added later
    /// are encoded with them, and their measured loss tells how well they fit.
    public func learnCodebook(from rows: Matrix<Float>, seed: UInt64) throws {
        guard case .productQuantization(let parts) = format.encoding, try needsCodebook(), rows.rows > 0 else { return }
        let quantizer = ProductQuantizer(learningFrom: rows, parts: parts, seed: seed)
        try quantizer.insert(db, trainingRows: min(rows.rows, ProductQuantizer.trainingRows), seed: seed)
    }
}
