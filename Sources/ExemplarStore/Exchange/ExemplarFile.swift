import Exemplars
import FeatureData
import Foundation
import Matrices

/// A file of labelled rows with class names, to be taken into a store: one that `export` wrote, or any of the data set format.
public struct ExemplarFile {
    public let url: URL
    public let classNames: [String]
    public let rows: FeatureRows
    /// What an exported file knows besides.
    private let extras: Extras?

    private struct Extras {
        var pinned: StoredTensor
        var source: StoredTensor
        var sourceRow: StoredTensor
        var score: StoredTensor
        var sources: [String]
    }

    /// - Parameter classNames: the names that labels index; default: those in the metadata, or of NumPy files those beside it.
    /// - Throws: `FeatureDataError`.
    public init(contentsOf url: URL, classNames: [String]? = nil) throws {
        self.url = url
        guard url.pathExtension == "npy" else {
            let file = try SafetensorsFile(contentsOf: url)
            guard let names = try classNames ?? ExchangeFormat.names(ExchangeFormat.classNames, in: file) else {
                throw Self.error(url, "has no class names: expected a JSON list under 'class_names' in its metadata")
            }
            let isExport = file.metadata[ExchangeFormat.version] != nil
            self.classNames = try Self.checked(names, url)
            rows = try FeatureRows(files: [url], normalizing: !isExport, classCount: names.count)
            extras = try isExport ? Self.extras(file, rows: rows.count) : nil
            guard rows.hasLabels else { throw Self.error(url, "has no tensor 'labels'") }
            return
        }
        let beside = NumPyFile.companions(of: url)
        let names = try classNames ?? Self.names(beside.classNames)
        self.classNames = try Self.checked(names, beside.classNames)
        rows = try FeatureRows(features: url, labels: beside.labels, classCount: names.count)
        extras = nil
    }

    /// A sample of at most `count` rows, spread over the file.
    func sample(_ count: Int) throws -> Matrix<Float> {
        let step = max(1, rows.count / count)
        return try rows.gather(Array(stride(from: 0, to: rows.count, by: step)))
    }

    /// Goes through the rows in their order, parted by class within each block.
    func parts(of block: FeatureBlock) throws -> [ExemplarRows] {
        let labels = block.labels ?? []
        let range = block.firstRow..<block.firstRow + block.count
        let (pinned, source, sourceRow, scores): ([Int]?, [Int]?, [Int]?, [Double]?) = (
            try extras?.pinned.integers(in: range), try extras?.source.integers(in: range),
            try extras?.sourceRow.integers(in: range), try extras?.score.matrix(of: Double.self, rows: range).elements
        )
        let path = url.standardizedFileURL.path
        return try Dictionary(grouping: labels.indices, by: { labels[$0] }).sorted { $0.key < $1.key }.map { label, places in
            let locations = try places.map { place in
                guard let extras, let source, let sourceRow else {
                    return StoreWriter.Location(source: path, row: range.lowerBound + place)
                }
                guard extras.sources.indices.contains(source[place]), sourceRow[place] >= 0 else {
                    throw extras.source.error("row \(range.lowerBound + place) comes from no file of the list")
                }
                return StoreWriter.Location(source: extras.sources[source[place]], row: sourceRow[place])
            }
            return ExemplarRows(
                className: classNames[label], features: block.features.selectingRows(places), locations: locations,
                pinned: pinned.map { pinned in places.map { pinned[$0] != 0 } } ?? [],
                scores: scores.map { scores in places.map { scores[$0].isNaN ? nil : scores[$0] } } ?? [])
        }
    }

    private static func extras(_ file: SafetensorsFile, rows: Int) throws -> Extras {
        func tensor(_ name: String) throws -> StoredTensor {
            let tensor = try file.tensor(name)
            guard tensor.count == rows else { throw tensor.error("has \(tensor.count) elements, expected one for each row") }
            return tensor
        }
        return Extras(
            pinned: try tensor(ExchangeFormat.pinned), source: try tensor(ExchangeFormat.source),
            sourceRow: try tensor(ExchangeFormat.sourceRow), score: try tensor(ExchangeFormat.score),
            sources: try ExchangeFormat.names(ExchangeFormat.sources, in: file) ?? [])
    }

    private static func checked(_ names: [String], _ url: URL) throws -> [String] {
        guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty }), Set(names).count == names.count else {
            throw error(url, "the class names are missing, empty or double")
        }
        return names
    }

    private static func names(_ url: URL) throws -> [String] {
        guard let data = try? Data(contentsOf: url) else {
            throw FeatureDataError(.inputMissing, file: url.relativePath, "no such file: the class names are expected there")
        }
        guard let names = try? JSONDecoder().decode([String].self, from: data) else {
            throw error(url, "is not a JSON list of class names")
        }
        return names
    }

    private static func error(_ url: URL, _ reason: String) -> FeatureDataError {
        FeatureDataError(.badData, file: url.relativePath, reason)
    }
}

extension StoreWriter {
    /// Takes all rows of a file, in their order; see `add`. Of a file that a store wrote, pinned rows stay pinned, and sources
    /// and scores are kept. Memory: a block.
    @discardableResult
    public func `import`(
        _ file: ExemplarFile, budget: ExemplarBudget? = nil, seed: UInt64 = 1, progress: (Int) throws -> Void = { _ in }
    ) throws -> EncodingLoss {
        guard file.rows.dimension == format.dimension else {
            throw ExemplarStoreError.format(
                file: self.file,
                "holds features of length \(format.dimension), those of \(file.url.relativePath) have \(file.rows.dimension)")
        }
        var stream = file.rows.stream()
        var waiting: [ExemplarRows] = []
        return try add(
            .import, classNames: file.classNames, budget: budget, settings: ["file": file.url.standardizedFileURL.path], seed: seed,
            sample: { try file.sample(ProductQuantizer.trainingRows) },
            blocks: {
                while waiting.isEmpty {
                    try progress(stream.position)
                    guard let block = try stream.next() else { return nil }
                    waiting = try file.parts(of: block).reversed()
                }
                return waiting.removeLast()
            })
    }
}
