import Exemplars
import ExemplarStore
import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct ExchangeTests {
    /// Out and in again: the same rows to the bit, with places, sources, scores and pins.
    @Test(arguments: [FeatureEncoding.float32, .float16])
    func safetensorsRoundTrip(_ encoding: FeatureEncoding) throws {
        let (from, to) = (try StoreUnderTest(), try StoreUnderTest())
        try from.select(StoreUnderTest.rows(classes: 3, each: 30), classes: 3, budget: .total(50), encoding: encoding)
        let pinned = try #require(try from.records()["class 1"]?[4])
        try from.open(encoding: encoding).write {
            try $0.setPinned(true, [.init(source: pinned.source, row: pinned.sourceRow)])
        }
        let file = from.folder.path("rows.safetensors")
        #expect(try from.read { try $0.export(toSafetensors: file) } == 50)
        try to.open(encoding: encoding).write { _ = try $0.import(try ExemplarFile(contentsOf: file), budget: .total(60)) }
        func essence(_ store: StoreUnderTest) throws -> [[String]] {
            var lines: [[String]] = []
            try store.read { reader in
                try reader.forEachBlock { block in
                    for (place, row) in block.records.enumerated() {
                        lines.append([
                            "\(row.classPosition)", "\(row.rank)", "\(row.isPinned)", row.source, "\(row.sourceRow)",
                            "\(row.contentHash)", "\(String(describing: row.score))", "\(block.features.row(place))",
                        ])
                    }
                }
            }
            return lines
        }
        #expect(try essence(from) == (try essence(to)))
        #expect(try to.verify() == [])
        #expect(try to.read { try $0.budget() } == .total(60))
        // The same rows a second time are refused, and nothing changes.
        #expect(throws: ExemplarStoreError.self) {
            try to.open(encoding: encoding).write { _ = try $0.import(try ExemplarFile(contentsOf: file)) }
        }
        #expect(try to.read { try $0.count() } == 50)
        // It is a file of feature rows for everything else.
        let rows = try FeatureRows(files: [file]).load()
        #expect(rows.count == 50 && Set(rows.labels) == [0, 1, 2])
    }

    @Test func numPyRoundTrip() throws {
        let (from, to) = (try StoreUnderTest(), try StoreUnderTest())
        try from.select(StoreUnderTest.rows(classes: 3, each: 9), classes: 3, budget: .total(12))
        for name in ["train_image_features.npy", "rows.npy"] {
            let url = from.folder.path(name)
            #expect(try from.read { try $0.export(.init(classes: ["class 2", "class 1"]), toNumPy: url) } == 8)
        }
        #expect(
            Set(from.folder.names).isSuperset(of: [
                "train_labels.npy", "class_names.json", "rows_labels.npy", "rows_class_names.json",
            ]))
        let file = try ExemplarFile(contentsOf: from.folder.path("rows.npy"))
        #expect(file.classNames == ["class 1", "class 2"])
        try to.open().write { _ = try $0.import(file) }
        let expected = try from.read { try $0.load(.init(classes: ["class 1", "class 2"])) }
        let found = try to.read { try $0.load() }
        #expect(found.labels == expected.labels.map { $0 - 1 })
        expectClose(found.features, expected.features, absolute: 1e-6)
        #expect(try to.verify() == [])
    }

    /// A data set file without anything of a store; with product quantisation, which needs a sample first.
    @Test func aDataSetFile() throws {
        let store = try StoreUnderTest()
        let rows = StoreUnderTest.rows(classes: 3, each: 200)
        let url = store.folder.path("train.safetensors")
        let writer = try SafetensorsWriter(
            to: url,
            tensors: [
                TensorDeclaration("image_features", .float32, [600, 16]), TensorDeclaration("labels", .int32, [600]),
            ], metadata: ["class_names": "[\"a\",\"b\",\"c\"]"])
        try writer.append(rows.features, to: "image_features")
        try writer.append(rows.labels, to: "labels")
        try writer.finish()
        try store.open(encoding: .productQuantization(bytes: 4)).write {
            _ = try $0.import(try ExemplarFile(contentsOf: url), budget: .perClass(50))
        }
        let records = try store.records()
        #expect(records.mapValues(\.count) == ["a": 50, "b": 50, "c": 50])
        // The first of each class, in the file's order.
        #expect(records["b"]?.map(\.sourceRow) == (0..<50).map { 3 * $0 + 1 })
        #expect(records["b"]?[0].source == url.standardizedFileURL.path)
        #expect(try store.verify() == [])
        #expect(throws: FeatureDataError.self) { try ExemplarFile(contentsOf: url, classNames: ["a", "a", "b"]) }
        #expect(throws: FeatureDataError.self) {
            try store.open(encoding: .productQuantization(bytes: 4)).write {
                _ = try $0.import(try ExemplarFile(contentsOf: url, classNames: ["a", "b"]))
            }
        }
    }
}
