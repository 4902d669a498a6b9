import Foundation
import Matrices

/// Feature rows in files, read on demand: `[rows, D]` in one file or in several that follow each other.
///
/// Reading converts to Float, scales every row to unit length unless told not to, and checks it: NaN, infinite and zero
/// rows and labels out of range are errors that name the file, the tensor and the first bad row. Memory is what is
/// asked for, whatever the files' size.
public struct FeatureRows: Sendable {
    /// The number of rows in all files.
    public let count: Int
    /// D.
    public let dimension: Int
    /// Whether rows are scaled to unit length.
    public let isNormalizing: Bool
    /// The number of classes that labels are checked against, where known.
    public let classCount: Int?
    let parts: [Part]

    /// The rows of one file.
    struct Part: Sendable {
        var features: StoredTensor
        var labels: StoredTensor?
        /// Added to every label, where class lists are joined.
        var labelOffset = 0
        var classCount: Int?
        var firstRow = 0
    }

    public var hasLabels: Bool { parts.allSatisfy { $0.labels != nil } }
    /// The files, in the order of their rows.
    public var urls: [URL] { parts.map(\.features.url) }

    /// Rows of files: safetensors, `.npy` or `.npz`, with features under `tensor` (default `image_features`, or
    /// `features`, or the only tensor of floats) and, where there are any, `labels`.
    ///
    /// - Throws: `FeatureDataError`.
    public init(files: [URL], tensor: String? = nil, normalizing: Bool = true, classCount: Int? = nil) throws {
        let parts = try files.map { url in
            let file = try TensorFile(contentsOf: url)
            let labels = file.format == .npy ? nil : file.tensors.first { $0.name == "labels" }
            return Part(features: try Self.features(in: file, tensor), labels: labels)
        }
        try self.init(parts, normalizing: normalizing, classCount: classCount)
    }

    /// The feature rows of a file that is open or in memory, as above; labels are left aside.
    ///
    /// - Throws: `FeatureDataError`.
    public init(_ file: TensorFile, tensor: String? = nil, normalizing: Bool = true) throws {
        try self.init([Part(features: try Self.features(in: file, tensor))], normalizing: normalizing, classCount: nil)
    }

    /// Rows `[rows, D]` that are in memory as they came; they are read as those of a file are. Copied.
    ///
    /// - Parameter name: for messages, in the place of a file's name.
    /// - Throws: `FeatureDataError` where there is none.
    public init(copying elements: [Float], columns: Int, named name: String, normalizing: Bool = true) throws {
        precondition(columns > 0 && elements.count % columns == 0, "\(elements.count) elements in rows of \(columns)")
        let file = try elements.withUnsafeBytes { try MappedFile(copying: $0, named: name) }
        let tensor = StoredTensor(
            name: "rows", elementType: .float32, shape: [elements.count / columns, columns], file: file, offset: 0)
        try self.init([Part(features: tensor)], normalizing: normalizing, classCount: nil)
    }

    init(_ parts: [Part], normalizing: Bool, classCount: Int?) throws {
        var parts = parts
        guard let first = parts.first else {
            throw FeatureDataError(.inputMissing, file: "(no file)", "feature rows need a file at least")
        }
        let dimension = first.features.columns
        var count = 0
        for index in parts.indices {
            try Self.check(parts[index], dimension: dimension, as: first.features)
            parts[index].firstRow = count
            parts[index].classCount = parts[index].classCount ?? classCount
            count += parts[index].features.rows
        }
        let labelled = parts.filter { $0.labels != nil }.count
        if labelled != 0, labelled != parts.count, let bare = parts.first(where: { $0.labels == nil }) {
            throw FeatureDataError(.badData, bare.features.url, tensor: "labels", "is missing, other files have labels")
        }
        self.parts = parts
        self.count = count
        self.dimension = dimension
        self.classCount = classCount
        isNormalizing = normalizing
    }

    /// The same rows with or without scaling to unit length.
    public func normalizing(_ normalizing: Bool) throws -> FeatureRows {
        try FeatureRows(parts, normalizing: normalizing, classCount: classCount)
    }

    /// Reads rows `[range.count, D]` with their labels. The range must lie in `0..<count`.
    ///
    /// - Throws: `FeatureDataError.badData` at the first bad row.
    public func block(_ range: Range<Int>) throws -> FeatureBlock {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of \(count)")
        var features = Matrix<Float>(uninitialized: range.count, dimension)
        var labels: [Int]? = hasLabels ? [] : nil
        let target = features.mutablePointer()
        for part in parts {
            let start = max(range.lowerBound, part.firstRow)
            let end = min(range.upperBound, part.firstRow + part.features.rows)
            guard start < end else { continue }
            let rows = start - part.firstRow..<end - part.firstRow
            try part.read(rows, into: target + (start - range.lowerBound) * dimension, normalizing: isNormalizing)
            if labels != nil { labels?.append(contentsOf: try part.readLabels(rows)) }
        }
        return FeatureBlock(firstRow: range.lowerBound, features: features, labels: labels)
    }

