// Centroids in a store.
import FeatureData
import Foundation
import GRDB
import Matrices

extension ProductQuantizer {
    /// The store's centroids; `nil` before any were learnt.
    init?(stored db: Database, dimension: Int, parts: Int, url: URL) throws {
        guard let row = try Row.fetchOne(db, sql: "SELECT centroids, data, content_hash FROM codebooks WHERE id = 1") else {
            return nil
        }
        let damaged = ExemplarStoreError.damaged(file: url.relativePath, "the centroids are unreadable")
        guard let centroids = Int.fromDatabaseValue(row[0]), (1...256).contains(centroids),
            let data = Data.fromDatabaseValue(row[1]), let hash = Int64.fromDatabaseValue(row[2]),
            data.count == 4 * centroids * dimension, Self.hash(data) == hash
        else { throw damaged }
        var codebooks = Matrix<Float>(rows: parts * centroids, columns: dimension / parts)
        codebooks.withUnsafeMutableElements { elements in
            data.withUnsafeBytes { UnsafeMutableRawBufferPointer(elements).copyMemory(from: $0) }
        }
        guard codebooks.isFinite else { throw damaged }
        self.init(dimension: dimension, parts: parts, centroids: centroids, codebooks: codebooks)
    }

    func insert(_ db: Database, trainingRows: Int, seed: UInt64) throws {
        let data = codebooks.withUnsafeElements { Data(UnsafeRawBufferPointer($0)) }
        try db.execute(
            sql: """
                INSERT INTO codebooks (id, centroids, training_rows, seed, data, content_hash) VALUES (1, ?, ?, ?, ?, ?)
                """,
            arguments: [centroids, trainingRows, Int64(bitPattern: seed), data, Self.hash(data)])
    }

    private static func hash(_ data: Data) -> Int64 {
        var fingerprint = Fingerprint()
        data.withUnsafeBytes { fingerprint.add($0) }
        return Int64(bitPattern: fingerprint.value)
    }
}
