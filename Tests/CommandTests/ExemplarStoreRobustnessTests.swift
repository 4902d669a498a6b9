import Credence
import Dispatch
import Foundation
import Probability
import Synchronization
import TestSupport
import Testing

/// The promise of a store: whatever happens to a command, what was there before stays, or all of what it does is there.
@Suite(.serialized) struct ExemplarStoreRobustnessTests {
    /// Commands that change a store in which three of six classes are, and one that makes a store.
    private static func commands(_ subject: ExemplarStoreSubject) -> [(name: String, from: String?, arguments: [String])] {
        let data = ["--data", subject.data, "--quiet"]
        return [
            (
                "select", "base",
                ["select", "--classes", "class 3,class 4,class 5", "--budget", "1800", "--selector", "random"] + data
            ),
            (
                "rechoose", "base",
                ["select", "--classes", "class 0,class 4", "--budget", "900", "--known", "rechoose", "--selector", "random"]
                    + data
            ),
            ("add", "base", ["add", "--rows", "3-500", "--pin"] + data),
            ("prune", "base", ["prune", "--budget", "100", "--quiet"]),
            ("import", "base", ["import", subject.folder.path("more.safetensors").path, "--quiet"]),
            ("create", nil, ["select", "--budget", "900", "--selector", "random"] + data),
        ]
    }

