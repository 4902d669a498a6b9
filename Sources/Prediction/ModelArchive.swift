import FeatureData
import Foundation
import Matrices

/// A model as one file: named tensors, the learning method, its configuration and the class names.
///
/// The file is a safetensors file whose tensors keep their readable names, so that Python reads them with
/// `safetensors.numpy.load_file(path)`; everything else is JSON in its metadata:
///
/// | key | value |
/// |---|---|
/// | `credence_format` | the format's version: 1, or 2 with attachments |
/// | `method` | the head's method, such as `clap` |
/// | `class_names` | JSON list |
/// | `configuration` | JSON, what the head needs beside its tensors |
/// | `attachments` | JSON object, only in format 2: what was added to the model afterwards, such as its calibration |
/// | `fingerprint` | of all tensors and all of the above |
public struct ModelArchive: Sendable {
    /// The newest format that this version reads; it writes 1 where there are no attachments.
    public static let currentFormatVersion = 2

    /// The learning method; see `ArchivableHead.method`.
    public var method: String
    public var classNames: [String]
    /// JSON text: what the head needs beside its tensors. `setConfiguration` and `configuration(as:)` convert values.
    public var configurationJSON: String
    public var tensors: [String: ArchivedTensor]
    /// JSON texts by name, beside what the head itself needs; see `attach`.
    public var attachments: [String: String] = [:]
    /// The file that the archive was read from, for messages.
    public package(set) var url: URL?

    public init(method: String, classNames: [String], tensors: [String: ArchivedTensor] = [:]) {
        self.method = method
        self.classNames = classNames
        self.tensors = tensors
        configurationJSON = "{}"
    }

    /// Stores a value as the configuration, with sorted keys so that equal values give equal bytes.
    public mutating func setConfiguration(_ value: some Encodable) throws { configurationJSON = try Self.json(value) }

    /// Stores a value under a name, beside what the head itself needs.
    public mutating func attach(_ value: some Encodable, as name: String) throws { attachments[name] = try Self.json(value) }

    /// The value stored under a name; `nil` where there is none.
    ///
    /// - Throws: `ModelArchiveError.metadata` naming what is missing or of another type.
    public func attachment<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        guard let text = attachments[name] else { return nil }
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw ModelArchiveError.metadata(
                file: path, key: "attachments", reason: "has a bad '\(name)': \(Self.reason(error))")
        }
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The configuration as a value.
    ///
    /// - Throws: `ModelArchiveError.configuration` naming what is missing or of another type.
    public func configuration<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(configurationJSON.utf8))
        } catch {
            throw ModelArchiveError.configuration(file: path, reason: Self.reason(error))
        }
    }

    private static func reason(_ error: any Error) -> String {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : " in " + context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context): return "'\(key.stringValue)' is missing\(place(context))"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            return "expected \(type)\(place(context))"
        case .dataCorrupted(let context): return context.debugDescription + place(context)
        default: return "\(error)"
        }
    }

    /// The file for messages.
    package var path: String { url?.relativePath ?? "(model in memory)" }
}

