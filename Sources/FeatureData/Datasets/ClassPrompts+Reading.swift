// Reading class prompts: `text_features` [C, P, D] or [C, D], class names, templates and the logit scale.
import Foundation
import Matrices

extension ClassPrompts {
    /// CLIP's logit scale after training, where a file does not say.
    public static let defaultLogitScale: Float = 100

    /// Reads a text file: safetensors with its names in the metadata, or `.npy` or `.npz` with `class_names.json` or
    /// `class_names.txt` beside it.
    ///
    /// - Parameters:
    ///   - normalizing: whether each prompt's feature is scaled to unit length.
    ///   - given: the class names where the file has none; those that it has must be the same.
    /// - Throws: `FeatureDataError`: also for zero, NaN and infinite rows, names that are missing, empty or double.
    public init(contentsOf url: URL, normalizing: Bool = true, classNames given: [String]? = nil) throws {
        let file = try TensorFile(contentsOf: url)
        let tensor = try file.tensor(named: ["text_features"])
        try Self.check(tensor)
        let classes = tensor.shape[0]
        let prompts = tensor.shape.count == 3 ? tensor.shape[1] : 1
        let names = try ClassNames.of(file, beside: url, given: given)
        guard names.list.count == classes else {
            throw tensor.error("has \(classes) classes, but \(names.source) lists \(names.list.count) class names")
        }
        let rows = try FeatureRows(
            [.init(features: tensor.reshaped([classes * prompts, tensor.columns]))], normalizing: normalizing,
            classCount: nil)
        let all = try rows.block(0..<rows.count).features
        self.init(
            classNames: names.list,
            features: (0..<classes).map { all.rows($0 * prompts..<($0 + 1) * prompts) },
            logitScale: try Self.logitScale(file),
            templates: try ClassNames.list("templates", in: file) ?? [])
    }

    /// - Throws: unless the tensor has a type and shape that text features may have.
    static func check(_ tensor: StoredTensor) throws {
        guard tensor.elementType.isFloatingPoint else {
            throw tensor.error("has the type \(tensor.elementType.rawValue), expected F16, BF16, F32 or F64")
        }
        guard tensor.shape.count == 2 || tensor.shape.count == 3, tensor.count > 0 else {
            throw tensor.error("has the shape \(tensor.shape), expected [classes, prompts, D] or [classes, D]")
        }
    }

    static func logitScale(_ file: TensorFile) throws -> Float {
        guard let text = file.metadata["logit_scale"] else { return defaultLogitScale }
        guard let scale = Float(text), scale.isFinite, scale > 0 else {
            throw FeatureDataError(.badData, file.url, "logit_scale is '\(text)', expected a number above 0")
        }
        return scale
    }
}

/// Where class names come from, and the checks on them.
enum ClassNames {
    /// The names in the file's metadata or, failing that, in a list beside it. Where both exist they must agree.
    static func of(
        _ file: TensorFile, beside url: URL, given: [String]? = nil
    ) throws -> (list: [String], source: String) {
        let inside = try list("class_names", in: file)
        if let given {
            try check(given, file.url)
            if let inside, inside != given {
                throw FeatureDataError(.badData, file.url, "the class names in its metadata differ from those given")
            }
            return (given, "what was given")
        }
        let beside = try listBeside(url)
        if let inside {
            if let beside, beside.list != inside {
                throw FeatureDataError(
                    .badData, beside.url, "the class names differ from those in \(file.url.lastPathComponent)")
            }
            try check(inside, file.url)
            return (inside, "its metadata")
        }
        guard let beside else {
            throw FeatureDataError(
                .badData, file.url,
                "has no class names: expected a JSON list under 'class_names' in its metadata, or a file class_names.json "
                    + "or class_names.txt beside it")
        }
        try check(beside.list, beside.url)
        return (beside.list, beside.url.relativePath)
    }

    /// A JSON list of texts in the metadata, or nil where there is none.
    static func list(_ key: String, in file: TensorFile) throws -> [String]? {
        guard let text = file.metadata[key] else { return nil }
        guard let list = parse(text) else {
            throw FeatureDataError(.badData, file.url, "the metadata '\(key)' is not a JSON list of texts")
        }
        return list
    }

    /// `class_names.json` or `class_names.txt` (one name a line) in the same folder.
    static func listBeside(_ url: URL) throws -> (list: [String], url: URL)? {
        let folder = url.deletingLastPathComponent()
        let json = folder.appending(path: "class_names.json")
        if json.exists { return (try read(json), json) }
        let text = folder.appending(path: "class_names.txt")
        return text.exists ? (try read(text), text) : nil
    }

    /// A list of names: JSON, or one name a line (empty lines at the end do not count).
    static func read(_ url: URL) throws -> [String] {
        let file = try MappedFile(url)
        guard file.byteCount <= 1 << 26 else {
            throw FeatureDataError(.badData, url, "a list of names with \(file.byteCount) bytes, at most 64 MiB are read")
        }
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            throw FeatureDataError(.badData, url, "is not UTF-8 text")
        }
        if url.pathExtension == "json" {
            guard let list = parse(text) else { throw FeatureDataError(.badData, url, "is not a JSON list of texts") }
            return list
        }
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    static func check(_ names: [String], _ url: URL) throws {
        guard !names.isEmpty else { throw FeatureDataError(.badData, url, "the list of class names is empty") }
        var seen: [String: Int] = [:]
        for (index, name) in names.enumerated() {
            guard !name.isEmpty else { throw FeatureDataError(.badData, url, "class \(index) has an empty name") }
            if let first = seen.updateValue(index, forKey: name) {
                throw FeatureDataError(.badData, url, "classes \(first) and \(index) have the same name '\(name)'")
            }
        }
    }

    static func parse(_ text: String) -> [String]? {
        var text = text
        return text.withUTF8 { utf8 in
            guard let json = try? StrictJSON.parse(UnsafeRawBufferPointer(utf8)), case .array(let values) = json else {
                return nil
            }
            var list: [String] = []
            for case .string(let text) in values { list.append(text) }
            return list.count == values.count ? list : nil
        }
    }
}

extension URL {
    var exists: Bool { FileManager.default.fileExists(atPath: path) }
}
