// The file of a store: recognising it, connecting to it, making it.
import Foundation
import GRDB

enum StoreFile {
    /// Pages hold several rows of 2 KiB.
    private static let pageSize = 16_384

    /// Looks at the header before SQLite does, which would change the settings of a foreign database.
    ///
    /// - Throws: `ExemplarStoreError.missing` or `notAStore`.
    static func check(_ url: URL) throws {
        let file = url.relativePath
        var status = stat()
        guard stat(url.path, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else {
                throw ExemplarStoreError.disk(file: file, "cannot be read: \(String(cString: strerror(errno)))")
            }
            throw ExemplarStoreError.missing(file: file)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ExemplarStoreError.notAStore(file: file, status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file")
        }
        guard let handle = FileHandle(forReadingAtPath: url.path) else {
            throw ExemplarStoreError.disk(file: file, "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { try? handle.close() }
        guard let header = try? handle.read(upToCount: 100), !header.isEmpty else {
            throw ExemplarStoreError.notAStore(file: file, "an empty file")
        }
        guard header.starts(with: Data("SQLite format 3\0".utf8)) else {
            throw ExemplarStoreError.notAStore(file: file, "no SQLite database")
        }
        guard header.count == 100 else { throw ExemplarStoreError.damaged(file: file, "cut off in its header") }
        let application = header[68..<72].reduce(Int32(0)) { $0 << 8 | Int32($1) }
        guard application == StoreSchema.applicationID else {
            throw ExemplarStoreError.notAStore(file: file, "an SQLite database of another program")
        }
    }

    static func connect(_ url: URL, access: ExemplarStore.Access, patience: Double) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = access == .reading
        configuration.busyMode = .timeout(patience)
        configuration.label = "exemplars"
        configuration.prepareDatabase { db in
            // A damaged or hostile file shall not run anything, and damage shall be noticed where it is read. Every commit
            // is on the disk before it returns. 16 MiB of cache, whatever the store's size.
            try db.execute(
                sql: """
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA synchronous = FULL;
                    PRAGMA cache_size = -16384;
                    PRAGMA temp_store = FILE;
                    """)
        }
        return try DatabaseQueue(path: url.path, configuration: configuration)
    }

    /// Makes the store under another name and gives it its own when it is complete; a file that is there is never replaced.
    static func create(_ url: URL, _ format: StoreFormat) throws {
        let file = url.relativePath
        guard !FileManager.default.fileExists(atPath: url.path) else { throw ExemplarStoreError.exists(file: file) }
        let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let folder = url.deletingLastPathComponent()
        let temporary = folder.appending(path: ".\(url.lastPathComponent.prefix(100)).\(suffix).tmp")
        guard access(folder.path.isEmpty ? "." : folder.path, W_OK) == 0 else {
            throw ExemplarStoreError.cannotCreate(
                file: file, "cannot be created: \(String(cString: strerror(errno)))")
        }
        defer {
            for ending in ["", "-wal", "-shm", "-journal"] { unlink(temporary.path + ending) }
        }
        try StoreFailure.naming(url, 0) {
            var configuration = Configuration()
            configuration.prepareDatabase { db in
                try db.execute(
                    sql: """
                        PRAGMA page_size = \(pageSize);
                        PRAGMA auto_vacuum = INCREMENTAL;
                        PRAGMA synchronous = FULL;
                        """)
            }
            let database = try DatabaseQueue(path: temporary.path, configuration: configuration)
            try StoreSchema.migrator.migrate(database)
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA application_id = \(StoreSchema.applicationID)")
                try format.insert(db)
                try db.execute(sql: "PRAGMA journal_mode = WAL")
            }
            try database.close()
        }
        // As a hard link, which fails where another process made the store meanwhile.
        guard link(temporary.path, url.path) == 0 else {
            if errno == EEXIST { throw ExemplarStoreError.exists(file: file) }
            throw ExemplarStoreError.cannotCreate(file: file, "cannot be created: \(String(cString: strerror(errno)))")
        }
    }
}
