import Foundation
import Matrices

/// What is to be converted, as a user names it: data folders, or files and folders of rows with labels and text beside.
public struct ConversionInputs: Sendable {
    /// Data folders; or row files (safetensors, `.npy`, `.npz`) and folders as clip-retrieval writes them, as training rows.
    public var inputs: [URL]
    /// Labels of row files: one file for all of them, or one each.
    public var labels: [URL] = []
    /// Row files for testing, and their labels.
    public var test: [URL] = []
    public var testLabels: [URL] = []
    /// Class prompts in place of the inputs' own.
    public var text: URL?
    /// Names of the classes, where neither text nor labels have them.
    public var classNames: [String]?
    /// The classes wanted, in the order that they shall have.
    public var wanted: [String]?
    /// The column of label tables.
    public var labelColumn: String?
    /// The tensor of features in row files.
    public var tensor: String?
    /// Of clip-retrieval's folders: `img_emb`, or `text_emb` for the captions.
    public var embedding = "img_emb"
    /// The splits of data folders that are wanted.
    public var splits = Dataset.Split.allCases
    public var repeatedClasses = RepeatedClasses.error
    public var normalizing = false
    /// The logit scales of several data folders need not agree.
    public var ignoringLogitScales = false

    /// What becomes of a class name that several data folders have.
    public enum RepeatedClasses: String, Sendable, CaseIterable {
        case error
        /// One class with the rows of all; its prompts are those of the first.
        case join
        /// Classes of their own, named `folder/class`.
        case qualify
    }

    public init(_ inputs: [URL]) { self.inputs = inputs }

    /// Opens all inputs; headers and labels in text files are read, rows are not.
    ///
    /// - Throws: `FeatureDataError` for what is missing, damaged or does not fit together.
    public func open() throws -> FeatureConversion {
        let folders = try inputs.map { try Self.isDataFolder($0) }
        var conversion: FeatureConversion
        if folders.contains(true) {
            if let place = folders.firstIndex(of: false) {
                throw FeatureDataError(.badData, inputs[place], "is no data folder, as other inputs are: convert them apart")
            }
            guard labels.isEmpty, test.isEmpty, testLabels.isEmpty else {
                throw FeatureDataError(
                    .badData, (labels + test + testLabels)[0], "data folders have labels and test rows of their own")
            }
            conversion = try DataFolderInputs(self).open()
        } else {
            conversion = try RowFileInputs(self).open()
        }
        if let wanted { try conversion.select(wanted) }
        return conversion
    }

    /// A folder with files that a data set has.
    private static func isDataFolder(_ url: URL) throws -> Bool {
        guard url.exists else { throw FeatureDataError(.inputMissing, url, "no such file or folder") }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else { return false }
        return try !DatasetLayout(url).splits.isEmpty
    }
}

extension FeatureConversion {
    /// Keeps the rows of some classes, in a new order.
    mutating func select(_ wanted: [String]) throws {
        guard let names = classNames else {
            throw FeatureDataError(.badData, file: sources.first?.rows.urls[0].relativePath ?? "", "has no class names to choose from")
        }
        let places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var order: [Int: Int] = [:]
        for (index, name) in wanted.enumerated() {
            guard let place = places[name] else {
                throw FeatureDataError(
                    .badData, file: sources.first?.rows.urls[0].relativePath ?? "", "there is no class '\(name)'")
            }
            guard order.updateValue(index, forKey: place) == nil else {
                throw FeatureDataError(
                    .badData, file: sources.first?.rows.urls[0].relativePath ?? "", "the class '\(name)' is wanted twice")
            }
        }
        for index in sources.indices {
            let classes = sources[index].classes ?? names.indices.map { $0 }
            sources[index].classes = classes.map { $0.flatMap { order[$0] } }
        }
        classNames = wanted
        prompts = prompts?.selecting(wanted.compactMap { places[$0] })
        // Lists of the source's classes would no longer fit.
        textMetadata = [:]
    }
}