    /// All rows in memory.
    ///
    /// - Throws: `FeatureDataError.badData` at the first bad row, or where there are no labels.
    public func load() throws -> LabelledFeatures {
        let block = try block(0..<count)
        guard let labels = block.labels else {
            throw FeatureDataError(.badData, parts[0].features.url, tensor: "labels", "is missing")
        }
        return LabelledFeatures(features: block.features, labels: labels)
    }

    /// All labels, checked; features are not read.
    public func labels() throws -> [Int]? { try labels(0..<count) }

    /// The labels of some rows, checked. The range must lie in `0..<count`.
    public func labels(_ range: Range<Int>) throws -> [Int]? {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of \(count)")
        guard hasLabels else { return nil }
        return try parts.flatMap { part in
            let start = max(range.lowerBound, part.firstRow)
            let end = min(range.upperBound, part.firstRow + part.features.rows)
            return start < end ? try part.readLabels(start - part.firstRow..<end - part.firstRow) : []
        }
    }

    /// Blocks of at most `blockRows` rows from row `first` to the last.
    public func stream(blockRows: Int = 4096, from first: Int = 0) -> FeatureStream {
        stream(blockRows: blockRows, in: first..<count)
    }

    /// Blocks of at most `blockRows` rows of a range, which must lie in `0..<count`. Rows keep their numbers among all; only the
    /// range's bytes are read.
    public func stream(blockRows: Int = 4096, in range: Range<Int>) -> FeatureStream {
        FeatureStream(self, blockRows: blockRows, range)
    }
}

/// Some consecutive rows.
public struct FeatureBlock: Sendable {
    /// The place of the first row among all.
    public var firstRow: Int
    /// `[rows, D]`.
    public var features: Matrix<Float>
    /// One label a row, where the files have labels.
    public var labels: [Int]?

    public var count: Int { features.rows }
}

/// Goes through rows in blocks; what was read leaves the process's memory with the next block.
public struct FeatureStream: Sendable {
    public let rows: FeatureRows
    public let blockRows: Int
    /// The next row to be read.
    public private(set) var position: Int
    private let end: Int

    init(_ rows: FeatureRows, blockRows: Int, _ range: Range<Int>) {
        precondition(blockRows > 0, "blocks of \(blockRows) rows")
        precondition(range.lowerBound >= 0 && range.upperBound <= rows.count, "rows \(range) of \(rows.count)")
        (position, end) = (range.lowerBound, range.upperBound)
        self.rows = rows
        self.blockRows = blockRows
        for part in rows.parts { part.features.file.willReadInOrder() }
    }

    /// The next block, or nil after the last.
    ///
    /// - Throws: `FeatureDataError.badData` at the first bad row.
    public mutating func next() throws -> FeatureBlock? {
        guard position < end else { return nil }
        let range = position..<min(position + blockRows, end)
        let block = try rows.block(range)
        for part in rows.parts { part.dropPages(of: range) }
        position = range.upperBound
        return block
    }
}

extension FeatureRows {
    static func features(in file: TensorFile, _ name: String?) throws -> StoredTensor {
        if let name { return try file.tensor(named: [name]) }
        let floats = file.tensors.filter { $0.elementType.isFloatingPoint && $0.shape.count == 2 }
        let known = ["image_features", "features"]
        if floats.count == 1, !floats.contains(where: { known.contains($0.name) }) { return floats[0] }
        return try file.tensor(named: known)
    }

    private static func check(_ part: Part, dimension: Int, as first: StoredTensor) throws {
        let features = part.features
        try checkFeatures(features)
        guard features.columns == dimension else {
            throw features.error(
                "has rows of length \(features.columns), those of \(first.url.relativePath) have \(dimension)")
        }
        if let labels = part.labels { try checkLabels(labels, of: features) }
    }

    /// - Throws: unless the tensor is one of feature rows.
    static func checkFeatures(_ features: StoredTensor) throws {
        guard features.elementType.isFloatingPoint else {
            throw features.error("has the type \(features.elementType.rawValue), expected F16, BF16, F32 or F64")
        }
        guard features.shape.count == 2 else { throw features.error("has the shape \(features.shape), expected [rows, D]") }
        guard features.columns > 0 else { throw features.error("has rows of length 0") }
    }

    /// - Throws: unless there is one integer for each feature row.
    static func checkLabels(_ labels: StoredTensor, of features: StoredTensor) throws {
        guard !labels.elementType.isFloatingPoint, labels.elementType != .bool else {
            throw labels.error("has the type \(labels.elementType.rawValue), expected integers")
        }
        guard labels.count == features.rows, labels.shape.filter({ $0 != 1 }).count <= 1 else {
            throw labels.error("has the shape \(labels.shape), expected [\(features.rows)], one label for each feature row")
        }
    }
}
