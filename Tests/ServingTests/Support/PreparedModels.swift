import FeatureData
import Foundation
import Matrices
import TestSupport

/// Models made by the command line once for all tests: calibrated, with prediction sets and a novelty detector.
struct PreparedModels: Sendable {
    /// Removed with the process's last test.
    let folder: TemporaryFolder
    /// A CLAP head of ten classes.
    let model: URL
    /// The same data learnt by another method, for reloads.
    let other: URL
    /// Test rows as they lie in the file, and of unit length.
    let raw: Matrix<Float>
    let rows: Matrix<Float>

    static let data = Golden.packageRoot.appending(path: "Examples/Data/fashion-mnist-mini")
    static var features: URL { data.appending(path: "test.safetensors") }

    private static let prepared = Result { try PreparedModels() }
    static func get() throws -> PreparedModels { try prepared.get() }

    private init() throws {
        folder = try TemporaryFolder()
        model = folder.path("model.safetensors")
        other = folder.path("other.safetensors")
        let data = Self.data.path
        try Self.credence("learn", "--model", model.path, "--data", data, "--epochs", "1", "--quiet")
        try Self.credence("calibrate", "--model", model.path, "--data", data, "--method", "temperature", "--quiet")
        try Self.credence("novelty", "fit", "--model", model.path, "--data", data, "--quiet")
        try Self.credence("learn", "--model", other.path, "--data", data, "--method", "linear", "--epochs", "1", "--quiet")
        raw = try SafetensorsFile(contentsOf: Self.features).matrix("image_features")
        rows = try FeatureRows(files: [Self.features]).load().features
    }

    @discardableResult
    static func credence(_ arguments: String...) throws -> String {
        let result = try runCommand(arguments)
        guard result.status == 0 else { throw CommandFailed(what: "\(arguments): \(result.stderr)") }
        return result.stdout
    }

    struct CommandFailed: Error {
        var what: String
    }
}

extension Matrix<Float> {
    /// Rows as the body of a request.
    var jsonBody: String {
        "{\"rows\":[" + (0..<rows).map { "[" + row($0).map { "\($0)" }.joined(separator: ",") + "]" }.joined(separator: ",")
            + "]}"
    }

    /// Rows as a `.npy` file, version 1.
    var npyBody: [UInt8] {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        var bytes: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]
        bytes += [UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)]
        bytes += Array(header.utf8)
        for value in elements { withUnsafeBytes(of: value) { bytes += Array($0) } }
        return bytes
    }
}

extension Matrix<Float> {
    /// The first columns of every row.
    func firstColumns(_ count: Int) -> Matrix {
        Matrix(rows: rows, columns: count, elements: (0..<rows).flatMap { row($0).prefix(count) })
    }
}
