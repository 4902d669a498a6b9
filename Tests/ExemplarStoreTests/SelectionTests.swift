import Exemplars
import ExemplarStore
import FeatureData
import Matrices
import TestSupport
import Testing

@Suite struct SelectionTests {
    @Test func rowsAreWhatTheSelectorTookInItsOrder() throws {
        let store = try StoreUnderTest()
        let rows = StoreUnderTest.rows(classes: 3, each: 20)
        let summary = try store.select(rows, classes: 3, budget: .total(10))
        #expect(summary.candidates == 60 && summary.added == 10 && summary.rows == 10 && summary.classes == 3)
        #expect(summary.relativeSquaredError == 0 && summary.meanCosine == 1)
        let records = try store.records()
        for label in 0..<3 {
            let members = rows.labels.indices.filter { rows.labels[$0] == label }
            let expected = try HerdingExemplars().selection(
                of: ExemplarCandidates(classLabel: label, features: rows.features.selectingRows(members), seed: 7),
                count: label == 0 ? 4 : 3)
            let stored = try #require(records["class \(label)"])
            #expect(stored.map(\.sourceRow) == expected.indices.map { members[$0] })
            #expect(stored.map(\.score) == expected.gains)
            #expect(stored.map(\.rank) == Array(stored.indices))
            #expect(stored.allSatisfy { $0.source == "class.safetensors" && !$0.isPinned && $0.selection == 1 })
            // To the bit.
            let loaded = try store.read { try $0.load(.init(classes: ["class \(label)"])) }
            #expect(loaded.features == rows.features.selectingRows(stored.map(\.sourceRow)))
            #expect(loaded.labels == Array(repeating: label, count: stored.count))
        }
        #expect(try store.verify() == [])
    }

