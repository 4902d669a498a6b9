import FeatureData
import Foundation
import Matrices
import Prediction
import TestSupport
import Testing

/// Input that is missing, damaged or does not fit: one line on standard error that names it, the right exit code, and
/// nothing written.
@Suite struct BadInputTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func expectFailure(
        _ status: Int32, _ words: [String], _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = folder.names
        let result = try CommandLineTool.run(arguments)
        #expect(result.status == status, "\(result.errors)", sourceLocation: sourceLocation)
        #expect(result.output == "", sourceLocation: sourceLocation)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
        for word in words {
            #expect(result.errors.contains(word), "'\(word)' in: \(result.errors)", sourceLocation: sourceLocation)
        }
        #expect(folder.names == before, sourceLocation: sourceLocation)
    }

    private var model: String { folder.path("m.safetensors").path }

    /// Learns two classes into `model`.
    private func makeModel() throws {
        let result = try CommandLineTool.run(
            "learn", "--quiet", "--model", model, "--data", CommandLineTool.data, "--method", "linear", "--classes",
            "dress,coat", "--epochs", "1")
        try #require(result.status == 0, "\(result.errors)")
    }

    @Test func missingFiles() throws {
        try expectFailure(66, ["nowhere"], ["data", "inspect", folder.path("nowhere").path])
        try expectFailure(66, ["nowhere"], ["learn", "--model", model, "--data", folder.path("nowhere").path])
        try expectFailure(66, ["m.safetensors", "no such file"], ["inspect", model])
        try makeModel()
        try expectFailure(
            66, ["rows.safetensors", "no such file"],
            ["classify", "--model", model, "--features", folder.path("rows.safetensors").path])
        try expectFailure(
            66, ["names.txt", "no such file"],
            [
                "learn", "--model", model, "--data", CommandLineTool.data, "--classes-file",
                folder.path("names.txt").path,
            ])
    }

    @Test func emptyAndTruncatedFiles() throws {
        try makeModel()
        let empty = try folder.file("empty.safetensors", [])
        try expectFailure(65, ["empty.safetensors"], ["classify", "--model", model, "--features", empty.path])
        try expectFailure(65, ["empty.safetensors"], ["inspect", empty.path])
        for size in [7, 100, 5000] {
            let bytes = try Data(contentsOf: URL(filePath: CommandLineTool.data + "/test.safetensors"))
            let cut = try folder.file("cut.safetensors", Array(bytes.prefix(size)))
            try expectFailure(65, ["cut.safetensors"], ["classify", "--model", model, "--features", cut.path])
            let whole = try Data(contentsOf: URL(filePath: model))
            let half = try folder.file("half.safetensors", Array(whole.prefix(size)))
            try expectFailure(65, ["half.safetensors"], ["inspect", half.path])
        }
    }

    @Test func aChangedModelIsRefused() throws {
        try makeModel()
        var bytes = Array(try Data(contentsOf: URL(filePath: model)))
        bytes[bytes.count - 100] ^= 1
        let changed = try folder.file("changed.safetensors", bytes)
        try expectFailure(65, ["changed.safetensors", "damaged"], ["inspect", changed.path])
    }

    @Test func aModelOfANewerVersionIsRefused() throws {
        try makeModel()
        var bytes = Array(try Data(contentsOf: URL(filePath: model)))
        let key = Array("\"credence_format\":\"1\"".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: key) })
        bytes[place + key.count - 2] = UInt8(ascii: "9")
        let newer = try folder.file("newer.safetensors", bytes)
        try expectFailure(65, ["newer.safetensors", "9"], ["inspect", newer.path])
        try expectFailure(65, ["newer.safetensors"], ["learn", "--model", newer.path, "--data", CommandLineTool.data])
    }

    @Test func rowsOfAnotherLength() throws {
        try makeModel()
        let rows = folder.path("short.safetensors")
        let writer = try SafetensorsWriter(to: rows, tensors: [TensorDeclaration("image_features", .float32, [2, 3])])
        try writer.append(Matrix<Float>([[1, 0, 0], [0, 1, 0]]), to: "image_features")
        try writer.finish()
        try expectFailure(
            65, ["short.safetensors", "length 3", "512"], ["classify", "--model", model, "--features", rows.path])
    }

    @Test func rowsThatAreNoFeatures() throws {
        try makeModel()
        for (value, word) in [(Float.nan, "NaN"), (.infinity, "infinite"), (0, "zero")] {
            var features = Matrix<Float>(rows: 3, columns: 512, repeating: 1)
            for column in 0..<512 { features[1, column] = value }
            let rows = folder.path("bad.safetensors")
            let writer = try SafetensorsWriter(
                to: rows, tensors: [TensorDeclaration("image_features", .float32, [3, 512])])
            try writer.append(features, to: "image_features")
            try writer.finish()
            let output = folder.path("p.csv").path
            try expectFailure(
                65, ["bad.safetensors", "image_features", "row 1", word],
                ["classify", "--model", model, "--features", rows.path, "--output", output])
        }
    }

    /// `data inspect` tells what is there and what is wrong with it.
    @Test func inspectingDamagedData() throws {
        let bytes = try Data(contentsOf: URL(filePath: CommandLineTool.data + "/test.safetensors"))
        let cut = try folder.file("cut.safetensors", Array(bytes.prefix(5000)))
        let result = try CommandLineTool.run("data", "inspect", cut.path)
        #expect(result.status == 65)
        #expect(result.output.contains("problem: "))
        #expect(result.errors.contains("cut.safetensors"))
        #expect(result.errors.split(separator: "\n").count == 1)
        let sound = try CommandLineTool.run("data", "inspect", CommandLineTool.data, "--json")
        #expect(sound.status == 0)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(sound.output.utf8)) as? [String: Any])
        #expect((json["class_names"] as? [String])?.count == 10)
        #expect((json["files"] as? [Any])?.count == 3)
    }

    @Test func classesThatCannotBeLearnt() throws {
        try makeModel()
        let learn = ["learn", "--model", model, "--data", CommandLineTool.data, "--classes"]
        try expectFailure(65, ["already knows", "'dress'"], learn + ["sandal,dress"])
        try expectFailure(65, ["'unicorn'"], learn + ["unicorn"])
        try expectFailure(65, ["'sandal'", "twice"], learn + ["sandal,sandal"])
        try expectFailure(65, ["no class"], learn + [","])
    }

    @Test func aModelKeepsItsMethodAndRecipe() throws {
        try makeModel()
        let learn = ["learn", "--model", model, "--data", CommandLineTool.data]
        for (option, value) in [("--method", "clap"), ("--epochs", "3"), ("--budget", "7")] {
            let result = try CommandLineTool.run(learn + [option, value])
            #expect(result.status == 64)
            #expect(result.errors.contains(option))
        }
    }

    @Test func outputsThatCannotBeWritten() throws {
        try makeModel()
        let nowhere = folder.path("no/such/folder").path
        try expectFailure(73, ["no/such/folder"], ["learn", "--model", nowhere, "--data", CommandLineTool.data])
        try expectFailure(
            73, ["no/such/folder.csv"],
            [
                "classify", "--model", model, "--features", CommandLineTool.data + "/test.safetensors", "--output",
                nowhere + ".csv",
            ])
        try expectFailure(
            73, ["m.safetensors"],
            ["benchmark", "--data", CommandLineTool.data, "--output", model + "/out", "--method", "linear"])
    }

    /// `/dev/full` takes no byte, like a disk without room.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "this system has no /dev/full"))
    func aFullDisk() throws {
        try makeModel()
        try expectFailure(
            74, ["/dev/full"],
            [
                "classify", "--model", model, "--features", CommandLineTool.data + "/test.safetensors", "--output",
                "/dev/full", "--format", "csv",
            ])
    }
}
