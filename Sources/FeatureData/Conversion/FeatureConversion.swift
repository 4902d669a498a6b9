import Foundation
import Matrices

/// Rewrites feature rows: other files, another number type, unit length, a share for testing, fewer classes.
///
/// `ConversionInputs` finds out what there is to convert. Labels are read once to count, then every row once, in blocks:
/// memory does not grow with the rows (but by 4 bytes a row where labels come from a text file). Files and folders appear
/// complete or not at all.
public struct FeatureConversion: Sendable {
    public var sources: [ConvertedRows]
    /// Of the labels that are written; nil where rows have none, or labels without names.
    public internal(set) var classNames: [String]?
    /// In the order of `classNames`; nil where the inputs have no text.
    public internal(set) var prompts: ClassPrompts?
    /// As the inputs state it; nil where they do not.
    var logitScale: Float?
    /// Of the text file, where it is the only one and its classes stay.
    var textMetadata: [String: String] = [:]
    public var options = Options()

    public struct Options: Sendable {
        /// F16, BF16 or F32; nil: the widest of the inputs, F64 becoming F32.
        public var elementType: ElementType?
        /// Files a split is cut into.
        public var shards = 1
        /// The share of every class's training rows that become test rows.
        public var testShare: Double?
        public var seed: UInt64 = 1
        /// Leave out zero rows and rows with NaN or infinite numbers, which are an error otherwise.
        public var droppingBadRows = false
        /// exp of the encoder's temperature parameter, in place of what the inputs say.
        public var logitScale: Float?
        /// Write one prompt a class, the mean of its prompts.
        public var meanPrompts = false
        /// Write the mean of each class's training rows as its text feature: for encoders of images alone.
        public var classMeansAsText = false

        public init() {}
    }

    /// What was written.
    public struct Summary: Sendable, Codable, Equatable {
        public var files: [String]
        public var trainRows: Int
        public var testRows: Int
        public var dimension: Int
        public var elementType: ElementType
        /// Of labelled rows.
        public var classes: Int?
        /// Rows of classes that were not wanted.
        public var leftOutRows: Int
        public var droppedBadRows: Int
    }

    public var rowCount: Int { sources.reduce(0) { $0 + $1.rows.count } }
    public var dimension: Int { sources.first?.rows.dimension ?? prompts?.featureDimension ?? 0 }
    public var hasLabels: Bool { !sources.isEmpty && sources.allSatisfy(\.hasLabels) }

    var elementType: ElementType {
        if let type = options.elementType { return type }
        let types = Set(sources.map(\.rows.widestType))
        return types.count == 1 ? types.first ?? .float32 : .float32
    }
}

extension FeatureConversion {
    /// Writes a data folder: `train.safetensors`, `test.safetensors` (or shards) and `text.safetensors`.
    ///
    /// - Parameter progress: called with rows done and to be done; what it throws ends the conversion.
    /// - Throws: `FeatureDataError`: rows and labels that are wrong, a folder that cannot be made, no text features.
    public func writeFolder(to url: URL, progress: (Int, Int) throws -> Void = { _, _ in }) throws -> Summary {
        guard prompts != nil || options.classMeansAsText else {
            throw FeatureDataError(.inputMissing, url, "a data folder needs text features, the inputs have none")
        }
        let folder = try StagedFolder(at: url)
        defer { folder.discard() }
        let plan = try ConversionPlan(self, progress)
        var writers: [Dataset.Split: ShardedRowsWriter] = [:]
        let names = plan.classNames
        for split in Dataset.Split.allCases {
            guard let rows = plan.rows[split] else { continue }
            writers[split] = try ShardedRowsWriter(
                ShardedRowsWriter.urls(
                    split.rawValue, in: folder.staging,
                    shards: max(1, min(options.shards, rows, ShardedRowsWriter.maximumShards))),
                rows: rows, dimension: dimension, elementType: elementType, hasLabels: hasLabels,
                metadata: names.map { ["class_names": $0.asJSONList] } ?? [:])
        }
        var means = ClassMeans(classes: options.classMeansAsText ? names?.count ?? 0 : 0, dimension: dimension)
        try plan.forEachBlock(of: self, progress: progress) { split, features, labels in
            try writers[split]?.append(features, labels)
            if split == .train, options.classMeansAsText, let labels { means.add(features, labels) }
        }
        let text = folder.staging.appending(path: "text.safetensors")
        if options.classMeansAsText {
            try write(try means.prompts(names ?? [], url), to: text)
        } else if let prompts {
            try write(prompts, to: text)
        }
        for split in Dataset.Split.allCases { try writers[split]?.finish() }
        try folder.commit()
        let files = Dataset.Split.allCases.flatMap { writers[$0]?.urls ?? [] } + [text]
        return summary(files.map { url.appending(path: $0.lastPathComponent) }, plan)
    }

