import Foundation

/// Which files of a folder hold what. For each split, the first that is there of:
///
/// 1. `train.safetensors` with `image_features` and `labels`;
/// 2. `train-00000-of-00016.safetensors`, …: the same in parts, all of which must be there;
/// 3. `train.npz` with the same names;
/// 4. `train_image_features.npy` (or `train.image_features.npy`) with `train_labels.npy`; a type such as `.f16` may stand
///    before `.npy`. `image_features.npy` without a split's name is taken as `train`.
///
/// Text features: `text.safetensors`, `text.npz` or `text_features.npy`, the latter two with `class_names.json` or
/// `class_names.txt`. `test` stands for `train` in the same way.
struct DatasetLayout {
    struct SplitFiles {
        var features: [URL]
        /// Only where labels are in a file of their own.
        var labels: URL?
    }

    static let textNames = ["text.safetensors", "text.npz"]

    var splits: [Dataset.Split: SplitFiles] = [:]
    var text: URL?

    /// - Parameter wanted: the splits whose files are looked for.
    /// - Throws: `FeatureDataError`: the folder is missing, is none, or a part of a sharded set is missing.
    init(_ folder: URL, splits wanted: [Dataset.Split] = Dataset.Split.allCases) throws {
        let names = try Self.fileNames(of: folder)
        for split in wanted {
            splits[split] = try Self.files(for: split.rawValue, names, folder)
        }
        if wanted.contains(.train), splits[.train] == nil, let features = Self.array("image_features", names) {
            splits[.train] = .init(
                features: [folder.appending(path: features)],
                labels: Self.array("labels", names).map { folder.appending(path: $0) })
        }
        text = (Self.textNames.first { names.contains($0) } ?? Self.array("text_features", names))
            .map { folder.appending(path: $0) }
    }

    /// The names of the files in a folder, sorted.
    static func fileNames(of folder: URL) throws -> [String] {
        guard folder.exists else { throw FeatureDataError(.inputMissing, folder, "no such folder") }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw FeatureDataError(.badData, folder, "is a file, expected a folder")
        }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        } catch {
            throw FeatureDataError(.inputMissing, folder, "the folder cannot be read")
        }
    }

    private static func files(for split: String, _ names: [String], _ folder: URL) throws -> SplitFiles? {
        func url(_ name: String) -> URL { folder.appending(path: name) }
        if names.contains("\(split).safetensors") { return SplitFiles(features: [url("\(split).safetensors")]) }
        if let parts = try shards(split, names, folder) { return SplitFiles(features: parts) }
        if names.contains("\(split).npz") { return SplitFiles(features: [url("\(split).npz")]) }
        for separator in ["_", "."] {
            if let features = array("\(split)\(separator)image_features", names) {
                return SplitFiles(
                    features: [url(features)], labels: array("\(split)\(separator)labels", names).map(url))
            }
        }
        return nil
    }

    /// `stem.npy`, or with a type before the extension: `stem.f16.npy`.
    private static func array(_ stem: String, _ names: [String]) -> String? {
        names.first {
            guard $0.hasPrefix(stem + "."), $0.hasSuffix(".npy") else { return false }
            return $0 == stem + ".npy" || !$0.dropFirst(stem.count + 1).dropLast(4).contains(".")
        }
    }

    private static func shards(_ split: String, _ names: [String], _ folder: URL) throws -> [URL]? {
        let found = names.compactMap { name -> (index: Int, total: Int, name: String)? in
            guard name.hasPrefix("\(split)-"), name.hasSuffix(".safetensors") else { return nil }
            let fields = name.dropFirst(split.count + 1).dropLast(".safetensors".count).split(separator: "-")
            guard fields.count == 3, fields[1] == "of", let index = Int(fields[0]), let total = Int(fields[2]) else {
                return nil
            }
            return (index, total, name)
        }.sorted { $0.index < $1.index }
        guard let first = found.first else { return nil }
        func bad(_ kind: FeatureDataError.Kind, _ reason: String) -> FeatureDataError {
            FeatureDataError(kind, folder, reason)
        }
        if let other = found.first(where: { $0.total != first.total }) {
            throw bad(.badData, "\(first.name) and \(other.name) belong to sets of different sizes")
        }
        for (expected, shard) in found.enumerated() where shard.index != expected {
            throw bad(.inputMissing, "part \(expected) of \(first.total) of the \(split) rows is missing")
        }
        guard found.count == first.total else {
            throw bad(.inputMissing, "part \(found.count) of \(first.total) of the \(split) rows is missing")
        }
        return found.map { folder.appending(path: $0.name) }
    }
}

extension DatasetLayout.SplitFiles {
    func rows(normalizing: Bool, classCount: Int?) throws -> FeatureRows {
        guard let labels else { return try FeatureRows(files: features, normalizing: normalizing, classCount: classCount) }
        let part = FeatureRows.Part(
            features: try TensorFile(contentsOf: features[0]).tensor(named: []),
            labels: try TensorFile(contentsOf: labels).tensor(named: []))
        return try FeatureRows([part], normalizing: normalizing, classCount: classCount)
    }
}