    /// The law of budgets over a stream of tasks: never above, balanced, and old classes keep a prefix.
    @Test(arguments: ["random", "herding", "k-center"])
    func aNewTaskShrinksOldClassesToAPrefix(_ name: String) throws {
        let store = try StoreUnderTest()
        let selector = try #require(ExemplarSelectors.named(name))
        var before: [String: [ExemplarRecord]] = [:]
        for task in 0..<4 {
            let rows = StoreUnderTest.rows(classes: 3, each: 12, seed: UInt64(task))
            try store.select(rows, classes: 3, prefix: "task \(task)", budget: .total(31), selector: selector)
            let now = try store.records()
            #expect(now.values.reduce(0) { $0 + $1.count } == 31)
            let counts = now.values.map(\.count)
            #expect(try #require(counts.max()) - (try #require(counts.min())) <= 1)
            for (name, records) in before { #expect(now[name] == Array(records.prefix(now[name]?.count ?? 0))) }
            #expect(try store.verify() == [])
            before = now
        }
        let classes = try store.read { try $0.classes() }
        #expect(classes.map(\.task) == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
        #expect(classes.map(\.position) == Array(0..<12))
    }

    @Test func pinnedRowsStayFirst() throws {
        let store = try StoreUnderTest()
        try store.select(StoreUnderTest.rows(classes: 2, each: 20), classes: 2, budget: .total(12))
        let last = try #require(try store.records()["class 0"]?.last)
        let location = StoreWriter.Location(source: last.source, row: last.sourceRow)
        try store.open().write { try $0.setPinned(true, [location]) }
        #expect(try store.verify() == [])
        try store.open().write { _ = try $0.prune(to: .perClass(2)) }
        let kept = try #require(try store.records()["class 0"])
        #expect(kept.map(\.isPinned) == [true, false] && kept[0].sourceRow == last.sourceRow)
        #expect(throws: ExemplarError.pinnedExceedBudget(pinned: 1, budget: .total(0))) {
            try store.open().write { _ = try $0.prune(to: .total(0)) }
        }
        // Let go, it is the first of the others.
        try store.open().write { try $0.setPinned(false, [location]) }
        let free = try #require(try store.records()["class 0"])
        #expect(free.map(\.sourceRow) == kept.map(\.sourceRow) && free.map(\.rank) == [0, 1])
        #expect(try store.verify() == [])
        #expect(throws: ExemplarStoreError.self) {
            try store.open().write { try $0.setPinned(true, [.init(source: "nowhere", row: 0)]) }
        }
    }

    @Test func knownClassesAreRefusedKeptOrChosenAnew() throws {
        let store = try StoreUnderTest()
        let first = StoreUnderTest.rows(classes: 2, each: 10, seed: 1)
        try store.select(first, classes: 2, budget: .perClass(5))
        let before = try store.records()
        #expect(throws: ExemplarStoreError.knownClass(file: store.url.relativePath, "class 0")) {
            try store.select(first, classes: 2, budget: .perClass(5))
        }
        try store.select(first, classes: 2, budget: .perClass(4), knownClasses: .keep)
        #expect(try store.records() == before.mapValues { Array($0.prefix(4)) })

        // Among the four stored rows of a class and ten others, of which none is stored already.
        let location = StoreWriter.Location(source: "class.safetensors", row: before["class 0"]?[0].sourceRow ?? 0)
        try store.open().write { try $0.setPinned(true, [location]) }
        let second = StoreUnderTest.rows(classes: 2, each: 10, seed: 1)
        let store2 = try store.open()
        let summary = try store2.write {
            try $0.select(
                from: TaskCandidates(second, classNames: StoreUnderTest.names(2), source: "other.safetensors"),
                SelectionPlan(selector: RandomExemplars(), budget: .perClass(6), seed: 3, knownClasses: .rechoose))
        }
        #expect(summary.candidates == 20 && summary.rows == 12)
        let after = try store.records()
        #expect(after["class 0"]?.first?.isPinned == true && after["class 0"]?.first?.selection == 1)
        #expect(Set(after.values.joined().map(\.source)) == ["class.safetensors", "other.safetensors"])
        #expect(try store.verify() == [])
    }

    @Test func aFailureChangesNothing() throws {
        let store = try StoreUnderTest()
        try store.select(StoreUnderTest.rows(classes: 2, each: 10), classes: 2, budget: .total(8))
        let before = try store.records()
        var bad = StoreUnderTest.rows(classes: 2, each: 10, seed: 5)
        bad.features[11, 3] = .nan
        #expect(throws: (any Error).self) {
            try store.select(bad, classes: 2, prefix: "bad", budget: .total(40))
        }
        struct Stop: Error {}
        let connection = try store.open()
        #expect(throws: Stop.self) {
            try connection.write { writer in
                _ = try writer.prune(to: .total(2))
                throw Stop()
            }
        }
        #expect(throws: ExemplarError.posteriorRequired(selector: "entropy")) {
            try store.select(
                StoreUnderTest.rows(classes: 1, each: 3), classes: 1, prefix: "e", budget: .total(4),
                selector: EntropyExemplars())
        }
        #expect(try store.records() == before)
        #expect(try store.read { try $0.selections().count } == 1)
        #expect(try store.verify() == [])
    }

    @Test func addedRowsKeepToTheBudget() throws {
        let store = try StoreUnderTest()
        let rows = StoreUnderTest.rows(classes: 2, each: 10)
        try store.select(rows, classes: 2, budget: .total(6))
        func add(_ source: String, _ numbers: [Int], pinned: Bool, name: String = "class 0") throws {
            var blocks = [
                ExemplarRows(
                    className: name, features: rows.features.selectingRows(numbers),
                    locations: numbers.map { .init(source: source, row: $0) },
                    pinned: numbers.map { _ in pinned })
            ]
            try store.open().write { try $0.add(classNames: [name]) { blocks.popLast() } }
        }
        #expect(throws: ExemplarStoreError.self) { try add("a", [1, 2], pinned: false) }
        try add("a", [1, 2], pinned: true)
        #expect(throws: ExemplarStoreError.self, "the same row twice") { try add("a", [2], pinned: true) }
        try add("a", [4], pinned: true, name: "new")
        let counts = try store.read { try $0.classes().map { [$0.rows, $0.pinned] } }
        #expect(counts == [[3, 2], [2, 0], [1, 1]])
        #expect(try store.verify() == [])
        // Of another length, not of unit length.
        #expect(throws: ExemplarStoreError.self) {
            var blocks = [
                ExemplarRows(className: "class 0", features: Matrix(rows: 1, columns: 16, repeating: 1), locations: [.init(source: "b", row: 0)])
            ]
            try store.open().write { try $0.add(classNames: ["class 0"]) { blocks.popLast() } }
        }
        #expect(throws: ExemplarStoreError.self) { try store.open(dimension: 8) }
        #expect(throws: ExemplarStoreError.self) { try store.open(encoding: .float16) }
    }

    @Test func loadingLabelsByTheModelsNames() throws {
        let store = try StoreUnderTest()
        try store.select(StoreUnderTest.rows(classes: 3, each: 4), classes: 3, budget: .perClass(2))
        let rows = try store.read { try $0.load(classNames: ["class 2", "another", "class 0"]) }
        #expect(rows.labels == [2, 2, 0, 0])
    }
}
