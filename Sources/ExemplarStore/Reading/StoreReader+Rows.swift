// Going through the rows of a store in blocks.
import FeatureData
import Foundation
import GRDB
import Matrices

/// Some rows of a store, in its order.
public struct ExemplarBlock: Sendable {
    /// `[rows, D]`, decoded.
    public var features: Matrix<Float>
    public var records: [ExemplarRecord]

    public var count: Int { records.count }
    /// The position of each row's class.
    public var labels: [Int] { records.map(\.classPosition) }
}

extension StoreReader {
    static var columns: String {
        "pinned, rank, source_id, source_row, selection_id, score, added_at, content_hash"
    }

    /// Goes through rows: class after class in their order, within a class the pinned rows first, then the others, best first.
    ///
    /// Memory: a block.
    public func forEachBlock(
        _ filter: ExemplarFilter = .all, blockRows: Int = 4096, _ body: (ExemplarBlock) throws -> Void
    ) throws {
        precondition(blockRows > 0, "blocks of \(blockRows) rows")
        let codec = try codec()
        let dimension = format.dimension
        var features = Matrix<Float>(uninitialized: blockRows, dimension)
        var records: [ExemplarRecord] = []
        records.reserveCapacity(blockRows)
        func flush() throws {
            guard !records.isEmpty else { return }
            try body(
                ExemplarBlock(
                    features: records.count == blockRows ? features : features.rows(0..<records.count), records: records))
            records.removeAll(keepingCapacity: true)
        }
        try forEachRow(filter, withFeatures: true) { stored, record, bytes in
            let isRow = codec.decode(bytes, into: features.mutablePointer() + records.count * dimension)
            guard isRow else {
                throw ExemplarStoreError.damaged(
                    file: file, "row \(record.rank) of class '\(stored.name)' has \(bytes.count) bytes that are no "
                        + "row of \(format.encoding)")
            }
            records.append(record)
            if records.count == blockRows { try flush() }
        }
        try flush()
    }

    /// Goes through rows without their features.
    public func forEachRecord(_ filter: ExemplarFilter = .all, _ body: (StoredClass, ExemplarRecord) throws -> Void) throws {
        try forEachRow(filter, withFeatures: false) { stored, record, _ in try body(stored, record) }
    }

    /// All rows of a filter in memory, labelled by the place of their class among `classNames` (default: by position). Rows of
    /// classes that are not named are left out.
    public func load(_ filter: ExemplarFilter = .all, classNames: [String]? = nil) throws -> LabelledFeatures {
        var label: [Int: Int] = [:]
        for stored in try classes() {
            label[stored.position] = classNames.map { $0.firstIndex(of: stored.name) } ?? stored.position
        }
        var blocks: [Matrix<Float>] = [Matrix(rows: 0, columns: format.dimension)]
        var labels: [Int] = []
        try forEachBlock(filter) { block in
            let chosen = block.records.indices.filter { label[block.records[$0].classPosition] != nil }
            guard !chosen.isEmpty else { return }
            blocks.append(chosen.count == block.count ? block.features : block.features.selectingRows(chosen))
            labels += chosen.compactMap { label[block.records[$0].classPosition] }
        }
        return LabelledFeatures(features: Matrix(stacking: blocks), labels: labels)
    }

    func forEachRow(
        _ filter: ExemplarFilter, withFeatures: Bool,
        _ body: (StoredClass, ExemplarRecord, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let sources = try sources()
        let statement = try db.makeStatement(
            sql: """
                SELECT \(Self.columns)\(withFeatures ? ", features" : "") FROM rows
                WHERE class_id = ? AND pinned >= ? ORDER BY pinned DESC, rank
                """)
        for stored in try classes() where filter.includes(stored) {
            let rows = try Row.fetchCursor(statement, arguments: [stored.id, filter.pinnedOnly ? 1 : 0])
            while let row = try rows.next() {
                let record = try Self.record(row, stored, sources)
                guard withFeatures else {
                    try body(stored, record, UnsafeRawBufferPointer(start: nil, count: 0))
                    continue
                }
                try row.withUnsafeData(atIndex: 8) { data in
                    try (data ?? Data()).withUnsafeBytes { try body(stored, record, $0) }
                }
            }
        }
    }

    static func record(_ row: Row, _ stored: StoredClass, _ sources: [Int64: String]) throws -> ExemplarRecord {
        ExemplarRecord(
            classPosition: stored.position, rank: try row.value(1), isPinned: try row.value(0),
            source: sources[try row.value(2)] ?? "", sourceRow: try row.value(3), selection: try row.value(4),
            score: try row.optional(5), addedAt: try row.value(6),
            contentHash: UInt64(bitPattern: try row.value(7, as: Int64.self)))
    }
}

extension StoreReader {
    /// Those of some places whose rows the store holds.
    public func contains(_ locations: [StoreWriter.Location]) throws -> Set<StoreWriter.Location> {
        let statement = try db.makeStatement(
            sql: """
                SELECT 1 FROM rows JOIN sources ON sources.id = source_id WHERE path = ? AND source_row = ?
                """)
        return Set(
            try locations.filter { try Int.fetchOne(statement, arguments: [$0.source, $0.row]) != nil })
    }
}
