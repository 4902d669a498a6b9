import Credence
import Foundation
import TestSupport
import Testing

/// `credence exemplars select|add|list|stats|export|import|prune|verify`.
@Suite struct ExemplarStoreCommandTests {
    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func aStoreFromSelectToExport() throws {
        let subject = try ExemplarStoreSubject()
        let first = try subject.run(
            "select", "--data", subject.data, "--selector", "herding", "--budget", "20", "--classes", "class 0,class 1",
            "--json")
        #expect(first.status == 0)
        #expect(first.errors.contains("chose 20 of 80 rows, removed 0;"))
        #expect(try json(first.output)["rows"] as? Int == 20)
        try subject.select("class 2", "--selector", "random", "--budget", "20")

        let stats = try json(try subject.run("stats", "--json").output)
        #expect(stats["rows"] as? Int == 20 && stats["row_bytes"] as? Int == 64 && stats["encoding"] as? String == "f32")
        let classes = try #require(stats["classes"] as? [[String: Any]])
        #expect(classes.map { $0["rows"] as? Int } == [7, 7, 6])
        #expect(try subject.run("stats").output.contains("class 2     1      6       0"))

        let list = try subject.run("list", "--classes", "class 2", "--json")
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]])
        #expect(rows.count == 6 && rows.allSatisfy { $0["selector"] as? String == "random" })
        #expect(rows.map { $0["rank"] as? Int } == Array(0..<6))
        let csv = try subject.run("list", "--format", "csv", "--tasks", "0").output.split(separator: "\n")
        #expect(csv.count == 15 && csv[0].hasPrefix("class,task,rank,pinned,selector,score,source,"))
        #expect(try subject.run("list", "--limit", "3").output.split(separator: "\n").count == 4)
        let lines = subject.folder.path("rows.jsonl")
        #expect(try subject.run("list", "--format", "jsonl", "--output", lines.path).status == 0)
        #expect(try String(contentsOf: lines, encoding: .utf8).split(separator: "\n").count == 20)

        let file = subject.folder.path("rows.safetensors").path
        #expect(try subject.run("export", "--output", file).status == 0)
        let before = try subject.state().dropFirst()
        try subject.restore(nil)
        #expect(try subject.run("import", file).status == 0)
        // Tasks are not in the file: all of it is one.
        #expect(
            try subject.state().dropFirst().map { $0.replacing(/class (\d) \d/) { "class \($0.output.1) 0" } }
                == before.map { $0.replacing(/class (\d) \d/) { "class \($0.output.1) 0" } })
        let again = try subject.run("import", file)
        #expect(again.status == 65 && again.errors.contains("is in the store already"))

        let pruned = try subject.run("prune", "--per-class", "2", "--json")
        #expect(try json(pruned.output)["removed"] as? Int == 14)
        let sound = try subject.run("verify")
        #expect(sound.status == 0 && sound.output == "\(subject.store): sound, 6 rows\n")
    }

    @Test func rowsByNumber() throws {
        let subject = try ExemplarStoreSubject()
        try subject.select("class 0,class 1", "--budget", "6")
        let refused = try subject.run("add", "--data", subject.data, "--rows", "12")
        #expect(refused.status == 65 && refused.errors.contains("exceed the store's budget of 6 rows in all"))
        // Rows 0, 6 and 12 are of class 0, row 2 of a class that is new to the store.
        let pinned = try subject.run("add", "--data", subject.data, "--rows", "0,6,12,2", "--pin", "--json")
        #expect(pinned.status == 0, "\(pinned.errors)")
        let records = try subject.run("list", "--pinned", "--format", "csv").output.split(separator: "\n").dropFirst()
        #expect(Set(records.compactMap { $0.split(separator: ",").dropLast(2).last }) == ["0", "6", "12", "2"])
        #expect(try json(try subject.run("stats", "--json").output)["rows"] as? Int == 6)
        let tight = try subject.run("prune", "--budget", "3")
        #expect(tight.status == 65 && tight.errors.contains("4 rows are pinned"))
        #expect(try subject.run("add", "--data", subject.data, "--rows", "0-6", "--unpin").status == 65)
        #expect(try subject.run("add", "--data", subject.data, "--rows", "0,6", "--unpin").status == 0)
        #expect(try subject.run("prune", "--budget", "3", "--dry-run").errors.contains("would remove 3 rows"))
        #expect(try subject.run("prune", "--budget", "3", "--quiet").errors == "")
        #expect(try subject.verify() == [])
        #expect(try subject.run("add", "--data", subject.data, "--rows", "240").status == 65)
        #expect(try subject.run("add", "--data", subject.data, "--rows", "5-3").status == 64)
    }

    @Test func aModelsPosterior() throws {
        let subject = try ExemplarStoreSubject()
        let without = try subject.run(
            "select", "--data", subject.data, "--selector", "entropy", "--budget", "10")
        #expect(without.status == 64 && without.errors.contains("give --model"))
        #expect(!FileManager.default.fileExists(atPath: subject.store))
        let model = subject.folder.path("m.safetensors").path
        #expect(
            try CommandLineTool.run("learn", "--quiet", "--model", model, "--data", subject.data, "--method", "linear")
                .status == 0)
        let with = try subject.run(
            "select", "--data", subject.data, "--selector", "entropy", "--budget", "12", "--model", model)
        #expect(with.status == 0, "\(with.errors)")
        let rows = try subject.run("list", "--format", "csv", "--classes", "class 3").output.split(separator: "\n")
        let scores = rows.dropFirst().compactMap { Double($0.split(separator: ",")[5]) }
        #expect(scores.count == 2 && scores == scores.sorted(by: >) && scores.allSatisfy { $0 >= 0 })
    }

    @Test func knownClasses() throws {
        let subject = try ExemplarStoreSubject()
        try subject.select("class 0", "--per-class", "5")
        let refused = try subject.run("select", "--data", subject.data, "--per-class", "5")
        #expect(refused.status == 65 && refused.errors.contains("already holds class 'class 0'"))
        try subject.select("class 0,class 1", "--per-class", "5", "--known", "keep")
        try subject.select("class 1,class 0", "--per-class", "8", "--known", "rechoose", "--selector", "k-center")
        #expect(try json(try subject.run("stats", "--json").output)["rows"] as? Int == 16)
        #expect(try subject.verify() == [])
    }

    @Test func encodings() throws {
        let subject = try ExemplarStoreSubject(rowsEach: 100)
        for (options, bytes) in [(["f16"], 32), (["pq"], 4), (["pq", "--pq-bytes", "8"], 8)] {
            try subject.restore(nil)
            let result = try subject.run(
                ["select", "--data", subject.data, "--per-class", "50", "--encoding"] + options)
            #expect(result.status == 0 && result.errors.contains("mean cosine"))
            let stats = try json(try subject.run("stats", "--json").output)
            #expect(stats["row_bytes"] as? Int == bytes)
            #expect(try #require(stats["mean_cosine"] as? Double) > 0.95)
            #expect(try subject.verify() == [])
        }
        let other = try subject.run(
            "select", "--data", subject.data, "--per-class", "50", "--encoding", "f32", "--known", "keep")
        #expect(other.status == 65 && other.errors.contains("is encoded as pq (8 bytes a row), not as f32"))
        #expect(
            try subject.run("select", "--data", subject.data, "--per-class", "5", "--encoding", "pq", "--pq-bytes", "3")
                .status == 64)
    }

    /// One line that names the file, and an exit status by its kind.
    @Test func filesThatAreNoStore() throws {
        let subject = try ExemplarStoreSubject()
        for verb in [["list"], ["stats"], ["verify"], ["prune", "--budget", "1"]] {
            #expect(try subject.run(verb).status == 66)
        }
        for (contents, words) in [
            ([], "an empty file"), (Array("hello".utf8), "no SQLite database"),
            (Array("SQLite format 3\0".utf8), "cut off in its header"),
        ] as [([UInt8], String)] {
            _ = try subject.folder.file("e.sqlite", contents)
            for verb in [
                ["list"], ["stats"], ["verify"], ["export", "--output", subject.folder.path("o.npy").path],
                ["prune", "--budget", "1"], ["select", "--data", subject.data, "--budget", "5"],
            ] {
                let result = try subject.run(verb)
                #expect(result.status == 65 && result.output == "")
                #expect(result.errors.contains(subject.store) && result.errors.contains(words))
                #expect(result.errors.split(separator: "\n").count == 1)
            }
        }
        try subject.restore(nil)
        try subject.select("class 0", "--budget", "5")
        #expect(try subject.run("list", "--classes", "nobody").status == 65)
        // One bit of a stored feature.
        let row = try ExemplarStore(contentsOf: URL(filePath: subject.store)).read { try $0.load().features.row(2) }
        var bytes = try Data(contentsOf: URL(filePath: subject.store))
        let place = try #require(bytes.firstRange(of: row.withUnsafeBytes { Data($0) }))
        bytes[place.lowerBound] ^= 1
        _ = try subject.folder.file("e.sqlite", Array(bytes))
        let damaged = try subject.run("verify")
        #expect(damaged.status == 65 && damaged.errors.contains("damaged: 1 problem"))
        #expect(damaged.output.hasPrefix("row 2 (not pinned) of class 'class 0': its checksum differs: "))
        #expect(damaged.output.split(separator: "\n").count == 1)
        #expect(try json(try subject.run("verify", "--json").output)["is_sound"] as? Bool == false)
    }
}