    /// SIGKILL at random moments. `EXEMPLAR_KILLS` says how often, for longer runs.
    @Test func killedAtRandomMoments() throws {
        let kills = ProcessInfo.processInfo.environment["EXEMPLAR_KILLS"].flatMap { Int($0) } ?? 24
        let subject = try ExemplarStoreSubject(rowsEach: 600, dimension: 64)
        // Rows of the last two classes as a file, and a store of the first three with room for them.
        try subject.select("class 4,class 5", "--budget", "1200", "--selector", "random")
        #expect(try subject.run("export", "--output", subject.folder.path("more.safetensors").path).status == 0)
        try subject.restore(nil)
        try subject.select("class 0,class 1,class 2", "--budget", "1200")
        #expect(try subject.run("prune", "--budget", "3000", "--quiet").status == 0)
        try subject.save(as: "base")
        let base = try subject.state()

        var expected: [String: (state: [String], seconds: Double)] = [:]
        for command in Self.commands(subject) {
            try subject.restore(command.from)
            let clock = ContinuousClock()
            let time = try clock.measure { try #require(try subject.run(command.arguments).status == 0) }
            let seconds = Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds)
            expected[command.name] = (try subject.state(), seconds)
            #expect(try subject.verify() == [])
        }
        var stream = RandomStream(seed: 11)
        var (killed, undone, done) = (0, 0, 0)
        for round in 0..<kills {
            let command = Self.commands(subject)[round % 6]
            guard let (after, seconds) = expected[command.name] else { continue }
            try subject.restore(command.from)
            let moment = stream.uniform() * seconds * 1.1
            let result = try subject.run(command.arguments, signal: (SIGKILL, moment))
            if result.status == 137 { killed += 1 }
            // A store that was being made is not there yet, or is one: empty, or with all its rows.
            guard command.from != nil || FileManager.default.fileExists(atPath: subject.store) else {
                #expect(result.status == 137)
                undone += 1
                continue
            }
            #expect(try subject.verify() == [], "\(command.name) killed after \(moment) s")
            let state = try subject.state()
            let before = command.from == nil ? ["nil, 0 selections"] : base
            #expect(state == before || state == after, "\(command.name) killed after \(moment) s")
            if result.status == 0 { #expect(state == after) }
            if state == after { done += 1 } else { undone += 1 }
            // The store works on.
            #expect(try subject.run("prune", "--budget", "600", "--quiet").status == 0)
        }
        if ProcessInfo.processInfo.environment["EXEMPLAR_KILLS"] != nil {
            print("\(kills) runs: \(killed) killed, \(undone) undone, \(done) done")
        }
        #expect(undone + done == kills)
    }

    /// A limit on the size of files stands for a full disk.
    @Test func noRoomForTheRows() throws {
        let subject = try ExemplarStoreSubject(rowsEach: 200, dimension: 64)
        try subject.select("class 0,class 1", "--budget", "400")
        try subject.save(as: "base")
        let base = try subject.state()
        let size = try #require(try Data(contentsOf: URL(filePath: subject.store)).count as Int?)
        for limit in [1 << 14, 1 << 16, size, size + (1 << 15)] {
            let result = try subject.run(
                ["select", "--data", subject.data, "--classes", "class 2,class 3,class 4,class 5", "--budget", "1200"],
                fileSizeLimit: limit)
            #expect(result.status == 74, "\(limit): \(result.errors)")
            #expect(result.errors.contains(subject.store) && result.errors.contains("nothing was changed"))
            #expect(try subject.verify() == [])
            #expect(try subject.state() == base)
        }
        try subject.restore(nil)
        let result = try subject.run(["select", "--data", subject.data, "--budget", "12"], fileSizeLimit: 4096)
        #expect(result.status == 74)
        #expect(!subject.folder.names.contains { $0.contains("e.sqlite") })
    }

    @Test func aWriterThatFindsTheStoreLocked() throws {
        let subject = try ExemplarStoreSubject()
        try subject.select("class 0", "--budget", "20")
        let store = try ExemplarStore(contentsOf: URL(filePath: subject.store), access: .writing)
        try store.write { _ in
            let hasty = try subject.run("prune", "--budget", "5", "--wait", "0.1")
            #expect(hasty.status == 74 && hasty.errors.contains("another process is writing to the store; gave up after 0.1 s"))
            // Reading goes on meanwhile.
            #expect(try subject.run("verify").status == 0)
            #expect(try subject.run("list").status == 0)
        }
        let isHeld = DispatchSemaphore(value: 0)
        let done = DispatchGroup()
        DispatchQueue.global().async(group: done) {
            try? store.write { writer in
                isHeld.signal()
                usleep(300_000)
                _ = try writer.prune(to: .total(8))
            }
        }
        isHeld.wait()
        #expect(try subject.run("prune", "--budget", "4", "--wait", "60").status == 0)
        done.wait()
        #expect(try subject.state().count == 5)
        #expect(try subject.verify() == [])
    }

    /// Two processes that select different classes at once: both are there in the end.
    @Test func twoWritersAtOnce() throws {
        let subject = try ExemplarStoreSubject(rowsEach: 200, dimension: 64)
        let statuses = Mutex<[Int32]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { number in
            let result = try? subject.run(
                "select", "--data", subject.data, "--classes", "class \(number)", "--budget", "40", "--wait", "60", "--quiet")
            statuses.withLock { $0.append(result?.status ?? -1) }
        }
        #expect(statuses.withLock { $0 } == [0, 0, 0, 0])
        let classes = try ExemplarStore(contentsOf: URL(filePath: subject.store)).read { try $0.classes() }
        #expect(Set(classes.map(\.name)) == ["class 0", "class 1", "class 2", "class 3"])
        #expect(classes.map(\.rows) == [10, 10, 10, 10])
        #expect(try subject.verify() == [])
    }

    /// Ctrl-C leaves the store as it was.
    @Test func interrupted() throws {
        let subject = try ExemplarStoreSubject(rowsEach: 600, dimension: 64)
        try subject.select("class 0", "--budget", "100")
        let before = try subject.state()
        let result = try subject.run(
            ["select", "--data", subject.data, "--budget", "3000", "--known", "rechoose"], signal: (SIGINT, 0.05))
        #expect(result.status == 130 || result.status == 0)
        if result.status == 130 { #expect(try subject.state() == before) }
        #expect(try subject.verify() == [])
    }
}
