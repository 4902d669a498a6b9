import Foundation
import Matrices

/// A folder of feature data: rows for training and for testing, and the classes with their prompts.
///
/// Opening reads the prompts and checks every header; feature rows stay in their files until asked for. For the names
/// that files may have see `DatasetLayout`.
public struct Dataset: Sendable {
    public enum Split: String, Sendable, CaseIterable, Codable {
        case train, test
    }

    /// The folder's name, or the joined names of several.
    public let name: String
    public let folder: URL
    public let prompts: ClassPrompts
    /// The metadata of the text file: where data and encoders come from.
    public let metadata: [String: String]
    private let splits: [Split: FeatureRows]

    public var classNames: [String] { prompts.classNames }
    /// D.
    public var featureDimension: Int { prompts.featureDimension }

    /// Opens a folder.
    ///
    /// - Parameters:
    ///   - text: a text file to use in place of the folder's own.
    ///   - wanted: the splits to open; files of others are not looked at.
    ///   - normalizing: whether rows and prompts are scaled to unit length.
    /// - Throws: `FeatureDataError`.
    public static func open(
        _ folder: URL, text: URL? = nil, splits wanted: [Split] = Split.allCases, normalizing: Bool = true
    ) throws -> Dataset {
        let layout = try DatasetLayout(folder, splits: wanted)
        guard let text = text ?? layout.text else {
            throw FeatureDataError(
                .inputMissing, folder, "the folder has no text features, expected \(DatasetLayout.textNames[0])")
        }
        guard !layout.splits.isEmpty else {
            throw FeatureDataError(
                .inputMissing, folder,
                "the folder has no feature rows, expected "
                    + wanted.map { "\($0).safetensors" }.joined(separator: " and "))
        }
        let prompts = try ClassPrompts(contentsOf: text, normalizing: normalizing)
        var splits: [Split: FeatureRows] = [:]
        for split in Split.allCases {
            guard let files = layout.splits[split] else { continue }
            let rows = try files.rows(normalizing: normalizing, classCount: prompts.count)
            guard rows.dimension == prompts.featureDimension else {
                throw FeatureDataError(
                    .badData, rows.parts[0].features.url, tensor: rows.parts[0].features.name,
                    "has rows of length \(rows.dimension), the text features of \(text.relativePath) have "
                        + "\(prompts.featureDimension)")
            }
            try checkNames(files, prompts.classNames, text)
            splits[split] = rows
        }
        let metadata = try TensorFile(contentsOf: text).metadata
        return Dataset(
            name: folder.standardizedFileURL.lastPathComponent, folder: folder, prompts: prompts, metadata: metadata,
            splits: splits)
    }

    /// Whether the split is there.
    public func has(_ split: Split) -> Bool { splits[split] != nil }

    /// The rows of a split, in their files.
    ///
    /// - Throws: `FeatureDataError.inputMissing` where the folder has no such split, or no labels for it.
    public func rows(_ split: Split) throws -> FeatureRows {
        guard let rows = splits[split] else {
            throw FeatureDataError(
                .inputMissing, folder, "the folder has no \(split) rows, expected \(split).safetensors")
        }
        return rows
    }

    /// All rows of a split in memory.
    ///
    /// - Throws: `FeatureDataError`, at the first bad row or label.
    public func load(_ split: Split) throws -> LabelledFeatures {
        try rows(split).load()
    }

    /// The rows of a split, block by block.
    public func stream(_ split: Split, blockRows: Int = 4096) throws -> FeatureStream {
        try rows(split).stream(blockRows: blockRows)
    }

    /// How many rows of a split each class has; reads labels only.
    public func counts(_ split: Split) throws -> [Int] {
        let rows = try rows(split)
        guard let labels = try rows.labels() else {
            throw FeatureDataError(.badData, rows.urls[0], tensor: "labels", "is missing")
        }
        var counts = [Int](repeating: 0, count: classNames.count)
        for label in labels { counts[label] += 1 }
        return counts
    }

    /// One dataset with the classes of several, side by side: labels of later ones are shifted.
    ///
    /// - Parameters:
    ///   - qualifyingNames: names classes `dataset/class`, for sets with equal class names.
    ///   - qualifyingRepeatedNames: does so with the names that several sets have.
    /// - Throws: `FeatureDataError.badData` for different D or logit scales, or a class name in two sets.
    public static func concatenating(
        _ datasets: [Dataset], qualifyingNames: Bool = false, qualifyingRepeatedNames: Bool = false
    ) throws -> Dataset {
        guard let first = datasets.first else {
            throw FeatureDataError(.inputMissing, file: "(no folder)", "a data set needs a folder at least")
        }
        guard datasets.count > 1 else { return first }
        var prompts = ClassPrompts(classNames: [], features: [], logitScale: first.prompts.logitScale)
        var owner: [String: Dataset] = [:]
        let sets = datasets.flatMap { Set($0.classNames) }.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        var parts: [Split: [FeatureRows.Part]] = [:]
        for dataset in datasets {
            guard dataset.featureDimension == first.featureDimension else {
                throw FeatureDataError(
                    .badData, dataset.folder,
                    "has features of length \(dataset.featureDimension), \(first.folder.relativePath) has "
                        + "\(first.featureDimension)")
            }
            guard abs(dataset.prompts.logitScale / first.prompts.logitScale - 1) < 1e-3 else {
                throw FeatureDataError(
                    .badData, dataset.folder,
                    "has the logit scale \(dataset.prompts.logitScale), \(first.folder.relativePath) has "
                        + "\(first.prompts.logitScale)")
            }
            for (split, rows) in dataset.splits {
                for part in rows.parts {
                    var part = part
                    part.labelOffset += prompts.count
                    parts[split, default: []].append(part)
                }
            }
            for (name, features) in zip(dataset.classNames, dataset.prompts.features) {
                let isQualified = qualifyingNames || qualifyingRepeatedNames && sets[name, default: 0] > 1
                let name = isQualified ? "\(dataset.name)/\(name)" : name
                if let other = owner.updateValue(dataset, forKey: name) {
                    throw FeatureDataError(
                        .badData, dataset.folder, "the class '\(name)' is in \(other.folder.relativePath) too")
                }
                prompts.classNames.append(name)
                prompts.features.append(features)
            }
        }
        let splits = try parts.mapValues { parts in
            try FeatureRows(parts, normalizing: datasets[0].isNormalizing, classCount: nil)
        }
        return Dataset(
            name: datasets.map(\.name).joined(separator: "+"), folder: first.folder, prompts: prompts,
            metadata: first.metadata, splits: splits)
    }

    private var isNormalizing: Bool { splits.values.first?.isNormalizing ?? true }

    /// Class names that a row file repeats must be those of the text file.
    private static func checkNames(_ files: DatasetLayout.SplitFiles, _ names: [String], _ text: URL) throws {
        for url in files.features {
            let file = try TensorFile(contentsOf: url)
            guard let own = try ClassNames.list("class_names", in: file), own != names else { continue }
            let place = zip(own, names).enumerated().first { $1.0 != $1.1 }
            let difference =
                place.map { "class \($0.offset) is '\($0.element.0)' here and '\($0.element.1)' there" }
                ?? "\(own.count) here and \(names.count) there"
            throw FeatureDataError(
                .badData, url, "the class names differ from those of \(text.relativePath): \(difference)")
        }
    }
}
