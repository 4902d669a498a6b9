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

    /// Rows as a `.npy` file.
    var npyBody: [UInt8] {
        NumPyBytes.npy("<f4", [rows, columns], data: elements.withUnsafeBytes { Array($0) })
    }
}

extension Matrix<Float> {
    /// The first columns of every row.
    func firstColumns(_ count: Int) -> Matrix {
        Matrix(rows: rows, columns: count, elements: (0..<rows).flatMap { row($0).prefix(count) })
    }
}
