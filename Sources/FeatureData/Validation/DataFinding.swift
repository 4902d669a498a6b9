/// Something that a check of feature data found: an error that learning or classifying would stop at, or a warning.
public struct DataFinding: Sendable, Codable, Equatable {
    public enum Severity: String, Sendable, Codable {
        case error, warning
    }

    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A file, tensor or split that is not there.
        case missing
        /// A file that is damaged or cannot be read.
        case unreadable
        /// A tensor of the wrong type or shape.
        case shape
        /// A file without rows.
        case noRows = "no-rows"
        /// Rows of different lengths.
        case dimension
        /// Rows with NaN or infinite numbers.
        case nonFiniteRows = "non-finite-rows"
        case zeroRows = "zero-rows"
        /// Norms that differ so much that short rows may be noise.
        case norms
        /// Labels that are no class.
        case labelRange = "label-range"
        case classNames = "class-names"
        /// Classes without rows.
        case emptyClasses = "empty-classes"
        /// Rows that equal an earlier one of the same split.
        case duplicateRows = "duplicate-rows"
        /// Test rows that are training rows.
        case sharedRows = "shared-rows"
        /// Equal rows with different labels.
        case contradictingLabels = "contradicting-labels"
        case logitScale = "logit-scale"
        /// Classes that the text features do not tell apart.
        case equalText = "equal-text"
    }

    public var severity: Severity
    public var kind: Kind
    public var file: String
    public var tensor: String?
    /// How many rows, labels or classes are concerned, where it can be counted.
    public var count: Int?
    /// The first of them, at most `DataFinding.listed`, counted from 0 in their file.
    public var rows: [Int]
    /// One line that names file and tensor and tells what was found and what was expected.
    public var message: String

    /// Rows that a finding names.
    public static let listed = 5

    init(_ severity: Severity, _ kind: Kind, _ error: FeatureDataError, count: Int? = nil, rows: [Int] = []) {
        self.severity = severity
        self.kind = kind
        file = error.file
        tensor = error.tensor
        self.count = count
        self.rows = Array(rows.prefix(Self.listed))
        message = error.description
    }
}
