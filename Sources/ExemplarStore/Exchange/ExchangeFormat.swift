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
}
