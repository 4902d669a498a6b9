@testable import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct DatasetTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// A data set of `names`, two rows a class, D = 3, in a folder of its own.
    @discardableResult private func make(
        _ name: String = "set", names: [String] = ["cat", "dog"], listed: String? = nil, dimension: Int = 3,
        textDimension: Int? = nil, scale: String? = "22.5", splits: [String] = ["train", "test"]
    ) throws -> URL {
        let place = folder.path(name)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for split in splits { try rows(place.appending(path: "\(split).safetensors"), names.count * 2, dimension, names.count) }
        let width = textDimension ?? dimension
        var metadata = ["class_names": listed ?? "[" + names.map { "\"\($0)\"" }.joined(separator: ",") + "]"]
        metadata["logit_scale"] = scale
        let text = try SafetensorsWriter(
            to: place.appending(path: "text.safetensors"), tensors: [.init("text_features", .float32, [names.count, 2, width])],
            metadata: metadata)
        let elements = (0..<names.count * 2 * width).map { Float($0 % 5 + 1) }
        try text.append(Matrix(rows: names.count * 2, columns: width, elements: elements), to: "text_features")
        try text.finish()
        return place
    }

    private func rows(_ url: URL, _ count: Int, _ dimension: Int, _ classes: Int) throws {
        let writer = try SafetensorsWriter(
            to: url, tensors: [.init("image_features", .float16, [count, dimension]), .init("labels", .int32, [count])])
        let elements = (0..<count * dimension).map { Float($0 % 7 + 1) }
        try writer.append(Matrix(rows: count, columns: dimension, elements: elements), to: "image_features")
        try writer.append((0..<count).map { $0 % classes }, to: "labels")
        try writer.finish()
    }

    private func error(_ body: () throws -> Void) -> FeatureDataError? {
        #expect(throws: FeatureDataError.self, performing: body)
    }

    @Test func theExample() throws {
        let dataset = try Dataset.open(FeatureDataFolder.example)
        #expect(dataset.name == "fashion-mnist-mini")
        #expect(dataset.classNames.prefix(3) == ["t-shirt", "pair of trousers", "pullover sweater"])
        #expect(dataset.featureDimension == 512 && dataset.prompts.features.allSatisfy { $0.rows == 8 })
        #expect(dataset.prompts.logitScale == 22.2479)
        #expect(dataset.prompts.templates.count == 8)
        #expect(try dataset.counts(.train) == Array(repeating: 60, count: 10))
        #expect(try dataset.counts(.test) == Array(repeating: 40, count: 10))
        let train = try dataset.load(.train)
        #expect(train.features.rows == 600 && train.labels.prefix(12) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    }

    /// The data card states 43.3 % zero-shot accuracy for the mean of the prompts: features, labels and names fit together.
    @Test func zeroShotAccuracyOfTheExample() throws {
        let dataset = try Dataset.open(FeatureDataFolder.example)
        let test = try dataset.load(.test)
        let logits = test.features.multiplied(by: dataset.prompts.meanFeatures(), .transposed)
        let right = (0..<test.count).filter { row in
            let values = logits.row(row)
            return values.firstIndex(of: values.max() ?? 0) == test.labels[row]
        }
        expectClose(Double(right.count) / Double(test.count), 0.433, absolute: 0.001)
    }

    @Test(.enabled(if: FeatureDataFolder.has("fashion-mnist-mini"), "no FEATURE_DATA_DIR"))
    func arraysGiveTheSameAsSafetensors() throws {
        let source = FeatureDataFolder.dataset("fashion-mnist-mini")
        for name in try FileManager.default.contentsOfDirectory(atPath: source.path)
        where name.hasSuffix(".npy") || name.hasSuffix(".json") {
            try FileManager.default.copyItem(at: source.appending(path: name), to: folder.path(name))
        }
        let arrays = try Dataset.open(folder.url)
        let tensors = try Dataset.open(source)
        #expect(arrays.classNames == tensors.classNames)
        #expect(arrays.prompts.logitScale == 100)
        for split in Dataset.Split.allCases {
            let (a, b) = (try arrays.load(split), try tensors.load(split))
            #expect(a.labels == b.labels && a.features.elements == b.features.elements)
        }
        #expect(arrays.prompts.features.map(\.elements) == tensors.prompts.features.map(\.elements))
    }

    @Test func shardsAreJoined() throws {
        let place = try make(splits: ["test"])
        for part in 0..<3 { try rows(place.appending(path: "train-0000\(part)-of-00003.safetensors"), 4 + part, 3, 2) }
        #expect(try Dataset.open(place).load(.train).count == 15)
        try FileManager.default.removeItem(at: place.appending(path: "train-00001-of-00003.safetensors"))
        let missing = error { _ = try Dataset.open(place) }
        #expect(missing?.kind == .inputMissing)
        #expect(missing?.description.contains("part 1 of 3 of the train rows is missing") == true)
        try FileManager.default.removeItem(at: place.appending(path: "train-00002-of-00003.safetensors"))
        #expect(error { _ = try Dataset.open(place) }?.description.contains("part 1 of 3") == true)
    }

    @Test func whatIsMissing() throws {
        #expect(error { _ = try Dataset.open(folder.path("none")) }?.kind == .inputMissing)
        let place = try make(splits: ["train"])
        let dataset = try Dataset.open(place)
        #expect(!dataset.has(.test))
        #expect(error { _ = try dataset.load(.test) }?.description.contains("has no test rows") == true)
        try FileManager.default.removeItem(at: place.appending(path: "train.safetensors"))
        #expect(error { _ = try Dataset.open(place) }?.description.contains("has no feature rows") == true)
        try FileManager.default.removeItem(at: place.appending(path: "text.safetensors"))
        let text = error { _ = try Dataset.open(place) }
        #expect(text?.kind == .inputMissing && text?.description.contains("has no text features") == true)
        let file = try folder.file("file", [1])
        #expect(error { _ = try Dataset.open(file) }?.description.contains("is a file, expected a folder") == true)
    }

    @Test func whatDoesNotFit() throws {
        func reason(_ place: URL) -> String { error { _ = try Dataset.open(place) }?.description ?? "" }
        #expect(reason(try make(textDimension: 4)).contains("train.safetensors: tensor 'image_features': has rows of length 3"))
        #expect(reason(try make(names: ["cat", "cat"])).contains("classes 0 and 1 have the same name 'cat'"))
        #expect(reason(try make(names: ["cat", ""])).contains("class 1 has an empty name"))
        #expect(reason(try make(listed: "[\"cat\"]")).contains("has 2 classes, but its metadata lists 1 class names"))
        #expect(reason(try make(listed: "cat,dog")).contains("'class_names' is not a JSON list of texts"))
        #expect(reason(try make(scale: "-3")).contains("logit_scale is '-3', expected a number above 0"))
        #expect(reason(try make(scale: "nan")).contains("logit_scale is 'nan'"))
        let place = try make()
        try rows(place.appending(path: "train.safetensors"), 6, 3, 3)
        let label = error { _ = try Dataset.open(place).load(.train) }
        #expect(label?.description.contains("train.safetensors: tensor 'labels': row 2 has the label 2, expected 0 to 1") == true)
    }

    @Test func severalFolders() throws {
        let first = try Dataset.open(make("one"))
        let second = try Dataset.open(make("two", names: ["bird", "fish", "frog"]))
        let joined = try Dataset.concatenating([first, second])
        #expect(joined.classNames == ["cat", "dog", "bird", "fish", "frog"])
        #expect(try joined.counts(.train) == [2, 2, 2, 2, 2])
        #expect(try joined.load(.test).labels == [0, 1, 0, 1, 2, 3, 4, 2, 3, 4])
        let twin = error { _ = try Dataset.concatenating([first, first]) }
        #expect(twin?.description.contains("the class 'cat' is in") == true)
        let other = try Dataset.open(make("three", names: ["ant"], scale: "100"))
        #expect(error { _ = try Dataset.concatenating([first, other]) }?.description.contains("has the logit scale 100.0") == true)
        let wide = try Dataset.open(make("four", names: ["ant"], dimension: 4))
        #expect(error { _ = try Dataset.concatenating([first, wide]) }?.description.contains("features of length 4") == true)
        let qualified = try Dataset.concatenating([first, Dataset.open(make("five"))], qualifyingNames: true)
        #expect(qualified.classNames == ["one/cat", "one/dog", "five/cat", "five/dog"])
    }
}