    /// Writes one file of rows: `.npy`, with labels and class names beside it, or safetensors.
    ///
    /// - Throws: `FeatureDataError`.
    public func writeFile(to url: URL, progress: (Int, Int) throws -> Void = { _, _ in }) throws -> Summary {
        let plan = try ConversionPlan(self, progress)
        let rows = plan.rows.values.reduce(0, +)
        guard url.pathExtension.lowercased() == "npy" else {
            let writer = try ShardedRowsWriter(
                [url], rows: rows, dimension: dimension, elementType: elementType, hasLabels: hasLabels,
                metadata: plan.classNames.map { ["class_names": $0.asJSONList] } ?? [:])
            try plan.forEachBlock(of: self, progress: progress) { try writer.append($1, $2) }
            try writer.finish()
            return summary([url], plan)
        }
        let beside = NumPyFile.companions(of: url)
        let features = try NumPyWriter(to: url, elementType: elementType, shape: [rows, dimension])
        let labels = hasLabels ? try NumPyWriter(to: beside.labels, elementType: .int32, shape: [rows]) : nil
        try plan.forEachBlock(of: self, progress: progress) {
            try features.append($1)
            if let found = $2 { try labels?.append(found) }
        }
        var files = [url]
        if let labels {
            if let names = plan.classNames {
                try AtomicFile.write(names.asJSONList + "\n", to: beside.classNames)
                files.append(beside.classNames)
            }
            try labels.finish()
            files.append(beside.labels)
        }
        try features.finish()
        return summary(files, plan)
    }

    private func summary(_ files: [URL], _ plan: ConversionPlan) -> Summary {
        Summary(
            files: files.map(\.relativePath), trainRows: plan.rows[.train] ?? 0, testRows: plan.rows[.test] ?? 0,
            dimension: dimension, elementType: elementType, classes: hasLabels ? plan.classNames?.count : nil,
            leftOutRows: plan.leftOut, droppedBadRows: plan.dropped)
    }

    private func write(_ prompts: ClassPrompts, to url: URL) throws {
        let counts = Set(prompts.features.map(\.rows))
        let isMean = options.meanPrompts || counts == [1]
        guard isMean || counts.count == 1, let count = counts.first else {
            throw FeatureDataError(
                .badData, url,
                "the classes have \(counts.sorted().map(String.init).joined(separator: " and ")) prompts, expected equally many: "
                    + "write their means")
        }
        let shape = isMean ? [prompts.count, dimension] : [prompts.count, count, dimension]
        var metadata = textMetadata
        metadata["class_names"] = prompts.classNames.asJSONList
        metadata["logit_scale"] = (options.logitScale ?? logitScale).map { "\($0)" }
        metadata["templates"] = prompts.templates.isEmpty || isMean && count != 1 ? nil : prompts.templates.asJSONList
        let writer = try SafetensorsWriter(
            to: url, tensors: [TensorDeclaration("text_features", .float32, shape)], metadata: metadata)
        if isMean, counts != [1] {
            try writer.append(prompts.meanFeatures(), to: "text_features")
        } else {
            for features in prompts.features { try writer.append(features, to: "text_features") }
        }
        try writer.finish()
    }
}

extension [String] {
    /// The texts as a JSON list.
    package var asJSONList: String { "[" + map(\.asJSON).joined(separator: ",") + "]" }
}
