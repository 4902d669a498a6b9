import Exemplars
import Foundation

/// Figures of a store: the answer of `credence exemplars stats`.
public struct StoreStatistics: Sendable, Codable, Equatable {
    public struct Task: Sendable, Codable, Equatable {
        public var position: Int
        public var classes: Int
        public var rows: Int
        public var pinned: Int
    }

    public var file: String
    public var schemaVersion: Int
    public var dimension: Int
    public var encoding: String
    /// Bytes of a row's features, and of those of all rows.
    public var rowBytes: Int
    public var featureBytes: Int
    /// Of the database file, and of its write-ahead log.
    public var fileBytes: Int
    public var logBytes: Int
    public var budget: String?
    public var rows: Int
    public var pinned: Int
    public var classes: [StoredClass]
    public var tasks: [Task]
    public var selections: [StoredSelection]
    /// Over all rows that were ever added: Σ ‖x − y‖² / Σ ‖x‖², the mean cosine.
    public var relativeSquaredError: Double
    public var meanCosine: Double
}

extension StoreReader {
    /// O(rows) in the index; features are not read.
    public func statistics() throws -> StoreStatistics {
        let (classes, selections) = (try classes(), try selections())
        let tasks = Dictionary(grouping: classes, by: \.task).sorted { $0.key < $1.key }.map { position, members in
            StoreStatistics.Task(
                position: position, classes: members.count, rows: members.reduce(0) { $0 + $1.rows },
                pinned: members.reduce(0) { $0 + $1.pinned })
        }
        func bytes(_ path: String) -> Int {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return (attributes?[.size] as? NSNumber)?.intValue ?? 0
        }
        let rows = classes.reduce(0) { $0 + $1.rows }
        let loss = try loss()
        return StoreStatistics(
            file: file, schemaVersion: StoreSchema.version, dimension: format.dimension, encoding: format.encoding.name,
            rowBytes: format.rowBytes, featureBytes: rows * format.rowBytes, fileBytes: bytes(url.path),
            logBytes: bytes(url.path + "-wal"), budget: try budget()?.description, rows: rows,
            pinned: classes.reduce(0) { $0 + $1.pinned }, classes: classes, tasks: tasks, selections: selections,
            relativeSquaredError: loss.relativeSquaredError, meanCosine: loss.meanCosine)
    }
}
