import Foundation

/// Which rows a run classified right, one bit a row in the order of the files: what a paired test between two runs needs.
public struct RowOutcomes: Codable, Sendable, Equatable {
    /// Beyond it `results.json` would grow by more than 34 kB.
    public static let mostRows = 200_000

    public let rows: Int
    /// Of the rows' class names in order: runs with equal ones were examined on the same rows, whatever the order of classes.
    public let fingerprint: String
    /// Bit r mod 8, from the lowest, of byte r / 8, in base 64.
    private let right: String

    public init(isRight: [Bool], classNames: [String]) {
        precondition(isRight.count == classNames.count, "\(isRight.count) outcomes of \(classNames.count) rows")
        rows = isRight.count
        var bytes = [UInt8](repeating: 0, count: (rows + 7) / 8)
        for (row, isRight) in isRight.enumerated() where isRight { bytes[row / 8] |= 1 << (row % 8) }
        right = Data(bytes).base64EncodedString()
        // FNV-1a, 64 bits: tells sets of rows apart, guards against nothing.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for name in classNames {
            for byte in Array(name.utf8) + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        fingerprint = String(hash, radix: 16)
    }

    /// Row by row; `nil` where the text is damaged.
    public var isRight: [Bool]? {
        guard let bytes = Data(base64Encoded: right), rows >= 0, bytes.count == (rows + 7) / 8 else { return nil }
        return (0..<rows).map { bytes[bytes.startIndex + $0 / 8] >> ($0 % 8) & 1 == 1 }
    }
}
