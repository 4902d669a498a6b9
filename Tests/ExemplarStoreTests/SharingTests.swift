import Dispatch
import Exemplars
import ExemplarStore
import Foundation
import Synchronization
import TestSupport
import Testing

/// Several connections to one store.
@Suite struct SharingTests {
    @Test func readersSeeTheStateBeforeAWrite() throws {
        let store = try StoreUnderTest()
        try store.select(StoreUnderTest.rows(classes: 2, each: 10), classes: 2, budget: .total(10))
        let (writer, reader) = (try store.open(), try ExemplarStore(contentsOf: store.url))
        try writer.write { writing in
            _ = try writing.prune(to: .total(4))
            #expect(try writing.reader.count() == 4)
            #expect(try reader.read { try $0.count() } == 10)
        }
        #expect(try reader.read { try $0.count() } == 4)
        #expect(throws: ExemplarStoreError.readOnly(file: store.url.relativePath)) {
            try reader.write { _ = try $0.prune(to: .total(1)) }
        }
    }

    @Test func aSecondWriterGivesUpOrWaits() throws {
        let store = try StoreUnderTest()
        try store.select(StoreUnderTest.rows(classes: 2, each: 10), classes: 2, budget: .total(10))
        let first = try store.open()
        let hasty = try store.open(patience: 0.05)
        try first.write { _ in
            #expect(throws: ExemplarStoreError.locked(file: store.url.relativePath, seconds: 0.05)) {
                try hasty.write { _ = try $0.prune(to: .total(1)) }
            }
        }
        // The patient one gets its turn.
        let patient = try store.open(patience: 30)
        let isHeld = DispatchSemaphore(value: 0)
        let done = DispatchGroup()
        DispatchQueue.global().async(group: done) {
            try? first.write { writing in
                isHeld.signal()
                usleep(200_000)
                _ = try writing.prune(to: .total(8))
            }
        }
        isHeld.wait()
        try patient.write { writing in
            #expect(try writing.reader.count() == 8)
            _ = try writing.prune(to: .total(6))
        }
        done.wait()
        #expect(try store.read { try $0.count() } == 6)
        #expect(try store.verify() == [])
    }

    /// Many writers that each add a class: none is lost.
    @Test func writersOneAfterAnother() throws {
        let store = try StoreUnderTest()
        _ = try store.open()
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            do {
                try store.select(
                    StoreUnderTest.rows(classes: 1, each: 6, seed: UInt64(number)), classes: 1, prefix: "writer \(number)",
                    budget: .total(16))
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(try store.read { try $0.classes().map(\.rows) } == Array(repeating: 2, count: 8))
        #expect(try store.verify() == [])
    }

    @Test func aStoreMadeByTwoAtOnceIsOne() throws {
        let store = try StoreUnderTest()
        let made = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            if (try? ExemplarStore.create(at: store.url, format: StoreFormat(dimension: 16))) != nil {
                made.withLock { $0 += 1 }
            }
        }
        #expect(made.withLock { $0 } == 1)
        #expect(store.folder.names == ["exemplars.sqlite"])
        #expect(try store.verify() == [])
    }
}
