// Conversion of data folders: their classes side by side, or classes of one name as one.
import Foundation
import Matrices

struct DataFolderInputs {
    private let inputs: ConversionInputs

    init(_ inputs: ConversionInputs) { self.inputs = inputs }

    /// A data folder as far as conversion needs it: it may lack text.
    private struct Folder {
        var url: URL
        var name: String
        var rows: [(split: Dataset.Split, rows: FeatureRows)] = []
        var classNames: [String]
        var prompts: ClassPrompts?
        var metadata: [String: String] = [:]
    }

    func open() throws -> FeatureConversion {
        let folders = try inputs.inputs.map(open)
        guard folders.count > 1 else { return single(folders[0]) }
        if let text = inputs.text {
            throw FeatureDataError(.badData, text, "several data folders have text features of their own")
        }
        return try joined(folders)
    }

    private func single(_ folder: Folder) -> FeatureConversion {
        FeatureConversion(
            sources: folder.rows.map { ConvertedRows(split: $0.split, rows: $0.rows, classes: folder.classNames.indices.map { $0 }) },
            classNames: folder.classNames, prompts: folder.prompts,
            logitScale: folder.metadata["logit_scale"] == nil ? nil : folder.prompts?.logitScale, textMetadata: folder.metadata)
    }

    private func open(_ url: URL) throws -> Folder {
        let layout = try DatasetLayout(url, splits: inputs.splits)
        guard !layout.splits.isEmpty else {
            throw FeatureDataError(
                .inputMissing, url, "the folder has no \(inputs.splits.map(\.rawValue).joined(separator: " or ")) rows")
        }
        let text = inputs.text ?? layout.text
        let prompts = try text.map {
            try ClassPrompts(contentsOf: $0, normalizing: inputs.normalizing, classNames: inputs.classNames)
        }
        let first = layout.splits.values.flatMap(\.features)[0]
        let names = try prompts?.classNames ?? inputs.classNames ?? ClassNames.of(TensorFile(contentsOf: first), beside: first).list
        var folder = Folder(
            url: url, name: url.standardizedFileURL.lastPathComponent, classNames: names, prompts: prompts)
        folder.metadata = try text.map { try TensorFile(contentsOf: $0).metadata } ?? [:]
        for split in inputs.splits {
            guard let files = layout.splits[split] else { continue }
            for file in files.features {
                let own = try ClassNames.list("class_names", in: TensorFile(contentsOf: file))
                if let own, own != names, inputs.classNames == nil {
                    throw FeatureDataError(.badData, file, "the class names differ from those of the text features")
                }
            }
            folder.rows.append((split, try files.rows(normalizing: inputs.normalizing, classCount: names.count)))
        }
        return folder
    }

    /// The classes of all folders in one list.
    private func joined(_ folders: [Folder]) throws -> FeatureConversion {
        let first = folders[0]
        let sets = folders.flatMap { Set($0.classNames) }.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        var (names, features, places) = ([String](), [Matrix<Float>](), [String: (index: Int, owner: URL)]())
        var sources: [ConvertedRows] = []
        for folder in folders {
            try check(folder, against: first)
            let map = try folder.classNames.enumerated().map { index, name -> Int? in
                let isRepeated = sets[name, default: 0] > 1
                let name = isRepeated && inputs.repeatedClasses == .qualify ? "\(folder.name)/\(name)" : name
                if let known = places[name] {
                    guard isRepeated, inputs.repeatedClasses == .join else {
                        throw FeatureDataError(
                            .badData, folder.url,
                            "the class '\(name)' is in \(known.owner.relativePath) too: join or qualify repeated classes")
                    }
                    return known.index
                }
                places[name] = (names.count, folder.url)
                names.append(name)
                if let own = folder.prompts { features.append(own.features[index]) }
                return names.count - 1
            }
            sources += folder.rows.map { ConvertedRows(split: $0.split, rows: $0.rows, classes: map) }
        }
        let prompts = first.prompts.map {
            ClassPrompts(classNames: names, features: features, logitScale: $0.logitScale, templates: commonTemplates(folders))
        }
        let isStated = folders.contains { $0.metadata["logit_scale"] != nil }
        return FeatureConversion(
            sources: sources, classNames: names, prompts: prompts, logitScale: isStated ? first.prompts?.logitScale : nil)
    }

    private func check(_ folder: Folder, against first: Folder) throws {
        guard (folder.prompts == nil) == (first.prompts == nil) else {
            let bare = folder.prompts == nil ? folder : first
            throw FeatureDataError(.badData, bare.url, "has no text features, other folders have")
        }
        if !inputs.ignoringLogitScales, let own = folder.prompts, let other = first.prompts, abs(own.logitScale / other.logitScale - 1) > 1e-3 {
            throw FeatureDataError(
                .badData, folder.url,
                "has the logit scale \(own.logitScale), \(first.url.relativePath) has \(other.logitScale)")
        }
        if let own = folder.prompts, let other = first.prompts, own.featureDimension != other.featureDimension {
            throw FeatureDataError(
                .badData, folder.url,
                "has features of length \(own.featureDimension), \(first.url.relativePath) has \(other.featureDimension)")
        }
    }

    private func commonTemplates(_ folders: [Folder]) -> [String] {
        let templates = folders.map { $0.prompts?.templates ?? [] }
        return templates.allSatisfy { $0 == templates[0] } ? templates[0] : []
    }
}
