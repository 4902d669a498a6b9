import Foundation

/// Writes a `.npy` file of records (a structured array) record by record; it appears under its name when finished (see
/// `AtomicFile`). `numpy.load` gives an array whose columns are read by name: `a["entropy"]`.
///
/// Format version 2.0, whose header may be long. Memory: what was appended since the last `flush`.
public final class NumPyRecordWriter {
    /// A column.
    public struct Field: Sendable, Equatable {
        public var name: String
        public var elementType: ElementType
        /// Elements in a record.
        public var count: Int
        /// Whether a field of one element is an array of one element all the same.
        public var isArray: Bool

        public init(_ name: String, _ elementType: ElementType, count: Int = 1, isArray: Bool = false) {
            self.name = name
            self.elementType = elementType
            self.count = count
            self.isArray = isArray
        }
    }

    private let file: AtomicFile
    private let byteCount: Int
    private var bytes: [UInt8] = []
    private var written = 0

    /// - Throws: `FeatureDataError.cannotWrite`; `.badData` for types that NumPy does not have, names with quotes or
    ///   backslashes, and sizes that overflow.
    public init(to url: URL, fields: [Field], records: Int) throws {
        var members: [String] = []
        var size = 0
        for field in fields {
            guard let type = NumPyHeader.name(of: field.elementType) else {
                throw FeatureDataError(.badData, url, "NumPy has no type for \(field.elementType.rawValue)")
            }
            guard !field.name.isEmpty, !field.name.contains(where: { "'\"\\\n".contains($0) }), field.count >= 0 else {
                throw FeatureDataError(.badData, url, "a field cannot have the name '\(field.name)'")
            }
            let shape = field.count == 1 && !field.isArray ? "" : ", (\(field.count),)"
            members.append("('\(field.name)', '\(type)'\(shape))")
            size += field.count * field.elementType.byteCount
        }
        let (total, overflow) = size.multipliedReportingOverflow(by: records)
        guard !overflow, records >= 0 else {
            throw FeatureDataError(.badData, url, "an array cannot have \(records) records of \(size) bytes")
        }
        byteCount = total
        file = try AtomicFile(at: url)
        try NumPyRecords.header("[\(members.joined(separator: ", "))]", records: records).withUnsafeBytes { try file.write($0) }
    }

    /// Appends the next element of the next field, which must have its type.
    public func append(_ value: Float) { append(value.bitPattern) }
    public func append(_ value: Int32) { append(UInt32(bitPattern: value)) }
    public func append(_ value: UInt8) { bytes.append(value) }

    private func append(_ value: UInt32) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Hands what was appended to the file.
    ///
    /// - Throws: `FeatureDataError.inputOutput`.
    public func flush() throws {
        try bytes.withUnsafeBytes { try file.write($0) }
        written += bytes.count
        bytes.removeAll(keepingCapacity: true)
    }

    /// Makes the file appear; every element must have been appended.
    public func finish() throws {
        try flush()
        precondition(written == byteCount, "\(written) of \(byteCount) bytes of records")
        try file.commit()
    }
}
