import Foundation
import GRDB

/// What is wrong with a store, in one line that names the file.
public enum ExemplarStoreError: Error, Equatable, Sendable {
    case missing(file: String)
    /// There is a file already.
    case exists(file: String)
    /// The file is something else.
    case notAStore(file: String, String)
    /// Made by a later version of this library.
    case newerSchema(file: String, found: Int, supported: Int)
    /// Of an earlier version: it must be opened for writing once.
    case olderSchema(file: String, found: Int, supported: Int)
    case damaged(file: String, String)
    /// Another writer held the store all the time.
    case locked(file: String, seconds: Double)
    case cannotCreate(file: String, String)
    /// Writing or reading failed: disk full, file too large, device errors.
    case disk(file: String, String)
    /// The store was opened for reading.
    case readOnly(file: String)
    /// Features of another length or encoding than the store's.
    case format(file: String, String)
    case unknownClass(file: String, String)
    case knownClass(file: String, String)
    /// A row that the store does not take: its features, its source or its place.
    case row(file: String, String)
    case overBudget(file: String, String)
    /// A failure of the database that is none of the above.
    case database(file: String, String)
}

extension ExemplarStoreError: CustomStringConvertible, LocalizedError {
    public var description: String {
        switch self {
        case .missing(let file): "\(file): no such file"
        case .exists(let file): "\(file): exists already"
        case .notAStore(let file, let what): "\(file): \(what), expected an exemplar store"
        case .newerSchema(let file, let found, let supported):
            "\(file): an exemplar store of version \(found), this program knows versions up to \(supported)"
        case .olderSchema(let file, let found, let supported):
            "\(file): an exemplar store of version \(found), to be brought to version \(supported) by opening it for writing"
        case .damaged(let file, let what): "\(file): damaged: \(what)"
        case .locked(let file, let seconds):
            "\(file): another process is writing to the store; gave up after \(seconds.formatted()) s"
        case .readOnly(let file): "\(file): opened for reading only"
        case .cannotCreate(let file, let what), .disk(let file, let what), .format(let file, let what),
            .row(let file, let what), .overBudget(let file, let what), .database(let file, let what):
            "\(file): \(what)"
        case .unknownClass(let file, let name): "\(file): no rows of class '\(name)'"
        case .knownClass(let file, let name): "\(file): already holds class '\(name)'"
        }
    }

    public var errorDescription: String? { description }
}

/// Errors of SQLite as errors of the store.
enum StoreFailure {
    static func naming<Result>(_ url: URL, _ patience: Double, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw Self.error(error, url, patience)
        } catch let error as UnreadableValue {
            throw ExemplarStoreError.damaged(
                file: url.relativePath, "the column '\(error.column)' holds \(error.found)")
        } catch let error as RowDecodingError {
            throw ExemplarStoreError.damaged(file: url.relativePath, "\(error)")
        }
    }

    static func error(_ error: DatabaseError, _ url: URL, _ patience: Double) -> ExemplarStoreError {
        let file = url.relativePath
        let message = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: return .locked(file: file, seconds: patience)
        case .SQLITE_FULL: return .disk(file: file, "the disk is full; nothing was changed")
        case .SQLITE_IOERR:
            return .disk(file: file, "reading or writing failed (\(message)); nothing was changed")
        case .SQLITE_CORRUPT: return .damaged(file: file, message)
        case .SQLITE_NOTADB: return .notAStore(file: file, "no SQLite database")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return .cannotCreate(file: file, "cannot be written: \(message)")
        case .SQLITE_CANTOPEN: return .disk(file: file, "cannot be opened: \(message)")
        // A damaged schema reads as missing tables or broken rules.
        case .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH: return .damaged(file: file, message)
        default: return .database(file: file, message)
        }
    }
}
