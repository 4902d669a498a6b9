// Conversion of row files, with labels in them or beside, and of what clip-retrieval writes.
import Foundation
import Matrices

struct RowFileInputs {
    private let inputs: ConversionInputs

    init(_ inputs: ConversionInputs) { self.inputs = inputs }

    /// Files of one split with their labels, as they are found.
    private struct Rows {
        var split: Dataset.Split
        var parts: [FeatureRows.Part]
        var table: LabelTable?
    }

    func open() throws -> FeatureConversion {
        var found = try groups(inputs.inputs, inputs.labels, .train)
        found += try groups(inputs.test, inputs.testLabels, .test)
        var names = inputs.classNames
        if names == nil, let own = try storedNames(found) { names = own }
        let hasNamesElsewhere = inputs.text != nil || names != nil
        let tables = found.compactMap(\.table)
        // Names as labels make the list of classes, where nothing else does.
        if !hasNamesElsewhere, !tables.isEmpty, tables.contains(where: { $0.integers == nil }) {
            names = Set(tables.flatMap(\.texts)).sorted()
        }
        let prompts = try inputs.text.map {
            try ClassPrompts(contentsOf: $0, normalizing: inputs.normalizing, classNames: names)
        }
        names = prompts?.classNames ?? names
        if let names { try ClassNames.check(names, inputs.text ?? inputs.inputs.first ?? URL(filePath: ".")) }
        let sources = try found.map { group in
            ConvertedRows(
                split: group.split,
                rows: try FeatureRows(group.parts, normalizing: inputs.normalizing, classCount: group.table == nil ? names?.count : nil),
                labels: group.table, classes: try classes(group, names))
        }
        let labelled = sources.filter(\.hasLabels).count
        if labelled != 0, labelled != sources.count, let bare = sources.first(where: { !$0.hasLabels }) {
            throw FeatureDataError(.badData, bare.rows.urls[0], tensor: "labels", "is missing, other files have labels")
        }
        let metadata = try inputs.text.map { try TensorFile(contentsOf: $0).metadata } ?? [:]
        return FeatureConversion(
            sources: sources, classNames: names, prompts: prompts,
            logitScale: metadata["logit_scale"] == nil ? nil : prompts?.logitScale, textMetadata: metadata)
    }

    /// One group for files with labels in tensors; one each for files with a label table.
    private func groups(_ urls: [URL], _ labels: [URL], _ split: Dataset.Split) throws -> [Rows] {
        guard !urls.isEmpty else {
            if let extra = labels.first { throw FeatureDataError(.badData, extra, "labels without rows") }
            return []
        }
        guard labels.count <= 1 || labels.count == urls.count else {
            throw FeatureDataError(
                .badData, labels[0], "\(labels.count) files of labels for \(urls.count) of rows, expected one for all or one each")
        }
        let files = try urls.map { try FeatureRows.files(at: $0, embedding: inputs.embedding) }
        if labels.count > 1 {
            return try zip(files, labels).map { try group($0, labels: $1, split) }
        }
        return [try group(files.flatMap { $0 }, labels: labels.first, split)]
    }

    private func group(_ files: [URL], labels: URL?, _ split: Dataset.Split) throws -> Rows {
        var parts = try files.map { url in
            let file = try TensorFile(contentsOf: url)
            let features = try FeatureRows.features(in: file, inputs.tensor)
            try FeatureRows.checkFeatures(features)
            let own = file.format == .npy || labels != nil ? nil : file.tensors.first { $0.name == "labels" }
            return FeatureRows.Part(features: features, labels: own)
        }
        guard let labels else { return Rows(split: split, parts: parts) }
        let rows = parts.reduce(0) { $0 + $1.features.rows }
        func fit(_ count: Int) throws {
            guard count == rows else {
                throw FeatureDataError(.badData, labels, "holds \(count) labels for \(rows) rows, expected one each")
            }
        }
        if ["csv", "tsv", "txt"].contains(labels.pathExtension.lowercased()) {
            let table = try LabelTable(contentsOf: labels, column: inputs.labelColumn)
            try fit(table.codes.count)
            return Rows(split: split, parts: parts, table: table)
        }
        let tensor = try TensorFile(contentsOf: labels).tensor(named: ["labels"])
        guard !tensor.elementType.isFloatingPoint, tensor.shape.filter({ $0 != 1 }).count <= 1 else {
            throw tensor.error("is \(tensor.elementType.rawValue) \(tensor.shape), expected integers [\(rows)]")
        }
        try fit(tensor.count)
        var start = 0
        for index in parts.indices {
            let count = parts[index].features.rows
            parts[index].labels = tensor.slice(start..<start + count)
            start += count
        }
        return Rows(split: split, parts: parts)
    }

    /// What the numbers of labels mean: for a table the class of each of its texts.
    private func classes(_ group: Rows, _ names: [String]?) throws -> [Int?]? {
        guard let table = group.table else { return names.map { $0.indices.map { $0 } } }
        let places = names.map { Dictionary($0.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first }) }
        if let integers = table.integers, !table.texts.allSatisfy({ places?[$0] != nil }) {
            return try integers.enumerated().map { code, label in
                guard label >= 0, label < names?.count ?? .max else {
                    let row = table.codes.firstIndex(of: Int32(code)) ?? 0
                    throw FeatureDataError(
                        .badData, table.url,
                        "row \(row) has the label \(label), expected \(names.map { "0 to \($0.count - 1), the classes" } ?? "0 or more")")
                }
                return label
            }
        }
        return try table.texts.enumerated().map { code, text in
            guard let place = places?[text] else {
                let row = table.codes.firstIndex(of: Int32(code)) ?? 0
                throw FeatureDataError(.badData, table.url, "row \(row) has the label '\(text)', which is no class")
            }
            return place
        }
    }

    /// Class names in the metadata of the row files, which must agree.
    private func storedNames(_ groups: [Rows]) throws -> [String]? {
        var names: (list: [String], url: URL)?
        for url in groups.flatMap(\.parts).map(\.features.url) {
            guard let own = try ClassNames.list("class_names", in: TensorFile(contentsOf: url)) else { continue }
            if let names, names.list != own {
                throw FeatureDataError(.badData, url, "the class names differ from those of \(names.url.relativePath)")
            }
            names = (own, url)
        }
        return names?.list
    }
}
