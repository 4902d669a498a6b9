import Foundation
import GRDB

/// A database of exemplars in one file: classes, tasks, rows with where they come from, and the selections that chose them.
///
/// It is an SQLite database in write-ahead mode (through GRDB): any number of processes read while one writes, and what a
/// write does is there as a whole or not at all, whatever happens to the process or the disk. A second writer waits
/// `patience` seconds and then fails with `ExemplarStoreError.locked`.
///
/// A store is one connection, used by one thread at a time; to read while another thread writes, open a second one.
public final class ExemplarStore: Sendable {
    /// What a store may be opened for.
    public enum Access: Sendable {
        case reading
        case writing
    }

    /// The place given by the caller.
    public let url: URL
    /// Fixed when the store was made.
    public let format: StoreFormat
    public let access: Access
    private let database: DatabaseQueue
    private let patience: Double

    /// Opens a store.
    ///
    /// - Parameter patience: seconds to wait for another writer.
    /// - Throws: `ExemplarStoreError`: the file is missing, no store, damaged, or of a newer version.
    public convenience init(contentsOf url: URL, access: Access = .reading, patience: Double = 10) throws {
        try self.init(contentsOf: url, access: access, patience: patience, migrator: StoreSchema.migrator)
    }

    init(contentsOf url: URL, access: Access, patience: Double, migrator: DatabaseMigrator) throws {
        try StoreFile.check(url)
        (self.url, self.access, self.patience) = (url, access, patience)
        let database = try StoreFailure.naming(url, patience) {
            try StoreFile.connect(url, access: access, patience: patience)
        }
        self.database = database
        format = try StoreFailure.naming(url, patience) {
            try StoreSchema.bringUpToDate(database, migrator, access: access, url: url)
            return try database.read { try StoreFormat(stored: $0, url: url) }
        }
    }

    /// Makes an empty store; the file appears complete or not at all. A kill meanwhile can leave a hidden file beside it.
    ///
    /// - Throws: `ExemplarStoreError.exists` where there is a file, `cannotCreate`, `disk`.
    public static func create(at url: URL, format: StoreFormat) throws {
        try StoreFile.create(url, format)
    }

    /// Opens a store for writing, making it where there is no file.
    ///
    /// - Throws: `ExemplarStoreError`; `format` where the store holds features of another length, or of another encoding
    ///   where `encoding` is given.
    public static func open(
        orCreateAt url: URL, dimension: Int, encoding: FeatureEncoding? = nil, patience: Double = 10
    ) throws -> ExemplarStore {
        if !FileManager.default.fileExists(atPath: url.path) {
            let format = try StoreFormat(dimension: dimension, encoding: encoding ?? .float32)
            do {
                try create(at: url, format: format)
            } catch ExemplarStoreError.exists {
                // Another process was faster; its store is opened and compared.
            }
        }
        let store = try ExemplarStore(contentsOf: url, access: .writing, patience: patience)
        guard store.format.dimension == dimension else {
            throw ExemplarStoreError.format(
                file: url.relativePath,
                "holds features of length \(store.format.dimension), the rows have length \(dimension)")
        }
        if let encoding, encoding != store.format.encoding {
            throw ExemplarStoreError.format(
                file: url.relativePath, "is encoded as \(store.format.encoding), not as \(encoding)")
        }
        return store
    }

    /// Reads a state of the store that no writer changes meanwhile.
    ///
    /// - Throws: what `body` throws, and `ExemplarStoreError`.
    public func read<Result>(_ body: (StoreReader) throws -> Result) throws -> Result {
        try StoreFailure.naming(url, patience) {
            try database.read { try body(StoreReader($0, format: format, url: url)) }
        }
    }

    /// Changes the store in one transaction: if `body` throws, nothing has changed. The store is locked for other writers
    /// from the beginning.
    ///
    /// - Throws: what `body` throws, and `ExemplarStoreError`.
    @discardableResult
    public func write<Result>(_ body: (StoreWriter) throws -> Result) throws -> Result {
        guard access == .writing else { throw ExemplarStoreError.readOnly(file: url.relativePath) }
        return try StoreFailure.naming(url, patience) {
            try database.write { try body(StoreWriter($0, format: format, url: url)) }
        }
    }

    /// Gives the room of removed rows back to the file system and folds the write-ahead log into the file.
    ///
    /// Not needed for anything but the file's size, so failing, where others are busy or the disk is full, is no error.
    ///
    /// - Returns: whether all of it was done.
    @discardableResult
    public func compact() -> Bool {
        do {
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA incremental_vacuum")
                try db.checkpoint(.truncate)
            }
            return true
        } catch {
            return false
        }
    }

    /// Closes the connection. The store must not be used afterwards.
    public func close() throws {
        try StoreFailure.naming(url, patience) { try database.close() }
    }
}
