import Exemplars
import Foundation
import GRDB
import TestSupport
import Testing

@testable import ExemplarStore

/// Files that are no sound store: a typed error or a named problem, never a crash.
@Suite struct DamageTests {
    private func filled(_ encoding: FeatureEncoding = .float32) throws -> StoreUnderTest {
        let store = try StoreUnderTest()
        try store.select(
            StoreUnderTest.rows(classes: 4, each: 30, dimension: 64), classes: 4, budget: .total(60), encoding: encoding)
        return store
    }

    private func tamper(_ store: StoreUnderTest, _ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let database = try DatabaseQueue(path: store.url.path, configuration: configuration)
        try database.writeWithoutTransaction { try $0.execute(sql: sql) }
        try database.close()
    }

    @Test func filesThatAreNoStore() throws {
        let folder = try TemporaryFolder()
        func expect(_ expected: ExemplarStoreError, _ url: URL) {
            for access in [ExemplarStore.Access.reading, .writing] {
                #expect(throws: expected) { try ExemplarStore(contentsOf: url, access: access) }
            }
        }
        let missing = folder.path("missing.sqlite")
        expect(.missing(file: missing.relativePath), missing)
        expect(.notAStore(file: folder.url.relativePath, "a folder"), folder.url)
        let empty = try folder.file("empty.sqlite", [])
        expect(.notAStore(file: empty.relativePath, "an empty file"), empty)
        let text = try folder.file("text.sqlite", Array("rows, but of text".utf8))
        expect(.notAStore(file: text.relativePath, "no SQLite database"), text)
        let short = try folder.file("short.sqlite", Array("SQLite format 3\0 and no more".utf8))
        expect(.damaged(file: short.relativePath, "cut off in its header"), short)

        // Another program's database stays as it is.
        let foreign = folder.path("foreign.sqlite")
        let database = try DatabaseQueue(path: foreign.path)
        try database.write { try $0.execute(sql: "CREATE TABLE notes (text TEXT)") }
        try database.close()
        let before = try Data(contentsOf: foreign)
        expect(.notAStore(file: foreign.relativePath, "an SQLite database of another program"), foreign)
        #expect(try Data(contentsOf: foreign) == before)
        #expect(throws: ExemplarStoreError.exists(file: foreign.relativePath)) {
            try ExemplarStore.create(at: foreign, format: StoreFormat(dimension: 4))
        }
        #expect(throws: ExemplarStoreError.self) {
            try ExemplarStore.create(at: folder.path("no/folder/e.sqlite"), format: StoreFormat(dimension: 4))
        }
        #expect(folder.names == ["empty.sqlite", "foreign.sqlite", "short.sqlite", "text.sqlite"])
    }

    /// What was damaged is named.
    @Test(arguments: [
        ("UPDATE rows SET features = zeroblob(256) WHERE id = 3", "checksum"),
        ("UPDATE rows SET features = x'0102' WHERE id = 3", "no row of f32"),
        ("UPDATE rows SET rank = rank + 1000 WHERE id = 3", "should have the rank"),
        ("DELETE FROM rows WHERE id = 2", "should have the rank"),
        ("UPDATE rows SET source_row = 9999 WHERE id = 5", "checksum"),
        ("UPDATE classes SET name = 'other' WHERE id = 2", "'other': its checksum"),
        ("UPDATE sources SET path = 'other'", "checksum"),
        ("DELETE FROM classes WHERE id = 2", "no such entry in table classes"),
        ("UPDATE classes SET position = 17 WHERE id = 4", "position 17"),
        ("UPDATE store SET budget_rows = 59", "more than the budget of 59 rows in all"),
        ("UPDATE store SET budget_kind = 'per-class', budget_rows = 14", "more than the budget of 14 rows a class"),
        ("DELETE FROM selections", "no such entry in table selections"),
        ("DROP INDEX rows_by_place; UPDATE rows SET rank = 0", "should have the rank"),
    ])
    func verifyNamesWhatIsWrong(_ sql: String, _ problem: String) throws {
        let store = try filled()
        #expect(try store.verify() == [])
        try tamper(store, sql)
        let problems = try store.verify()
        #expect(problems.contains { $0.contains(problem) }, "\(problems)")
    }

    @Test func centroidsAreChecked() throws {
        let store = try filled(.productQuantization(bytes: 16))
        #expect(try store.verify() == [])
        try tamper(store, "UPDATE codebooks SET data = zeroblob(length(data))")
        #expect(try store.verify() == ["the centroids are unreadable"])
    }

    /// A file cut anywhere, or with any page overwritten, is found to be damaged, or is still readable as it was.
    @Test func cutAndOverwrittenFiles() throws {
        let store = try filled()
        let bytes = Array(try Data(contentsOf: store.url))
        let sound = try store.records()
        var (cuts, found) = (0, 0)
        let size = 16_384
        for page in 0..<bytes.count / size {
            for isCut in [true, false] {
                guard !(isCut && page == 0) else { continue }
                var damaged = bytes
                if isCut {
                    damaged.removeLast(bytes.count - page * size - size / 2)
                } else {
                    // Not the file's header, which has tests of its own.
                    for place in (page == 0 ? 100 : page * size)..<(page + 1) * size { damaged[place] ^= 0xa5 }
                }
                let url = try store.folder.file("damaged.sqlite", damaged)
                cuts += 1
                do {
                    let problems = try ExemplarStore(contentsOf: url).verify()
                    if !problems.isEmpty { found += 1; continue }
                    var records: [String: [ExemplarRecord]] = [:]
                    try ExemplarStore(contentsOf: url).read { try $0.forEachRecord { records[$0.name, default: []].append($1) } }
                    #expect(records == sound)
                } catch let error as ExemplarStoreError {
                    guard case .damaged = error else {
                        Issue.record("page \(page): \(error)")
                        continue
                    }
                    found += 1
                }
            }
        }
        #expect(found == cuts, "every page of this store is used: \(found) of \(cuts)")
    }

    @Test func newerAndOlderStores() throws {
        let store = try filled()
        // As a later version would leave it.
        try tamper(store, "INSERT INTO grdb_migrations VALUES ('2'); PRAGMA user_version = 2")
        for access in [ExemplarStore.Access.reading, .writing] {
            #expect(throws: ExemplarStoreError.newerSchema(file: store.url.relativePath, found: 2, supported: 1)) {
                try ExemplarStore(contentsOf: store.url, access: access)
            }
        }
        // As a later version brings this one up to date: only when it may write, and nothing is lost.
        let older = try filled()
        let records = try older.records()
        var migrator = StoreSchema.migrator
        migrator.registerMigration("2") { db in
            try db.execute(sql: "ALTER TABLE rows ADD COLUMN note TEXT; PRAGMA user_version = 2")
        }
        let later = migrator
        #expect(throws: ExemplarStoreError.self) {
            try ExemplarStore(contentsOf: older.url, access: .reading, patience: 1, migrator: later)
        }
        _ = try ExemplarStore(contentsOf: older.url, access: .writing, patience: 1, migrator: later)
        let reopened = try ExemplarStore(contentsOf: older.url, access: .reading, patience: 1, migrator: later)
        var found: [String: [ExemplarRecord]] = [:]
        try reopened.read { try $0.forEachRecord { found[$0.name, default: []].append($1) } }
        #expect(found == records)
    }
}
