// The names under which exemplars travel: a data set file (`image_features`, `labels`, `class_names`) with what else a store
// knows of its rows.
import FeatureData
import Foundation

enum ExchangeFormat {
    static let features = "image_features"
    static let labels = "labels"
    static let rank = "exemplars.rank"
    static let pinned = "exemplars.pinned"
    static let source = "exemplars.source"
    static let sourceRow = "exemplars.source_row"
    static let score = "exemplars.score"
    static let addedAt = "exemplars.added_at"

    static let classNames = "class_names"
    static let sources = "exemplars.sources"
    /// In the metadata; files with it hold rows as a store gave them, which are not scaled again.
    static let version = "exemplars.version"

    static func json(_ names: [String]) -> String { "[" + names.map(\.asJSON).joined(separator: ",") + "]" }

    static func names(_ key: String, in file: SafetensorsFile) throws -> [String]? {
        guard let text = file.metadata[key] else { return nil }
        guard let names = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
            throw FeatureDataError(
                .badData, file: file.url.relativePath, "the metadata '\(key)' is not a JSON list of texts")
        }
        return names
    }

    /// The files beside `train_image_features.npy`: `train_labels.npy` and `class_names.json`, as a data folder has them; beside
    /// any other `x.npy`: `x_labels.npy` and `x_class_names.json`.
    static func companions(of url: URL) -> (labels: URL, classNames: URL) {
        let folder = url.deletingLastPathComponent()
        let stem = url.deletingPathExtension().lastPathComponent
        if stem.contains(features) {
            let labels = stem.replacingOccurrences(of: features, with: labels)
            return (folder.appending(path: labels + ".npy"), folder.appending(path: "class_names.json"))
        }
        return (folder.appending(path: stem + "_labels.npy"), folder.appending(path: stem + "_class_names.json"))
    }
}
