// Putting rows in, moving and taking them out.
import Exemplars
import FeatureData
import Foundation
import GRDB
import Matrices

extension StoreWriter {
    /// A row about to be written.
    struct NewRow {
        var location: Location
        var rank: Int
        var isPinned: Bool
        var score: Double?
        var addedAt: Int
        var selection: Int64
    }

    /// Writes rows `[rows, D]` of one class; places and sources must be free.
    ///
    /// - Returns: what the encoding lost.
    @discardableResult
    func insert(_ features: Matrix<Float>, _ rows: [NewRow], of stored: StoredClass) throws -> EncodingLoss {
        precondition(features.rows == rows.count, "\(features.rows) rows, \(rows.count) places")
        try check(features, rows, stored)
        let codec = try reader.codec()
        let (bytes, loss) = codec.encode(features)
        guard loss.squaredError.isFinite else {
            throw ExemplarStoreError.row(
                file: file, "a row of class '\(stored.name)' holds numbers that \(format.encoding) cannot express")
        }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO rows (class_id, pinned, rank, source_id, source_row, selection_id, score, added_at, content_hash,
                    features)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let width = codec.rowBytes
        try bytes.withUnsafeBytes { bytes in
            for (place, row) in rows.enumerated() {
                let blob = UnsafeRawBufferPointer(rebasing: bytes[place * width..<(place + 1) * width])
                let hash = StoreHash.of(
                    className: stored.name, source: row.location.source, sourceRow: row.location.row, features: blob)
                do {
                    try statement.execute(arguments: [
                        stored.id, row.isPinned ? 1 : 0, row.rank, try sourceIdentity(row.location.source),
                        row.location.row, row.selection, row.score, row.addedAt, hash, Data(blob),
                    ])
                } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
                    throw ExemplarStoreError.row(
                        file: file, "row \(row.location.row) of \(row.location.source) is in the store already")
                }
            }
        }
        return loss
    }

    /// Rows must be finite, of the store's length and, where its rows have unit length, of that.
    private func check(_ features: Matrix<Float>, _ rows: [NewRow], _ stored: StoredClass) throws {
        guard features.columns == format.dimension else {
            throw ExemplarStoreError.format(
                file: file, "holds features of length \(format.dimension), the rows have length \(features.columns)")
        }
        for (row, new) in rows.enumerated() {
            let values = features.pointer + row * features.columns
            let norm = FloatKernels.dot(values, values, features.columns)
            let what: String
            if !norm.isFinite {
                what = "is not finite or too large"
            } else if format.hasUnitRows, abs(norm - 1) > 2e-3 {
                what = "has the length \(norm.squareRoot()), expected 1"
            } else {
                continue
            }
            throw ExemplarStoreError.row(
                file: file, "row \(new.location.row) of \(new.location.source), class '\(stored.name)', \(what)")
        }
    }

    /// Removes all but the first `count` rows of a class: pinned rows are kept, then the best of the others.
    ///
    /// - Returns: the number of rows removed.
    func shrink(_ stored: StoredClass, to count: Int) throws -> Int {
        guard stored.rows > count else { return 0 }
        precondition(count >= stored.pinned, "\(stored.pinned) rows are pinned, \(count) are kept")
        try db.execute(
            sql: "DELETE FROM rows WHERE class_id = ? AND pinned = 0 AND rank >= ?",
            arguments: [stored.id, count - stored.pinned])
        return db.changesCount
    }

    /// Shrinks every class to its quota of `budget`, which becomes the store's.
    ///
    /// - Returns: the number of rows removed.
    /// - Throws: `ExemplarError.pinnedExceedBudget`.
    @discardableResult
    public func prune(to budget: ExemplarBudget, progress: (Int) throws -> Void = { _ in }) throws -> Int {
        let classes = try reader.classes()
        let quotas = try budget.quotas(classes.map { .init(pinned: $0.pinned, rows: $0.rows) })
        var removed = 0
        for (stored, quota) in zip(classes, quotas) {
            removed += try shrink(stored, to: quota)
            try progress(removed)
        }
        try setBudget(budget)
        try removeUnusedSources()
        return removed
    }

    /// Pins rows, or lets them go: a pinned row becomes the last of its class's pinned rows, one let go the first of the
    /// others.
    ///
    /// - Throws: `ExemplarStoreError.row` where a row is not in the store.
    public func setPinned(_ isPinned: Bool, _ locations: [Location]) throws {
        for location in locations {
            guard
                let row = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT rows.id, class_id, pinned, rank FROM rows JOIN sources ON sources.id = source_id
                        WHERE path = ? AND source_row = ?
                        """, arguments: [location.source, location.row])
            else {
                throw ExemplarStoreError.row(
                    file: file, "row \(location.row) of \(location.source) is not in the store")
            }
            let (identity, group): (Int64, Int64) = (try row.value(0), try row.value(1))
            let (wasPinned, rank): (Bool, Int) = (try row.value(2), try row.value(3))
            guard wasPinned != isPinned else { continue }
            // Out of its place first, then the rows behind it move up.
            try db.execute(sql: "UPDATE rows SET rank = -1 WHERE id = ?", arguments: [identity])
            try moveRanks(of: group, pinned: wasPinned, from: rank + 1, by: -1)
            if isPinned {
                try db.execute(
                    sql: """
                        UPDATE rows SET pinned = 1, rank = (SELECT COUNT(*) FROM rows WHERE class_id = ? AND pinned = 1)
                        WHERE id = ?
                        """, arguments: [group, identity])
            } else {
                try moveRanks(of: group, pinned: false, from: 0, by: 1)
                try db.execute(sql: "UPDATE rows SET pinned = 0, rank = 0 WHERE id = ?", arguments: [identity])
            }
        }
    }

    /// Moves ranks in two steps through negative numbers, since no two rows may have the same at any moment.
    private func moveRanks(of group: Int64, pinned: Bool, from first: Int, by distance: Int) throws {
        try db.execute(
            sql: "UPDATE rows SET rank = -2 - rank WHERE class_id = ? AND pinned = ? AND rank >= ?",
            arguments: [group, pinned, first])
        try db.execute(
            sql: "UPDATE rows SET rank = -2 - rank + ? WHERE class_id = ? AND pinned = ? AND rank <= -2",
            arguments: [distance, group, pinned])
    }

    /// Files that no row comes from any more.
    func removeUnusedSources() throws {
        try db.execute(
            sql: "DELETE FROM sources WHERE NOT EXISTS (SELECT 1 FROM rows WHERE source_id = sources.id)")
        sourceIdentities = [:]
    }
}

/// The checksum that every row carries.
enum StoreHash {
    static func of(className: String, source: String, sourceRow: Int, features: UnsafeRawBufferPointer) -> Int64 {
        var fingerprint = Fingerprint()
        fingerprint.add(className)
        fingerprint.add(source)
        withUnsafeBytes(of: Int64(sourceRow).littleEndian) { fingerprint.add($0) }
        fingerprint.add(features)
        return Int64(bitPattern: fingerprint.value)
    }
}
