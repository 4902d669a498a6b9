// Checking the files of one split.
import Foundation

/// The row files of a split, opened as far as they can be, and what is wrong with them.
struct RowGroup {
    let name: String
    let files: [URL]
    private(set) var findings: DataFindings
    private var parts: [FeatureRows.Part] = []
    private var scans: [RowScan] = []
    /// Rows of each label in range.
    private(set) var classCounts: [Int: Int] = [:]
    private let classCount: Int?

    var rowCount: Int { parts.reduce(0) { $0 + $1.features.rows } }
    var dimension: Int? { parts.first?.features.columns }
    private var isLabelled: Bool { !parts.isEmpty && parts.allSatisfy { $0.labels != nil } }

    /// Opens files; what cannot be is a finding.
    init(_ name: String, _ source: DatasetLayout.SplitFiles, classNames: [String]?) {
        self.name = name
        findings = DataFindings(about: name)
        files = source.features
        classCount = classNames?.count
        for url in source.features {
            guard let file = findings.collecting(.unreadable, { try TensorFile(contentsOf: url) }),
                let features = findings.collecting(.missing, {
                    try source.labels == nil ? FeatureRows.features(in: file, nil) : file.tensor(named: [])
                }),
                findings.collecting(.shape, { try FeatureRows.checkFeatures(features) }) != nil
            else { continue }
            var part = FeatureRows.Part(features: features, classCount: classCount, firstRow: rowCount)
            part.labels = labels(source, file)
            if let labels = part.labels,
                findings.collecting(.shape, { try FeatureRows.checkLabels(labels, of: features) }) == nil
            {
                part.labels = nil
            }
            parts.append(part)
            checkNames(file, classNames)
        }
        for part in parts where part.features.rows == 0 {
            findings.add(.warning, .noRows, part.features.error("has no rows, expected at least one"))
        }
        let bare = parts.filter { $0.labels == nil }
        if bare.count < parts.count {
            for part in bare {
                findings.add(.error, .missing, part.features.labelsMissing("other files have labels"))
            }
        } else if let part = bare.first, classCount != nil, findings.all.isEmpty {
            findings.add(
                .warning, .missing, part.features.labelsMissing("the rows can be classified, not learnt or evaluated"))
        }
    }

    private mutating func labels(_ source: DatasetLayout.SplitFiles, _ file: TensorFile) -> StoredTensor? {
        if let url = source.labels {
            guard let labels = findings.collecting(.unreadable, { try TensorFile(contentsOf: url) }) else { return nil }
            return findings.collecting(.missing) { try labels.tensor(named: []) }
        }
        return file.format == .npy ? nil : file.tensors.first { $0.name == "labels" }
    }

    private mutating func checkNames(_ file: TensorFile, _ names: [String]?) {
        guard let own = findings.collecting(.classNames, { try ClassNames.list("class_names", in: file) }), let own, let names,
            own != names
        else { return }
        findings.add(
            .error, .classNames,
            FeatureDataError(
                .badData, file.url,
                "the class names differ from those of the text file: "
                    + (zip(own, names).enumerated().first { $1.0 != $1.1 }.map {
                        "class \($0.offset) is '\($0.element.0)' here and '\($0.element.1)' there"
                    } ?? "\(own.count) here and \(names.count) there")))
    }

    /// Reads every row and label.
    ///
    /// - Parameters:
    ///   - expected: the length that rows should have.
    ///   - sound: called with the checksum and the number in the group of every row that is neither zero nor NaN nor infinite.
    mutating func check(
        dimension expected: Int?, sound: (UInt64, Int) -> Void, progress: (Int) throws -> Void
    ) rethrows {
        for part in parts {
            if let expected, part.features.columns != expected {
                findings.add(
                    .error, .dimension,
                    part.features.error("has rows of length \(part.features.columns), expected \(expected) as elsewhere"))
            }
            var scan = RowScan()
            part.features.file.willReadInOrder()
            try scan.scan(part.features) { row, checksum in
                sound(checksum, part.firstRow + row)
            } progress: { rows in
                part.dropPages(of: part.firstRow + rows.lowerBound..<part.firstRow + rows.upperBound)
                try progress(rows.count)
            }
            findings.add(scan.findings(about: part.features))
            scans.append(scan)
            countLabels(part)
        }
    }