@Suite struct TaskSplitTests {
    @Test func equalParts() throws {
        #expect(try TaskSplit.equalParts(3, ofClasses: 10).tasks == [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]])
        #expect(try TaskSplit.equalParts(1, ofClasses: 2).tasks == [[0, 1]])
        #expect(try TaskSplit.equalParts(2, of: [3, 1, 2, 0]).tasks == [[3, 1], [2, 0]])
        #expect(throws: TaskSplitError.taskCount(11, classes: 10)) { try TaskSplit.equalParts(11, ofClasses: 10) }
        #expect(throws: TaskSplitError.taskCount(0, classes: 10)) { try TaskSplit.equalParts(0, ofClasses: 10) }
        #expect(throws: TaskSplitError.emptyTask(1)) { try TaskSplit([[0], []]) }
        #expect(throws: TaskSplitError.repeatedClass("0", first: 0, second: 1)) { try TaskSplit([[0], [0]]) }
    }

    /// Known answers of SplitMix64 from seed 1234567 (Vigna's reference program), and a fixed order.
    @Test func randomOrder() {
        var generator = SplitMix64(state: 1_234_567)
        #expect([generator.next(), generator.next()] == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973])
        let order = TaskSplit.randomOrder(ofClasses: 100, seed: 3)
        #expect(order.sorted() == Array(0..<100))
        #expect(order == TaskSplit.randomOrder(ofClasses: 100, seed: 3))
        #expect(order != TaskSplit.randomOrder(ofClasses: 100, seed: 4))
        // Every class comes first about equally often: 600 expected each, standard deviation 22, bound 5 of them.
        var first = [Int](repeating: 0, count: 5)
        for seed in 0..<3000 as Range<UInt64> { first[TaskSplit.randomOrder(ofClasses: 5, seed: seed)[0]] += 1 }
        #expect(first.allSatisfy { abs($0 - 600) < 110 })
    }

    @Test func lists() throws {
        let folder = try TemporaryFolder()
        let names = ["cat", "dog", "ship"]
        func split(_ text: String) throws -> [[Int]] {
            try TaskSplit(contentsOf: folder.file("tasks.json", Array(text.utf8)), classNames: names).tasks
        }
        func error(_ text: String) -> String {
            #expect(throws: FeatureDataError.self) { try split(text) }?.description ?? ""
        }
        #expect(try split("[[\"ship\"], [\"dog\", \"cat\"]]") == [[2], [1, 0]])
        #expect(error("[[\"ship\"], [\"bird\"]]").contains("tasks.json: task 1 names the unknown class 'bird'"))
        #expect(error("[[\"ship\"], [\"ship\"]]").contains("the class 'ship' is in task 0 and again in task 1"))
        #expect(error("[[\"ship\"], []]").contains("task 1 has no classes"))
        #expect(error("[\"ship\"]").contains("task 0 is a text"))
        #expect(error("[]").contains("expected a JSON list"))
        #expect(error("[[1]]").contains("task 0 holds a number"))
        #expect(error("[[").contains("is not JSON"))
    }
}
