import Exemplars
import FeatureData
import Foundation
import GRDB
import Matrices

/// Reads one state of a store; valid inside `ExemplarStore.read` and `write`.
public final class StoreReader {
    public let format: StoreFormat
    let db: Database
    let url: URL
    private var cachedCodec: RowCodec?

    init(_ db: Database, format: StoreFormat, url: URL) {
        (self.db, self.format, self.url) = (db, format, url)
    }

    var file: String { url.relativePath }

    /// The budget that the last selection or pruning set.
    public func budget() throws -> ExemplarBudget? {
        guard let row = try Row.fetchOne(db, sql: "SELECT budget_kind, budget_rows FROM store"),
            let kind = String.fromDatabaseValue(row[0]), let rows = Int.fromDatabaseValue(row[1])
        else { return nil }
        return kind == "total" ? .total(rows) : .perClass(rows)
    }

    /// All classes in their order.
    public func classes() throws -> [StoredClass] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT classes.id, classes.position, name, tasks.position,
                    (SELECT COUNT(*) FROM rows WHERE class_id = classes.id),
                    (SELECT COUNT(*) FROM rows WHERE class_id = classes.id AND pinned = 1)
                FROM classes JOIN tasks ON tasks.id = task_id ORDER BY classes.position
                """
        ).map {
            StoredClass(
                position: try $0.value(1), name: try $0.value(2), task: try $0.value(3), rows: try $0.value(4),
                pinned: try $0.value(5), id: try $0.value(0))
        }
    }

    /// All rows, or those that a filter lets through. O(classes) after the index.
    public func count(_ filter: ExemplarFilter = .all) throws -> Int {
        try classes().filter(filter.includes).reduce(0) { $0 + (filter.pinnedOnly ? $1.pinned : $1.rows) }
    }

    /// All selections, first to last.
    public func selections() throws -> [StoredSelection] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT id, kind, selector, seed, budget, model, settings, candidates, added_rows, squared_error, squared_norm,
                    cosine, added_at, (SELECT COUNT(*) FROM rows WHERE selection_id = selections.id)
                FROM selections ORDER BY id
                """
        ).map { row in
            let (error, norm): (Double, Double) = (try row.value(9), try row.value(10))
            let (cosine, added): (Double, Int) = (try row.value(11), try row.value(8))
            let settings: String = try row.value(6)
            return StoredSelection(
                number: try row.value(0), kind: .init(rawValue: try row.value(1)) ?? .add, selector: try row.optional(2),
                seed: try row.optional(3, as: Int64.self).map { UInt64(bitPattern: $0) }, budget: try row.optional(4),
                model: try row.optional(5),
                settings: (try? JSONDecoder().decode([String: String].self, from: Data(settings.utf8))) ?? [:],
                candidates: try row.value(7), addedRows: added, rows: try row.value(13),
                relativeSquaredError: norm > 0 ? error / norm : 0, meanCosine: added > 0 ? cosine / Double(added) : 1,
                addedAt: try row.value(12))
        }
    }

    /// The files that rows came from, by their identity in the database.
    func sources() throws -> [Int64: String] {
        var result: [Int64: String] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT id, path FROM sources")
        while let row = try rows.next() { result[try row.value(0)] = try row.value(1, as: String.self) }
        return result
    }

    func codec() throws -> RowCodec {
        if let cachedCodec { return cachedCodec }
        let codec = try RowCodec(db, format: format, url: url)
        // Before the first rows there are no centroids yet.
        if codec.quantizer != nil { cachedCodec = codec }
        return codec
    }
}

extension StoreReader {
    /// What encoding lost, over all rows that were ever added.
    func loss() throws -> EncodingLoss {
        var loss = EncodingLoss()
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT TOTAL(added_rows), TOTAL(squared_error), TOTAL(squared_norm), TOTAL(cosine) FROM selections")
        else { return loss }
        loss.rows = Int(try row.value(0, as: Double.self))
        (loss.squaredError, loss.squaredNorm, loss.cosine) = (try row.value(1), try row.value(2), try row.value(3))
        return loss
    }
}
