// The tables of a store, and how those of an earlier version become those of this one.
import Foundation
import GRDB

enum StoreSchema {
    /// "CRex" in `PRAGMA application_id`: tells a store from other SQLite databases.
    static let applicationID: Int32 = 0x4352_6578
    /// In `PRAGMA user_version`.
    static let version = 1

    /// A later version adds a migration here, never changes an earlier one, and raises `version`.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: tables)
            try db.execute(sql: "PRAGMA user_version = 1")
        }
        return migrator
    }

    /// A row's place in its class is `rank`: 0, 1, … among the pinned rows and again among the others. Rows are never
    /// without a class, a selection and a place.
    private static let tables = """
        CREATE TABLE store (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            dimension INTEGER NOT NULL CHECK (dimension > 0),
            encoding TEXT NOT NULL,
            code_bytes INTEGER NOT NULL CHECK (code_bytes > 0),
            has_unit_rows INTEGER NOT NULL CHECK (has_unit_rows IN (0, 1)),
            budget_kind TEXT CHECK (budget_kind IN ('total', 'per-class')),
            budget_rows INTEGER CHECK (budget_rows >= 0),
            created_at INTEGER NOT NULL,
            CHECK ((budget_kind IS NULL) = (budget_rows IS NULL))
        ) STRICT;
        CREATE TABLE codebooks (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            centroids INTEGER NOT NULL CHECK (centroids BETWEEN 1 AND 256),
            training_rows INTEGER NOT NULL,
            seed INTEGER NOT NULL,
            data BLOB NOT NULL,
            content_hash INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE tasks (
            id INTEGER PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE CHECK (position >= 0),
            added_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE classes (
            id INTEGER PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE CHECK (position >= 0),
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            task_id INTEGER NOT NULL REFERENCES tasks (id)
        ) STRICT;
        CREATE INDEX classes_by_task ON classes (task_id);
        CREATE TABLE sources (
            id INTEGER PRIMARY KEY,
            path TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE selections (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('select', 'add', 'import')),
            selector TEXT,
            seed INTEGER,
            budget TEXT,
            model TEXT,
            settings TEXT NOT NULL DEFAULT '{}',
            candidates INTEGER NOT NULL,
            added_rows INTEGER NOT NULL DEFAULT 0,
            squared_error REAL NOT NULL DEFAULT 0,
            squared_norm REAL NOT NULL DEFAULT 0,
            cosine REAL NOT NULL DEFAULT 0,
            added_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE rows (
            id INTEGER PRIMARY KEY,
            class_id INTEGER NOT NULL REFERENCES classes (id),
            pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
            rank INTEGER NOT NULL,
            source_id INTEGER NOT NULL REFERENCES sources (id),
            source_row INTEGER NOT NULL CHECK (source_row >= 0),
            selection_id INTEGER NOT NULL REFERENCES selections (id),
            score REAL,
            added_at INTEGER NOT NULL,
            content_hash INTEGER NOT NULL,
            features BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX rows_by_place ON rows (class_id, pinned DESC, rank);
        CREATE UNIQUE INDEX rows_by_source ON rows (source_id, source_row);
        CREATE INDEX rows_by_selection ON rows (selection_id);
        """

    /// Applies what a store of an earlier version lacks.
    static func bringUpToDate(
        _ database: DatabaseQueue, _ migrator: DatabaseMigrator, access: ExemplarStore.Access, url: URL
    ) throws {
        let file = url.relativePath
        let (found, isNewer, isComplete) = try database.read { db in
            (
                try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0, try migrator.hasBeenSuperseded(db),
                try migrator.hasCompletedMigrations(db)
            )
        }
        guard !isNewer else { throw ExemplarStoreError.newerSchema(file: file, found: found, supported: version) }
        guard !isComplete else { return }
        guard access == .writing else {
            throw ExemplarStoreError.olderSchema(file: file, found: found, supported: version)
        }
        try migrator.migrate(database)
    }
}
