import Foundation

/// The header of a `.npy` file of records as `NumPyRecordWriter` writes it: to change the number of records without reading them.
///
/// Format: numpy/lib/format.py, "Format Version 2.0".
public struct NumPyRecords: Sendable, Equatable {
    /// NumPy's description of a record, such as `[('class', '<i4')]`.
    public let description: String
    public let count: Int
    /// Bytes before the first record.
    public let headerBytes: Int

    /// From the first bytes of a file.
    ///
    /// - Returns: nil where they are no such header.
    public init?(_ bytes: Data) {
        guard bytes.count >= 12, bytes.prefix(8).elementsEqual(NumPyHeader.magic + [2, 0]) else { return nil }
        let length = bytes.dropFirst(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 12 + length,
            let text = String(validating: bytes.dropFirst(12).prefix(length), as: UTF8.self),
            text.hasPrefix(Self.start), let middle = text.range(of: Self.middle),
            let end = text.range(of: ",), }", range: middle.upperBound..<text.endIndex),
            let count = Int(text[middle.upperBound..<end.lowerBound]), count >= 0
        else { return nil }
        description = String(text.dropFirst(Self.start.count)[..<middle.lowerBound])
        self.count = count
        headerBytes = 12 + length
    }

    /// The header of a file of `records` records.
    public static func header(_ description: String, records: Int) -> [UInt8] {
        var text = "\(start)\(description)\(middle)\(records),), }"
        text += String(repeating: " ", count: 63 - (12 + text.utf8.count) % 64) + "\n"
        var header = NumPyHeader.magic + [2, 0]
        withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { header.append(contentsOf: $0) }
        header.append(contentsOf: text.utf8)
        return header
    }

    private static let start = "{'descr': "
    private static let middle = ", 'fortran_order': False, 'shape': ("
}