    private mutating func countLabels(_ part: FeatureRows.Part) {
        guard let labels = part.labels else { return }
        var (bad, values) = (RowScan.RowList(), [Int]())
        let block = 1 << 16
        for start in stride(from: 0, to: labels.count, by: block) {
            let range = start..<min(start + block, labels.count)
            guard let found = findings.collecting(.labelRange, { try labels.integers(in: range) }) else { return }
            for (offset, label) in found.enumerated() {
                if label >= 0, label < classCount ?? .max {
                    classCounts[label, default: 0] += 1
                } else {
                    bad.add(start + offset)
                    if values.count < DataFinding.listed { values.append(label) }
                }
            }
        }
        guard bad.count > 0 else { return }
        let expected = classCount.map { "0 to \($0 - 1), the classes" } ?? "0 or more"
        let shown = zip(bad.first, values).map { "row \($0) has \($1)" }.joined(separator: ", ")
        findings.add(
            .error, .labelRange,
            labels.error(
                "\(bad.count) of \(labels.count) labels are no class, expected \(expected): \(shown)"
                    + (bad.count > values.count ? ", …" : "")),
            count: bad.count, rows: bad.first)
    }

    /// Classes of the text file without rows here.
    func classFindings(_ classNames: [String]?) -> [DataFinding] {
        guard let classNames, isLabelled, let file = files.first else { return [] }
        let empty = classNames.indices.filter { classCounts[$0] == nil }
        guard !empty.isEmpty else { return [] }
        let names = empty.prefix(DataFinding.listed).map { "'\(classNames[$0])'" }.joined(separator: ", ")
        return [
            DataFinding(
                .warning, .emptyClasses,
                FeatureDataError(
                    .badData, files.count == 1 ? file : file.deletingLastPathComponent(),
                    "\(empty.count) of \(classNames.count) classes have no \(name) rows: \(names)"
                        + (empty.count > DataFinding.listed ? ", …" : "")),
                count: empty.count)
        ]
    }

    /// The file of a row of the group, and its number there.
    func location(of row: Int) -> (tensor: StoredTensor, row: Int)? {
        parts.last { $0.firstRow <= row }.map { ($0.features, row - $0.firstRow) }
    }

    /// The label of a row of the group, where it has one.
    func label(of row: Int) -> Int? {
        guard let part = parts.last(where: { $0.firstRow <= row }), let labels = part.labels else { return nil }
        return try? labels.integers(in: row - part.firstRow..<row - part.firstRow + 1).first
    }

    var summary: DataValidation.Group {
        let sound = scans.reduce(0) { $0 + $1.soundRows }
        return DataValidation.Group(
            name: name, files: files.map(\.relativePath), rows: rowCount, dimension: dimension,
            elementTypes: ElementType.allCases.filter { type in parts.contains { $0.features.elementType == type } },
            smallestNorm: sound > 0 ? scans.map(\.smallestNorm).min() : nil,
            meanNorm: sound > 0 ? scans.reduce(0) { $0 + $1.sumOfNorms } / Double(sound) : nil,
            largestNorm: sound > 0 ? scans.map(\.largestNorm).max() : nil,
            zeroRows: scans.reduce(0) { $0 + $1.zeroRows.count },
            nonFiniteRows: scans.reduce(0) { $0 + $1.nonFiniteRows.count }, duplicateRows: nil, isLabelled: isLabelled,
            classes: isLabelled ? classCounts.count : nil, fewestRowsOfClass: classCounts.values.min(),
            mostRowsOfClass: classCounts.values.max())
    }
}

extension StoredTensor {
    fileprivate func labelsMissing(_ consequence: String) -> FeatureDataError {
        FeatureDataError(.badData, url, tensor: "labels", "is missing: \(consequence)")
    }
}
