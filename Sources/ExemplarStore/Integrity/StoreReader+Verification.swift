// Checking everything that a store promises.
import Exemplars
import FeatureData
import Foundation
import GRDB
import Matrices

extension ExemplarStore {
    /// Reads the whole store and tells what is wrong with it, at most `limit` problems: nothing for a sound one.
    ///
    /// Checked are SQLite's own structures and foreign keys, the checksum and length of every row, that rows decode to finite
    /// rows of unit length where the store has such, that ranks and positions have no gaps, and the budget.
    ///
    /// - Throws: what `progress`, called with the rows read so far, throws; nothing for damage.
    public func verify(limit: Int = 100, progress: (Int) throws -> Void = { _ in }) throws -> [String] {
        do {
            return try read { reader in
                var report = StoreReader.Report(limit: limit)
                try reader.verify(&report, progress)
                return report.problems
            }
        } catch let error as ExemplarStoreError {
            switch error {
            case .damaged(_, let what): return [what]
            case .notAStore(_, let what): return [what]
            default: throw error
            }
        }
    }
}

extension StoreReader {
    struct Report {
        let limit: Int
        private(set) var problems: [String] = []

        init(limit: Int) { self.limit = limit }

        var isFull: Bool { problems.count >= limit }

        mutating func add(_ problem: String) {
            guard !isFull else { return }
            problems.append(problem)
            if isFull { problems.append("… and perhaps more: at most \(limit) are named") }
        }
    }

    func verify(_ report: inout Report, _ progress: (Int) throws -> Void) throws {
        for message in try String.fetchAll(db, sql: "PRAGMA integrity_check(\(report.limit))") where message != "ok" {
            report.add(message)
        }
        let orphans = try Row.fetchCursor(db, sql: "PRAGMA foreign_key_check")
        while !report.isFull, let row = try orphans.next() {
            let table = String.fromDatabaseValue(row[0]) ?? "?"
            let parent = String.fromDatabaseValue(row[2]) ?? "?"
            report.add("table \(table), row \(Int.fromDatabaseValue(row[1]) ?? -1): no such entry in table \(parent)")
        }
        let classes = try classes()
        for (place, stored) in classes.enumerated() where stored.position != place {
            report.add("class '\(stored.name)' has the position \(stored.position), expected \(place)")
            break
        }
        let total = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM rows NOT INDEXED") ?? 0
        let ofClasses = classes.reduce(0) { $0 + $1.rows }
        if total != ofClasses { report.add("\(total) rows, \(ofClasses) of them of known classes") }
        try checkBudget(classes, &report)
        try checkRows(&report, progress)
    }

    private func checkBudget(_ classes: [StoredClass], _ report: inout Report) throws {
        guard let budget = try budget() else { return }
        switch budget {
        case .total(let most):
            let rows = classes.reduce(0) { $0 + $1.rows }
            if rows > most { report.add("\(rows) rows, more than the budget of \(budget)") }
        case .perClass(let most):
            for stored in classes where stored.rows > most {
                report.add("class '\(stored.name)' has \(stored.rows) rows, more than the budget of \(budget)")
            }
        }
    }

    private func checkRows(_ report: inout Report, _ progress: (Int) throws -> Void) throws {
        let codec = try codec()
        let dimension = format.dimension
        var features = [Float](repeating: 0, count: dimension)
        var (current, isPinned, expected, done) = (-1, true, 0, 0)
        var problems = report
        try forEachRow(.all, withFeatures: true) { stored, record, bytes in
            if record.classPosition != current || record.isPinned != isPinned {
                (current, isPinned, expected) = (record.classPosition, record.isPinned, 0)
            }
            let name = "row \(record.rank) (\(record.isPinned ? "pinned" : "not pinned")) of class '\(stored.name)'"
            if record.rank != expected { problems.add("\(name) should have the rank \(expected)") }
            expected = record.rank + 1
            let hash = StoreHash.of(
                className: stored.name, source: record.source, sourceRow: record.sourceRow, features: bytes)
            if UInt64(bitPattern: hash) != record.contentHash {
                problems.add("\(name): its checksum differs: its features, source or class changed")
            }
            features.withUnsafeMutableBufferPointer { features in
                guard let row = features.baseAddress else { return }
                guard codec.decode(bytes, into: row) else {
                    problems.add("\(name): \(bytes.count) bytes that are no row of \(format.encoding)")
                    return
                }
                let norm = FloatKernels.dot(row, row, dimension)
                if !norm.isFinite || (format.hasUnitRows && abs(norm - 1) > 5e-3) {
                    problems.add("\(name): its features have the length \(norm.squareRoot()), expected 1")
                }
            }
            done += 1
            if done % 1024 == 0 { try progress(done) }
        }
        report = problems
    }
}
