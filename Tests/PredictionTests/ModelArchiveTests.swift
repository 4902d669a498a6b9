import FeatureData
import Foundation
import Matrices
@testable import Prediction
import TestSupport
import Testing

@Suite struct ModelArchiveTests {
    struct Settings: Codable, Equatable {
        var epochs: Int
        var rate: Double
        var tasks: [[String]]
        var seed: UInt64
    }

    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private let settings = Settings(epochs: 5, rate: 0.1, tasks: [["cat"], ["dog/\"x\""]], seed: .max)

    private func sample() throws -> ModelArchive {
        var archive = ModelArchive(method: "sample", classNames: ["cat", "dog/\"x\"", "grün"])
        try archive.setConfiguration(settings)
        archive.tensors["weight"] = .init(Matrix<Float>(rows: 2, columns: 3, elements: [1, -2, .pi, 4, 5, .leastNonzeroMagnitude]))
        archive.tensors["cube"] = .init(Matrix<Float>(rows: 6, columns: 2, repeating: 0.5), shape: [2, 3, 2], as: .float16)
        archive.tensors["double"] = .init(Matrix<Double>(rows: 1, columns: 2, elements: [.pi, -0.1]))
        archive.tensors["labels"] = .init([3, -1, Int.max])
        archive.tensors["small"] = .init([3, 1], as: .int32)
        archive.tensors["bias"] = .init(vector: [1, 2])
        archive.tensors["empty"] = .init(Matrix<Float>(rows: 0, columns: 4))
        return archive
    }

    @Test func roundTrip() throws {
        let url = folder.path("model.safetensors")
        try sample().write(to: url)
        let archive = try ModelArchive(contentsOf: url)
        #expect(archive.method == "sample" && archive.classNames == ["cat", "dog/\"x\"", "grün"])
        #expect(try archive.configuration(as: Settings.self) == settings)
        #expect(try archive.matrix("weight", rows: 2, columns: 3).elements.map(\.bitPattern) == [1, -2, Float.pi, 4, 5, .leastNonzeroMagnitude].map(\.bitPattern))
        #expect(try archive.tensor("cube").shape == [2, 3, 2])
        #expect(try archive.matrix("cube", rows: 6, columns: 2).elements == Array(repeating: 0.5, count: 12))
        #expect(try archive.doubleMatrix("double", columns: 2).elements == [.pi, -0.1])
        #expect(try archive.matrix("double").elements == [Float(Double.pi), -0.1])
        #expect(try archive.integers("labels", count: 3) == [3, -1, .max])
        #expect(try archive.vector("bias", count: 2) == [1, 2])
        #expect(try archive.matrix("empty", columns: 4).rows == 0)
        // What was read writes the same bytes again.
        try archive.write(to: folder.path("again"))
        #expect(try Data(contentsOf: folder.path("again")) == Data(contentsOf: url))
    }

