@testable import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct DataValidationTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func rows(_ name: String, _ features: [[Float]], labels: [Int32]?, type: ElementType = .float32) throws {
        let matrix = Matrix<Float>(rows: features.count, columns: features.first?.count ?? 4, elements: features.flatMap { $0 })
        var tensors = [TensorDeclaration("image_features", type, [matrix.rows, matrix.columns])]
        if let labels { tensors.append(.init("labels", .int32, [labels.count])) }
        let writer = try SafetensorsWriter(to: folder.path(name), tensors: tensors)
        try writer.append(matrix, to: "image_features")
        if let labels { try writer.append(labels.map(Int.init), to: "labels") }
        try writer.finish()
    }

    private func text(_ features: [[Float]], metadata: [String: String]) throws {
        let writer = try SafetensorsWriter(
            to: folder.path("text.safetensors"), tensors: [.init("text_features", .float32, [features.count, features[0].count])],
            metadata: metadata)
        try writer.append(
            Matrix<Float>(rows: features.count, columns: features[0].count, elements: features.flatMap { $0 }), to: "text_features")
        try writer.finish()
    }

    private func finding(_ kind: DataFinding.Kind, in validation: DataValidation) throws -> DataFinding {
        let found = validation.findings.filter { $0.kind == kind }
        try #require(found.count == 1, "\(validation.findings.map(\.message))")
        return found[0]
    }

    @Test func theExampleIsSound() throws {
        let validation = try DataValidation(of: FeatureDataFolder.example)
        #expect(validation.findings.isEmpty)
        #expect(validation.groups.map(\.name) == ["train", "test"])
        #expect(validation.groups.map(\.rows) == [600, 400])
        #expect(validation.groups[0].duplicateRows == 0 && validation.groups[0].fewestRowsOfClass == 60)
        #expect(validation.text?.promptsPerClass == 8 && validation.text?.logitScale == 22.2479)
        let back = try JSONDecoder().decode(DataValidation.self, from: JSONEncoder().encode(validation))
        #expect(back == validation)
    }

    /// Everything that is wrong is told, with file, tensor and rows.
    @Test func allProblemsAreListed() throws {
        try rows(
            "train.safetensors", [[1, 2], [0, 0], [.nan, 1], [3, 4], [1, 2], [0, 0], [1e-6, 0]],
            labels: [0, 1, 2, 9, 1, -1, 0])
        try rows("test.safetensors", [[3, 4], [5, 6], [1, 2]], labels: [0, 1, 0])
        try text([[1, 0], [1, 0], [0, 1], [1, 1]], metadata: ["class_names": #"["a","b","c","d"]"#, "logit_scale": "4.6052"])
        let validation = try DataValidation(of: folder.url)
        let zero = try finding(.zeroRows, in: validation)
        #expect(zero.severity == .error && zero.count == 2 && zero.rows == [1, 5])
        #expect(zero.tensor == "image_features" && zero.file.hasSuffix("train.safetensors"))
        let nan = try finding(.nonFiniteRows, in: validation)
        #expect(nan.count == 1 && nan.rows == [2])
        let range = try finding(.labelRange, in: validation)
        #expect(range.count == 2 && range.rows == [3, 5] && range.message.contains("row 3 has 9, row 5 has -1"))
        let duplicate = try finding(.duplicateRows, in: validation)
        #expect(duplicate.severity == .warning && duplicate.rows == [4] && duplicate.message.contains("row 4 = row 0"))
        let shared = try finding(.sharedRows, in: validation)
        #expect(shared.count == 2 && shared.rows == [0, 2])
        #expect(shared.message.contains("row 0 = row 3 of train.safetensors, row 2 = row 0 of train.safetensors"))
        #expect(try finding(.contradictingLabels, in: validation).count == 2)
        #expect(try finding(.norms, in: validation).severity == .warning)
        #expect(try finding(.logitScale, in: validation).message.contains("logarithm"))
        #expect(try finding(.equalText, in: validation).message.contains("'b' as 'a'"))
        let empty = validation.findings.filter { $0.kind == .emptyClasses }
        #expect(empty.map(\.count) == [1, 2] && empty[0].message.contains("'d'"))
        #expect(validation.groups[0].zeroRows == 2 && validation.groups[0].nonFiniteRows == 1)
        expectClose(validation.groups[0].smallestNorm ?? 0, 1e-6, relative: 1e-6)
        #expect(validation.groups[0].largestNorm == 5)
        #expect(validation.errors.count == 3)
    }

    @Test func aFileWithoutRowsIsTold() throws {
        try rows("train.safetensors", [], labels: [])
        let validation = try DataValidation(of: folder.path("train.safetensors"))
        #expect(try finding(.noRows, in: validation).message.hasSuffix("has no rows, expected at least one"))
        #expect(validation.errors.isEmpty)
    }

    /// Numbers, not bytes, tell whether rows are equal: train and test may have different types.
    @Test func equalRowsOfDifferentTypes() throws {
        try rows("train.safetensors", [[1, 2], [2, 1]], labels: [0, 1], type: .float16)
        try rows("test.safetensors", [[2, 1]], labels: [1], type: .float64)
        try text([[1, 0], [0, 1]], metadata: ["class_names": #"["a","b"]"#, "logit_scale": "100"])
        let validation = try DataValidation(of: folder.url)
        #expect(try finding(.sharedRows, in: validation).message.contains("row 0 = row 1 of train.safetensors"))
        #expect(validation.findings.count { $0.kind != .sharedRows } == 1, "class a has no test rows")
        let without = try DataValidation(of: folder.url, findingDuplicates: false)
        #expect(without.findings.map(\.kind) == [.emptyClasses] && without.groups[0].duplicateRows == nil)
    }

    @Test func filesThatDoNotFit() throws {
        try rows("train-00000-of-00002.safetensors", [[1, 2]], labels: [0])
        try rows("test.safetensors", [[1, 2, 3]], labels: nil)
        try text([[1, 0], [0, 1]], metadata: ["class_names": #"["a","a"]"#])
        let validation = try DataValidation(of: folder.url)
        #expect(try finding(.missing, in: validation).message.contains("part 1 of 2"))
        #expect(try finding(.dimension, in: validation).message.contains("length 3, expected 2"))
        #expect(try finding(.classNames, in: validation).message.contains("the same name 'a'"))
        #expect(try finding(.logitScale, in: validation).severity == .warning)
    }

    @Test func damagedAndMissingFiles() throws {
        #expect(throws: FeatureDataError.self) { try DataValidation(of: folder.path("nothing")) }
        let empty = try DataValidation(of: folder.url)
        #expect(empty.errors.count == 2 && empty.groups.isEmpty)
        let bytes = try Data(contentsOf: FeatureDataFolder.example.appending(path: "train.safetensors"))
        for size in [0, 5, 100, 4000] {
            let cut = try folder.file("cut.safetensors", Array(bytes.prefix(size)))
            let validation = try DataValidation(of: cut)
            #expect(validation.errors.count == 1 && validation.errors[0].kind == .unreadable)
            #expect(validation.groups[0].rows == 0 && validation.groups[0].duplicateRows == 0)
        }
        let integers = folder.path("integers.npy")
        let writer = try NumPyWriter(to: integers, elementType: .int32, shape: [2, 2])
        try writer.append([1, 2, 3, 4])
        try writer.finish()
        #expect(try finding(.shape, in: DataValidation(of: integers)).message.contains("I32"))
    }

    @Test func progressMayStopIt() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) { try DataValidation(of: FeatureDataFolder.example) { _, _ in throw Stop() } }
        var last = (0, 0)
        _ = try DataValidation(of: FeatureDataFolder.example) { last = ($0, $1) }
        #expect(last == (1000, 1000))
    }
}
