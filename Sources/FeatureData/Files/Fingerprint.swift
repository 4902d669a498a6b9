/// A 64-bit checksum that tells whether bytes changed by accident: one flipped bit always changes it. Not for secrets.
///
/// Parts are separated by their lengths. Each 8-byte word is mixed into one of four lanes by an invertible step (xor,
/// odd multiplication, rotation), which is why no single change can cancel.
package struct Fingerprint: CustomStringConvertible {
    private var lanes: (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, 4)

    package init() {}

    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var (a, b, c, d) = lanes
        Self.mix(&a, UInt64(bytes.count))
        var offset = 0
        while offset + 32 <= bytes.count {
            Self.mix(&a, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            Self.mix(&b, bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
            Self.mix(&c, bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self))
            Self.mix(&d, bytes.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self))
            offset += 32
        }
        while offset < bytes.count {
            Self.mix(&d, UInt64(bytes[offset]))
            offset += 1
        }
        lanes = (a, b, c, d)
    }

    package var value: UInt64 {
        var result: UInt64 = 0
        Self.mix(&result, lanes.0)
        Self.mix(&result, lanes.1)
        Self.mix(&result, lanes.2)
        Self.mix(&result, lanes.3)
        return result ^ result >> 32
    }

    /// 16 hexadecimal digits.
    package var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Invertible in `word` and in `lane`; the constant is the golden ratio's, odd.
    @inline(__always) private static func mix(_ lane: inout UInt64, _ word: UInt64) {
        let product = (lane ^ word) &* 0x9e37_79b9_7f4a_7c15
        lane = product << 29 | product >> 35
    }
}
