@testable import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct FeatureConversionTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let names = ["cat", "dog", "owl"]

    /// Rows `[count, 4]` whose first number is their place, as `.npy`.
    private func array(_ name: String, _ count: Int, from first: Int = 1, type: ElementType = .float32) throws -> URL {
        let writer = try NumPyWriter(to: folder.path(name), elementType: type, shape: [count, 4])
        try writer.append(
            Matrix<Float>(rows: count, columns: 4, elements: (0..<count).flatMap { [Float(first + $0), 1, 0.5, -0.25] }))
        try writer.finish()
        return folder.path(name)
    }

    private func text(_ name: String = "text.npy", classes: Int = 3, prompts: Int = 2) throws -> URL {
        let writer = try NumPyWriter(to: folder.path(name), elementType: .float32, shape: [classes, prompts, 4])
        try writer.append(
            Matrix<Float>(
                rows: classes * prompts, columns: 4, elements: (0..<classes * prompts * 4).map { Float($0 % 7) + 1 }))
        try writer.finish()
        return folder.path(name)
    }

    private func labels(_ name: String, _ text: String) throws -> URL { try folder.file(name, Array(text.utf8)) }

    private func inputs(_ urls: [URL], labels: [URL] = []) throws -> ConversionInputs {
        var inputs = ConversionInputs(urls)
        inputs.labels = labels
        inputs.text = try text()
        inputs.classNames = Self.names
        return inputs
    }

    private func error(_ body: () throws -> Void) -> FeatureDataError? {
        #expect(throws: FeatureDataError.self, performing: body)
    }

    /// Labels by number, by name, in a table: the same folder.
    @Test func labelsInAnyForm() throws {
        let rows = try array("rows.npy", 6)
        let forms = [
            try labels("a.txt", "0\n1\n2\n2\n1\n0\n"), try labels("b.txt", "cat\ndog\r\nowl\nowl\ndog\ncat"),
            try labels("c.csv", "path,label\nx,cat\n\"a \"\"b\"\", c\",dog\ny,owl\nz,owl\n\"two\nlines\",dog\nw,cat\n\n"),
            try labels("d.tsv", "n\tclass\n1\t0\n1\t1\n1\t2\n1\t2\n1\t1\n1\t0"), try labels("e.csv", "0\n1\n2\n2\n1\n0\n"),
        ]
        for (place, form) in forms.enumerated() {
            let target = folder.path("out\(place)")
            let summary = try inputs([rows], labels: [form]).open().writeFolder(to: target)
            #expect(summary.trainRows == 6 && summary.classes == 3 && summary.elementType == .float32)
            let dataset = try Dataset.open(target, normalizing: false)
            #expect(dataset.classNames == Self.names)
            let train = try dataset.load(.train)
            #expect(train.labels == [0, 1, 2, 2, 1, 0])
            #expect((0..<6).allSatisfy { train.features[$0, 0] == Float($0 + 1) })
            #expect(dataset.prompts.features.map(\.rows) == [2, 2, 2])
        }
    }

    @Test func labelsThatDoNotFit() throws {
        let rows = try array("rows.npy", 3)
        func message(_ text: String, _ name: String, column: String? = nil) throws -> String {
            let form = try labels(name, text)
            return error {
                var inputs = try inputs([rows], labels: [form])
                inputs.labelColumn = column
                _ = try inputs.open()
            }?.description ?? ""
        }
        #expect(try message("0\n1\n", "a.txt").contains("2 labels for 3 rows"))
        #expect(try message("0\n\n1\n", "b.txt").contains("row 1 has no label"))
        #expect(try message("0\n3\n1\n", "c.txt").contains("row 1 has the label 3, expected 0 to 2"))
        #expect(try message("cat\nfox\ndog\n", "d.txt").contains("row 1 has the label 'fox'"))
        #expect(try message("a,b\n0,1\n", "e.csv").contains("a, b"))
        #expect(try message("a,b\n0,1\n", "f.csv", column: "c").contains("no column 'c'"))
        #expect(try message("label,b\n0,1\n1\n", "g.csv", column: "b").contains("row 1 has 1 columns"))
        #expect(try message("label\n\"0\n", "h.csv").contains("not closed"))
        #expect(try message("", "i.csv").contains("empty"))
    }

    /// The same rows whatever the files, shards and the block size; a stratified share that depends on the seed alone.
    @Test func sharesAndShards() throws {
        let first = try array("a.npy", 3000)
        let second = try array("b.npy", 3001, from: 3001)
        let all = (0..<6001).map { $0 % 5 == 0 ? 2 : $0 % 2 }
        let writer = try NumPyWriter(to: folder.path("y.npy"), elementType: .int64, shape: [6001])
        try writer.append(all)
        try writer.finish()
        func converted(_ name: String, _ seed: UInt64, shards: Int) throws -> (test: [Float], train: [Float]) {
            var conversion = try inputs([first, second], labels: [folder.path("y.npy")]).open()
            conversion.options.testShare = 0.25
            conversion.options.shards = shards
            conversion.options.seed = seed
            let summary = try conversion.writeFolder(to: folder.path(name))
            #expect(summary.files.count == 2 * shards + 1)
            let dataset = try Dataset.open(folder.path(name), normalizing: false)
            let totals = (0..<3).map { k in all.count { $0 == k } }
            #expect(try dataset.counts(.test) == totals.map { Int((Double($0) * 0.25).rounded()) })
            func places(_ split: Dataset.Split) throws -> [Float] {
                let rows = try dataset.load(split)
                let places = (0..<rows.count).map { rows.features[$0, 0] }
                #expect(zip(places, rows.labels).allSatisfy { all[Int($0) - 1] == $1 })
                return places
            }
            return (try places(.test), try places(.train))
        }
        let one = try converted("one", 3, shards: 1)
        let many = try converted("many", 3, shards: 7)
        #expect(one == many)
        #expect(Set(one.test + one.train).count == 6001)
        #expect(try converted("other", 4, shards: 1).test != one.test)
    }

    @Test func typesAndUnitLength() throws {
        let rows = try array("rows.npy", 5, type: .float64)
        let form = try labels("y.txt", "0\n1\n2\n0\n1\n")
        for type in [ElementType.float16, .bfloat16, .float32] {
            var inputs = try inputs([rows], labels: [form])
            inputs.normalizing = true
            var conversion = try inputs.open()
            conversion.options.elementType = type
            let target = folder.path("\(type.rawValue).safetensors")
            _ = try conversion.writeFile(to: target)
            let tensor = try SafetensorsFile(contentsOf: target).tensor("image_features")
            #expect(tensor.elementType == type)
            let written = try tensor.matrix(of: Float.self)
            let tolerance: Float = type == .bfloat16 ? 4e-3 : type == .float16 ? 5e-4 : 1e-6
            for row in 0..<5 {
                let norm = written.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
                #expect(abs(norm - 1) < tolerance)
            }
        }
        // As stored, F64 becomes F32.
        _ = try inputs([rows], labels: [form]).open().writeFile(to: folder.path("as.npy"))
        let stored = try NumPyFile(contentsOf: folder.path("as.npy")).array
        #expect(try stored.elementType == .float32 && stored.matrix(of: Float.self)[4, 0] == 5)
        #expect(try NumPyFile(contentsOf: folder.path("as_labels.npy")).array.integers() == [0, 1, 2, 0, 1])
        #expect(folder.names.contains("as_class_names.json"))
    }

    /// What the data folder's files hold comes back bit for bit.
    @Test func aFolderConvertedIsTheSame() throws {
        let target = folder.path("copy")
        _ = try ConversionInputs([FeatureDataFolder.example]).open().writeFolder(to: target)
        let (original, copy) = (try Dataset.open(FeatureDataFolder.example), try Dataset.open(target))
        #expect(copy.classNames == original.classNames && copy.prompts.templates == original.prompts.templates)
        #expect(copy.prompts.logitScale == original.prompts.logitScale)
        #expect(copy.metadata.keys.sorted() == original.metadata.keys.sorted())
        for split in Dataset.Split.allCases {
            let (a, b) = (try original.load(split), try copy.load(split))
            #expect(a.features.elements == b.features.elements && a.labels == b.labels)
        }
        #expect(zip(original.prompts.features, copy.prompts.features).allSatisfy { $0.elements == $1.elements })
    }

    @Test func someClassesInAnotherOrder() throws {
        var inputs = ConversionInputs([FeatureDataFolder.example])
        inputs.wanted = ["sandal", "dress"]
        inputs.splits = [.test]
        let summary = try inputs.open().writeFolder(to: folder.path("two"))
        #expect(summary.testRows == 80 && summary.trainRows == 0 && summary.leftOutRows == 320)
        let dataset = try Dataset.open(folder.path("two"))
        #expect(dataset.classNames == ["sandal", "dress"] && dataset.metadata["class_glosses"] == nil)
        let original = try Dataset.open(FeatureDataFolder.example)
        let test = try original.load(.test).ofClasses([5, 3], relabellingFrom: 0)
        let written = try dataset.load(.test)
        #expect(written.labels == test.labels && written.features.elements == test.features.elements)
        #expect(dataset.prompts.features[0].elements == original.prompts.features[5].elements)
        inputs.wanted = ["sandal", "unicorn"]
        #expect(error { _ = try inputs.open() }?.description.contains("unicorn") == true)
        inputs.wanted = ["sandal", "sandal"]
        #expect(error { _ = try inputs.open() }?.description.contains("twice") == true)
    }

    @Test func severalFolders() throws {
        func make(_ name: String, _ classes: [String]) throws -> URL {
            var inputs = ConversionInputs([FeatureDataFolder.example])
            inputs.wanted = classes
            _ = try inputs.open().writeFolder(to: folder.path(name))
            return folder.path(name)
        }
        let (a, b) = (try make("a", ["dress", "coat"]), try make("b", ["coat", "sandal"]))
        var inputs = ConversionInputs([a, b])
        #expect(error { _ = try inputs.open() }?.description.contains("'coat' is in") == true)
        inputs.repeatedClasses = .join
        _ = try inputs.open().writeFolder(to: folder.path("joined"))
        let joined = try Dataset.open(folder.path("joined"))
        #expect(joined.classNames == ["dress", "coat", "sandal"])
        #expect(try joined.counts(.train) == [60, 120, 60])
        inputs.repeatedClasses = .qualify
        _ = try inputs.open().writeFolder(to: folder.path("apart"))
        let apart = try Dataset.open(folder.path("apart"))
        #expect(apart.classNames == ["dress", "a/coat", "b/coat", "sandal"])
        #expect(try apart.counts(.test) == [40, 40, 40, 40])
    }

    @Test func badRowsEndItOrAreDropped() throws {
        let writer = try NumPyWriter(to: folder.path("bad.npy"), elementType: .float32, shape: [5, 4])
        var matrix = Matrix<Float>(rows: 5, columns: 4, repeating: 1)
        for column in 0..<4 { matrix[1, column] = 0 }
        matrix[4, 2] = .infinity
        try writer.append(matrix)
        try writer.finish()
        var conversion = try inputs([folder.path("bad.npy")], labels: [labels("y.txt", "0\n1\n2\n2\n1\n")]).open()
        let before = folder.names
        #expect(error { _ = try conversion.writeFolder(to: folder.path("out")) }?.description.contains("row 1 is zero") == true)
        #expect(folder.names == before)
        conversion.options.droppingBadRows = true
        let summary = try conversion.writeFolder(to: folder.path("out"))
        #expect(summary.trainRows == 3 && summary.droppedBadRows == 2)
        #expect(try Dataset.open(folder.path("out")).load(.train).labels == [0, 2, 2])
    }

    @Test func classMeansAsText() throws {
        let rows = try array("rows.npy", 6)
        var inputs = ConversionInputs([rows])
        inputs.labels = [try labels("y.txt", "b\na\nb\nb\na\nb\n")]
        var conversion = try inputs.open()
        #expect(error { _ = try conversion.writeFolder(to: folder.path("none")) }?.kind == .inputMissing)
        conversion.options.classMeansAsText = true
        conversion.options.logitScale = 30
        _ = try conversion.writeFolder(to: folder.path("means"))
        let dataset = try Dataset.open(folder.path("means"))
        #expect(dataset.classNames == ["a", "b"] && dataset.prompts.logitScale == 30)
        let train = try dataset.load(.train)
        #expect(train.labels == [1, 0, 1, 1, 0, 1])
        let sum = zip(train.features.row(1), train.features.row(4)).map { $0 + $1 }
        let norm = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        expectClose(dataset.prompts.features[0].elements, sum.map { $0 / norm }, absolute: 1e-6)
    }

    @Test func nothingIsLeftOfWhatWasStopped() throws {
        struct Stop: Error {}
        var conversion = try inputs([array("rows.npy", 6000)], labels: [labels("y.txt", String(repeating: "1\n", count: 6000))]).open()
        let before = folder.names
        #expect(throws: Stop.self) {
            try conversion.writeFolder(to: folder.path("out")) { done, _ in if done > 3000 { throw Stop() } }
        }
        #expect(folder.names == before)
        _ = try folder.file("taken", [1])
        #expect(error { _ = try conversion.writeFolder(to: folder.path("taken")) }?.kind == .cannotWrite)
        try FileManager.default.createDirectory(at: folder.path("full"), withIntermediateDirectories: true)
        _ = try folder.file("full/x", [1])
        #expect(error { _ = try conversion.writeFolder(to: folder.path("full")) }?.description.contains("not empty") == true)
        #expect(error { _ = try conversion.writeFolder(to: folder.path("no/such")) }?.kind == .cannotWrite)
        try FileManager.default.createDirectory(at: folder.path("empty"), withIntermediateDirectories: true)
        conversion.options.shards = 3
        _ = try conversion.writeFolder(to: folder.path("empty"))
        #expect(try Dataset.open(folder.path("empty")).rows(.train).count == 6000)
        #expect(!folder.names.contains { $0.hasPrefix(".") })
    }

    @Test func clipRetrievalFolders() throws {
        for part in ["img_emb", "text_emb"] {
            try FileManager.default.createDirectory(at: folder.path("cr/\(part)"), withIntermediateDirectories: true)
            for number in 0..<2 {
                _ = try array("cr/\(part)/\(part)_\(number).npy", 3, from: 1 + number * 3 + (part == "img_emb" ? 0 : 10), type: .float16)
            }
        }
        var inputs = ConversionInputs([folder.path("cr")])
        _ = try inputs.open().writeFile(to: folder.path("images.safetensors"))
        inputs.embedding = "text_emb"
        _ = try inputs.open().writeFile(to: folder.path("captions.safetensors"))
        for (name, first) in [("images", Float(1)), ("captions", 11)] {
            let file = try SafetensorsFile(contentsOf: folder.path("\(name).safetensors"))
            let rows = try file.matrix("image_features", of: Float.self)
            #expect((0..<6).map { rows[$0, 0] } == (0..<6).map { first + Float($0) })
            #expect(!file.contains("labels"))
            #expect(try file.tensor("image_features").elementType == .float16)
        }
    }
}
