import Foundation
import GRDB

/// What all rows of a store have in common.
public struct StoreFormat: Sendable, Hashable {
    /// D, the length of a feature row.
    public let dimension: Int
    public let encoding: FeatureEncoding
    /// Rows have unit length, as `FeatureRows` reads them; checked when rows are added. Rows whose encoding loses more than
    /// rounding are scaled to unit length again when they are read.
    public let hasUnitRows: Bool

    /// - Throws: `ExemplarStoreError.format` for lengths below 1 or above 65,536, and for an encoding that does not fit.
    public init(dimension: Int, encoding: FeatureEncoding = .float32, hasUnitRows: Bool = true) throws {
        guard (1...65_536).contains(dimension) else {
            throw ExemplarStoreError.format(
                file: "(new store)", "cannot hold features of length \(dimension), expected 1 to 65536")
        }
        if case .productQuantization(let bytes) = encoding, !(bytes > 0 && dimension % bytes == 0) {
            throw ExemplarStoreError.format(
                file: "(new store)",
                "product quantisation to \(bytes) bytes needs features whose length is a multiple, not \(dimension)")
        }
        (self.dimension, self.encoding, self.hasUnitRows) = (dimension, encoding, hasUnitRows)
    }

    /// Bytes of a row's features.
    public var rowBytes: Int { encoding.byteCount(dimension: dimension) }

    init(stored db: Database, url: URL) throws {
        guard let row = try Row.fetchOne(db, sql: "SELECT dimension, encoding, code_bytes, has_unit_rows FROM store"),
            let dimension = Int.fromDatabaseValue(row[0]), let name = String.fromDatabaseValue(row[1]),
            let bytes = Int.fromDatabaseValue(row[2]), let isUnit = Int.fromDatabaseValue(row[3]),
            let encoding = FeatureEncoding(name: name, bytes: bytes),
            let format = try? StoreFormat(dimension: dimension, encoding: encoding, hasUnitRows: isUnit != 0)
        else { throw ExemplarStoreError.damaged(file: url.relativePath, "the store's format is missing or unreadable") }
        self = format
    }

    func insert(_ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO store (id, dimension, encoding, code_bytes, has_unit_rows, created_at) VALUES (1, ?, ?, ?, ?, ?)",
            arguments: [dimension, encoding.name, rowBytes, hasUnitRows ? 1 : 0, StoreClock.now])
    }
}

/// Times in a store: seconds since 1970.
enum StoreClock {
    static var now: Int { Int(Date().timeIntervalSince1970) }
}