    @Test func preciseErrors() throws {
        let url = folder.path("m")
        try sample().write(to: url)
        let archive = try ModelArchive(contentsOf: url)
        let path = url.relativePath
        #expect(throws: ModelArchiveError.missingTensor(file: path, tensor: "nothing")) { try archive.matrix("nothing") }
        #expect(throws: ModelArchiveError.shape(file: path, tensor: "weight", found: [2, 3], expected: "[any, 4]")) {
            try archive.matrix("weight", columns: 4)
        }
        #expect(throws: ModelArchiveError.elementType(file: path, tensor: "labels", expected: "floats")) {
            try archive.matrix("labels")
        }
        #expect(throws: ModelArchiveError.elementType(file: path, tensor: "weight", expected: "integers")) {
            try archive.integers("weight")
        }
        #expect(throws: ModelArchiveError.wrongMethod(file: path, found: "sample", expected: "clap")) {
            try archive.require(method: "clap")
        }
        struct Other: Codable { var layers: Int }
        let error = #expect(throws: ModelArchiveError.self) { try archive.configuration(as: Other.self) }
        #expect(error?.description == "\(path): damaged model: configuration: 'layers' is missing")
    }

    /// A model file with one metadata entry changed or, with nil, left out.
    private func file(changing key: String, to value: String?) throws -> URL {
        let url = folder.path("m")
        try sample().write(to: url)
        let file = try SafetensorsFile(contentsOf: url)
        var metadata = file.metadata
        metadata[key] = value
        let changed = folder.path("changed")
        let writer = try SafetensorsWriter(
            to: changed, tensors: file.tensors.map { .init($0.name, $0.elementType, $0.shape) }, metadata: metadata)
        for tensor in file.tensors {
            if tensor.elementType.isFloatingPoint {
                try writer.append(tensor.matrix(of: Double.self), to: tensor.name)
            } else {
                try writer.append(tensor.integers(), to: tensor.name)
            }
        }
        try writer.finish()
        return changed
    }

    @Test(arguments: [
        ("credence_format", "3", "is a model of format 3, this version reads up to 2"),
        ("credence_format", nil, "is not a credence model"),
        ("credence_format", "one", "'credence_format' in the metadata is 'one'"),
        ("credence_format", "0", "'credence_format' in the metadata is '0'"),
        ("method", nil, "'method' in the metadata is missing"),
        ("method", "other", "has the fingerprint"),
        ("configuration", nil, "'configuration' in the metadata is missing"),
        ("configuration", "{}", "has the fingerprint"),
        ("class_names", "[\"cat\",\"cat\"]", "lists a class twice"),
        ("class_names", "cat", "is not a JSON list of texts"),
        ("fingerprint", nil, "'fingerprint' in the metadata is missing"),
        ("fingerprint", "0123456789abcdef", "expected 0123456789abcdef"),
    ] as [(String, String?, String)])
    func changedMetadata(key: String, value: String?, expected: String) throws {
        let url = try file(changing: key, to: value)
        let error = #expect(throws: ModelArchiveError.self) { try ModelArchive(contentsOf: url) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix(url.relativePath) == true)
    }

    /// Every single flipped bit of the whole file is refused.
    @Test func flippedBits() throws {
        let url = folder.path("m")
        var archive = ModelArchive(method: "m", classNames: ["a"])
        archive.tensors["w"] = .init(Matrix<Float>(rows: 3, columns: 5, repeating: 0.25), as: .float16)
        archive.attachments["note"] = "[1,2]"
        try archive.write(to: url)
        let whole = [UInt8](try Data(contentsOf: url))
        let spaces = whole.indices.filter { whole[$0] == 0x20 }
        for index in whole.indices {
            for bit in 0..<8 as Range<UInt8> {
                var bytes = whole
                bytes[index] ^= 1 << bit
                let damaged = try folder.file("damaged", bytes)
                // Padding may become other white space, which changes nothing.
                if spaces.contains(index), [0x0a, 0x0d, 0x09].contains(bytes[index]) { continue }
                #expect(throws: (any Error).self, "bit \(bit) of byte \(index)") { try ModelArchive(contentsOf: damaged) }
            }
        }
    }

    @Test func otherFiles() throws {
        let error = #expect(throws: ModelArchiveError.self) {
            try ModelArchive(contentsOf: FeatureDataFolder.example.appending(path: "train.safetensors"))
        }
        #expect(error?.description.hasSuffix("is not a credence model: its metadata has no 'credence_format'") == true)
        let missing = #expect(throws: FeatureDataError.self) { try ModelArchive(contentsOf: folder.path("none")) }
        #expect(missing?.kind == .inputMissing)
        var tooLarge = ModelArchive(method: "m", classNames: [])
        tooLarge.tensors["w"] = .init(Matrix<Float>(rows: 1, columns: 1, repeating: 1e9), as: .float16)
        let unfit = #expect(throws: FeatureDataError.self) { try tooLarge.write(to: folder.path("m")) }
        #expect(unfit?.description.contains("m: tensor 'w': element 0 is 1e+09, which F16 cannot hold") == true)
        #expect(folder.names.isEmpty)
    }
}
