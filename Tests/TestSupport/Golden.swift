import FeatureData
import Foundation
import Matrices

/// The golden data: numbers of reference implementations, one safetensors file a case.
///
/// Looked for in the folder that `GOLDEN_DIR` names, else in `../shared/golden` beside the package, else in
/// `Tests/Golden`, a small selection that comes with the package.
public enum Golden {
    /// The package's root folder.
    public static let packageRoot = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    public static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["GOLDEN_DIR"], !path.isEmpty {
            return URL(filePath: path, relativeTo: packageRoot.appending(path: "/")).absoluteURL
        }
        let shared = packageRoot.deletingLastPathComponent().appending(path: "shared/golden")
        return shared.isFolder ? shared : packageRoot.appending(path: "Tests/Golden")
    }()

    /// The names, without extension, of the cases of a group ("clap", "metrics", …) that start with `prefix`, sorted.
    public static func cases(_ group: String, prefix: String = "") -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: group).path)) ?? []
        return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".safetensors") }
            .map { String($0.dropLast(".safetensors".count)) }.sorted()
    }

    /// Whether a case is there, for `.enabled(if:)`.
    public static func has(_ group: String, _ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: "\(group)/\(name).safetensors").path)
    }

    public static func load(_ group: String, _ name: String) throws -> GoldenCase {
        try GoldenCase(SafetensorsFile(contentsOf: folder.appending(path: "\(group)/\(name).safetensors")))
    }
}

/// One golden file: its tensors, and the JSON object in its metadata.
public struct GoldenCase {
    public let file: SafetensorsFile
    /// The case's hyper-parameters: JSON values as Foundation reads them.
    public let settings: [String: Any]

    public init(_ file: SafetensorsFile) throws {
        self.file = file
        let json = file.metadata["json"] ?? "{}"
        settings = try JSONSerialization.jsonObject(with: Data(Self.withoutNaN(json).utf8)) as? [String: Any] ?? [:]
    }

    /// Python writes NaN and Infinity as values, which JSON does not have: they become null.
    private static func withoutNaN(_ json: String) -> String {
        json.replacingOccurrences(
            of: #"(?<=[:,\[]|: |, )(NaN|-?Infinity)(?=\s*[,\]}])"#, with: "null", options: .regularExpression)
    }

    public var names: [String] { file.tensors.map(\.name) }
    public func has(_ name: String) -> Bool { file.contains(name) }
    public func shape(_ name: String) throws -> [Int] { try file.tensor(name).shape }

    /// All dimensions but the last together are the rows; `[n]` is `[1, n]`.
    public func matrix<Scalar: MatrixScalar>(_ name: String, of type: Scalar.Type = Scalar.self) throws -> Matrix<Scalar> {
        try file.matrix(name, of: type)
    }

    public func values<Scalar: MatrixScalar>(_ name: String, of type: Scalar.Type = Scalar.self) throws -> [Scalar] {
        try file.tensor(name).values(of: type)
    }

    public func scalar<Scalar: MatrixScalar>(_ name: String, of type: Scalar.Type = Scalar.self) throws -> Scalar {
        try file.tensor(name).scalar(of: type)
    }

    public func integers(_ name: String) throws -> [Int] { try file.integers(name) }

    public func int(_ key: String) -> Int? { (settings[key] as? NSNumber)?.intValue }
    public func double(_ key: String) -> Double? { (settings[key] as? NSNumber)?.doubleValue }
    public func bool(_ key: String) -> Bool? { (settings[key] as? NSNumber)?.boolValue }
    public func string(_ key: String) -> String? { settings[key] as? String }
    public func ints(_ key: String) -> [Int]? { (settings[key] as? [NSNumber])?.map(\.intValue) }
    public func strings(_ key: String) -> [String]? { settings[key] as? [String] }
}

/// Real feature data: the folder that `FEATURE_DATA_DIR` names, else `../shared/data` beside the package.
public enum FeatureDataFolder {
    public static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["FEATURE_DATA_DIR"], !path.isEmpty {
            return URL(filePath: path, relativeTo: Golden.packageRoot.appending(path: "/")).absoluteURL
        }
        return Golden.packageRoot.deletingLastPathComponent().appending(path: "shared/data")
    }()

    public static func dataset(_ name: String) -> URL { folder.appending(path: name) }

    /// For `.enabled(if:)`.
    public static func has(_ name: String) -> Bool { dataset(name).isFolder }

    /// The set that comes with the package.
    public static let example = Golden.packageRoot.appending(path: "Examples/Data/fashion-mnist-mini")
}

extension URL {
    public var isFolder: Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
