import Foundation
import Matrices

/// Everything that is wrong or doubtful with feature data: the answer of `credence data validate`.
///
/// Where reading stops at the first bad row, a validation goes through all rows of all files and lists what it finds.
/// Rows are read once, in blocks; memory is 16 bytes a row for finding equal rows, and nothing that grows without it.
public struct DataValidation: Sendable, Codable, Equatable {
    public var path: String
    /// The splits of a data folder, or the file looked at.
    public var groups: [Group]
    /// Of the text file, where there is one.
    public var text: Text?
    /// In the order of the files; errors and warnings.
    public var findings: [DataFinding]

    public var errors: [DataFinding] { findings.filter { $0.severity == .error } }
    public var warnings: [DataFinding] { findings.filter { $0.severity == .warning } }

    /// Rows that belong together.
    public struct Group: Sendable, Codable, Equatable {
        /// `train`, `test`, or the file.
        public var name: String
        public var files: [String]
        public var rows: Int
        /// Of the first file that could be read.
        public var dimension: Int?
        public var elementTypes: [ElementType]
        /// Of rows that are neither zero nor NaN nor infinite; nil without any.
        public var smallestNorm: Double?
        public var meanNorm: Double?
        public var largestNorm: Double?
        public var zeroRows: Int
        public var nonFiniteRows: Int
        /// Rows equal to an earlier one of the group; nil where that was not looked at.
        public var duplicateRows: Int?
        public var isLabelled: Bool
        /// Classes that occur, and rows of the rarest and the commonest of these.
        public var classes: Int?
        public var fewestRowsOfClass: Int?
        public var mostRowsOfClass: Int?
    }

    /// Class prompts.
    public struct Text: Sendable, Codable, Equatable {
        public var file: String
        public var classes: Int
        public var promptsPerClass: Int
        public var dimension: Int
        public var elementType: ElementType
        public var logitScale: Float?
        /// False where 100 is assumed.
        public var isLogitScaleStated: Bool
        public var smallestNorm: Double?
        public var largestNorm: Double?
    }

    /// Validates a data folder, a folder of clip-retrieval's, or a file.
    ///
    /// - Parameters:
    ///   - findingDuplicates: whether equal rows are looked for.
    ///   - progress: called with the rows done and their number in all; what it throws ends the validation.
    /// - Throws: `FeatureDataError.inputMissing` where there is nothing at `url`; nothing else but what `progress` throws.
    public init(
        of url: URL, findingDuplicates: Bool = true, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws {
        guard url.exists else { throw FeatureDataError(.inputMissing, url, "no such file or folder") }
        path = url.relativePath
        groups = []
        findings = []
        let subject = ValidationSubject(url)
        var text: TextCheck?
        if let file = subject.text { text = TextCheck(file) }
        self.text = text?.summary
        let groups = subject.groups.map { RowGroup($0.name, $0.files, classNames: text?.classNames) }
        let total = groups.reduce(0) { $0 + $1.rowCount }
        var (equal, done) = (EqualRows(), 0)
        var checked: [RowGroup] = []
        for (index, group) in groups.enumerated() {
            var group = group
            try group.check(dimension: text?.summary?.dimension ?? groups.first?.dimension) { checksum, row in
                if findingDuplicates { equal.add(checksum, group: index, row: row) }
            } progress: { rows in
                done += rows
                try progress(done, total)
            }
            checked.append(group)
        }
        findings = subject.findings
        var summaries = checked.map(\.summary)
        for group in checked { findings += group.findings.all + group.classFindings(text?.classNames) }
        findings += text?.findings.all ?? []
        if findingDuplicates {
            let duplicates = DuplicateFindings(&equal, checked)
            findings += duplicates.findings
            for index in summaries.indices { summaries[index].duplicateRows = duplicates.counts[index] }
        }
        self.groups = summaries
    }
}