extension ModelArchive {
    /// Writes the file, complete or not at all. The same archive gives the same bytes.
    ///
    /// - Throws: `FeatureDataError` (`cannotWrite`, `inputOutput`).
    public func write(to url: URL) throws {
        let writer = try SafetensorsWriter(
            to: url, tensors: tensors.map { TensorDeclaration($0, $1.elementType, $1.shape) },
            metadata: try metadata(fingerprint: fingerprint(at: url)))
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            switch tensor.values {
            case .single(let matrix): try writer.append(matrix, to: name)
            case .double(let matrix): try writer.append(matrix, to: name)
            case .integers(let integers): try writer.append(integers, to: name)
            }
        }
        try writer.finish()
    }

    /// Reads a model file and verifies its fingerprint: every byte is read once, at about the speed of a checksum.
    ///
    /// - Throws: `FeatureDataError` where the file is missing or no safetensors file; `ModelArchiveError` where it is no
    ///   model, of a newer format, or changed since it was written.
    public init(contentsOf url: URL) throws {
        let file = try SafetensorsFile(contentsOf: url)
        let path = url.relativePath
        guard let versionText = file.metadata["credence_format"] else { throw ModelArchiveError.notAModel(file: path) }
        guard let version = Int(versionText), version >= 1 else {
            throw ModelArchiveError.metadata(
                file: path, key: "credence_format", reason: "is '\(versionText)', expected a version from 1")
        }
        guard version <= Self.currentFormatVersion else {
            throw ModelArchiveError.newerFormat(file: path, found: version, supported: Self.currentFormatVersion)
        }
        func text(_ key: String) throws -> String {
            guard let text = file.metadata[key] else {
                throw ModelArchiveError.metadata(file: path, key: key, reason: "is missing")
            }
            return text
        }
        method = try text("method")
        configurationJSON = try text("configuration")
        let names = try text("class_names")
        do {
            classNames = try JSONDecoder().decode([String].self, from: Data(names.utf8))
        } catch {
            throw ModelArchiveError.metadata(file: path, key: "class_names", reason: "is not a JSON list of texts")
        }
        guard Set(classNames).count == classNames.count else {
            throw ModelArchiveError.metadata(file: path, key: "class_names", reason: "lists a class twice")
        }
        if let text = file.metadata["attachments"] {
            guard let found = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) else {
                throw ModelArchiveError.metadata(file: path, key: "attachments", reason: "is not a JSON object of texts")
            }
            attachments = found
        }
        self.url = url
        tensors = [:]
        let stored = try text("fingerprint")
        let found = fingerprint(of: file.tensors)
        guard stored == found else { throw ModelArchiveError.fingerprint(file: path, stored: stored, found: found) }
        for tensor in file.tensors { tensors[tensor.name] = try ArchivedTensor(tensor) }
    }

    private func metadata(fingerprint: String) throws -> [String: String] {
        var metadata = [
            "credence_format": attachments.isEmpty ? "1" : "2",
            "method": method,
            "class_names": classNamesJSON,
            "configuration": configurationJSON,
            "fingerprint": fingerprint,
        ]
        if !attachments.isEmpty { metadata["attachments"] = try Self.json(attachments) }
        return metadata
    }

    private var classNamesJSON: String { "[" + classNames.map(\.asJSON).joined(separator: ",") + "]" }

    /// Of all tensors and texts as they are stored: a checksum that tells archives apart, 16 hexadecimal digits.
    ///
    /// - Throws: `FeatureDataError.badData` for a number that its tensor's element type cannot hold.
    public func fingerprint() throws -> String { try fingerprint(at: url ?? URL(filePath: path)) }

    /// Of the bytes as they will be stored.
    private func fingerprint(at url: URL) throws -> String {
        var fingerprint = Fingerprint()
        addTexts(to: &fingerprint)
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            fingerprint.add("\(name) \(tensor.elementType.rawValue) \(tensor.shape)")
            try tensor.withStoredBytes(of: name, at: url) { fingerprint.add($0) }
        }
        return fingerprint.description
    }

    private func fingerprint(of stored: [StoredTensor]) -> String {
        var fingerprint = Fingerprint()
        addTexts(to: &fingerprint)
        for tensor in stored.sorted(by: { $0.name < $1.name }) {
            fingerprint.add("\(tensor.name) \(tensor.elementType.rawValue) \(tensor.shape)")
            tensor.withUnsafeBytes { fingerprint.add($0) }
        }
        return fingerprint.description
    }

    private func addTexts(to fingerprint: inout Fingerprint) {
        for text in [method, classNamesJSON, configurationJSON] { fingerprint.add(text) }
        for (name, text) in attachments.sorted(by: { $0.key < $1.key }) {
            fingerprint.add(name)
            fingerprint.add(text)
        }
    }
}

/// A head that can be saved and restored with nothing lost: the same posterior, bit by bit.
public protocol ArchivableHead: DescribedHead {
    /// The name of the learning method in model files, such as `clap`.
    static var method: String { get }
    func archive() throws -> ModelArchive
    /// - Throws: `ModelArchiveError` for missing tensors and wrong shapes.
    init(archive: ModelArchive) throws
}
