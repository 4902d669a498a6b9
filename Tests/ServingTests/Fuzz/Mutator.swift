import Foundation
import Matrices

/// Damages bytes in the ways that files and requests are damaged, and in those that readers fear. The same seed gives the
/// same damage.
struct Mutator: RandomNumberGenerator {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(state: seed) }

    mutating func next() -> UInt64 { generator.next() }

    mutating func below(_ count: Int) -> Int { count < 1 ? 0 : Int(next() % UInt64(count)) }

    private static let numbers = [
        "0", "-1", "1", "255", "256", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e308", "1e309", "-0",
        "1.5", "NaN", "null", "99999999999999999999999999999999999999",
    ]
    private static let pieces = [
        "{", "}", "[", "]", "\"", ",", ":", "\r\n", "\r\n\r\n", "\u{0}", "\\", "\\ud800", "%00", "%", "?", "&", "=", "\u{1F600}",
        "'", "(", ")",
    ]

    /// One to four damages, most of them in the first bytes, where the headers are.
    mutating func damaged(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<1 + below(4) { damage(&bytes) }
        return bytes
    }

    private mutating func place(_ bytes: [UInt8]) -> Int {
        below(3) == 0 ? below(bytes.count) : below(min(bytes.count, 1024))
    }

    private mutating func damage(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes.append(UInt8(truncatingIfNeeded: next()))
            return
        }
        let at = place(bytes)
        switch below(11) {
        case 0: bytes[at] ^= 1 << UInt8(below(8))
        case 1: bytes[at] = UInt8(truncatingIfNeeded: next())
        case 2: bytes[at] = [0, 0x7f, 0x80, 0xff][below(4)]
        case 3: bytes.removeSubrange(at...)
        case 4: bytes.removeSubrange(at..<min(bytes.count, at + 1 + below(16)))
        case 5: bytes.insert(contentsOf: (0..<1 + below(16)).map { _ in UInt8(truncatingIfNeeded: next()) }, at: at)
        case 6:
            let end = min(bytes.count, at + 1 + below(64))
            bytes.insert(contentsOf: bytes[at..<end], at: place(bytes))
        case 7: bytes.insert(contentsOf: Self.pieces[below(Self.pieces.count)].utf8, at: at)
        case 8: replaceNumber(&bytes, from: at)
        case 9:
            // A length of four or eight bytes.
            let value: UInt64 = [0, 1, .max, .max >> 1, 1 << 31, 1 << 32, UInt64(bytes.count), next()][below(8)]
            for offset in 0..<(below(2) == 0 ? 4 : 8) where at + offset < bytes.count {
                bytes[at + offset] = UInt8(truncatingIfNeeded: value >> UInt64(8 * offset))
            }
        default: bytes.swapAt(at, place(bytes))
        }
    }

    /// The next digits in the text become another number.
    private mutating func replaceNumber(_ bytes: inout [UInt8], from start: Int) {
        guard let first = bytes[start...].prefix(4096).firstIndex(where: { (0x30...0x39).contains($0) }) else { return }
        let end = bytes[first...].prefix(64).firstIndex { !(0x30...0x39).contains($0) } ?? min(bytes.count, first + 64)
        bytes.replaceSubrange(first..<end, with: Array(Self.numbers[below(Self.numbers.count)].utf8))
    }
}

/// How long to fuzz: a short run with a fixed seed in the tests, a long one by `make fuzz`.
enum Fuzzing {
    /// Damaged things of each kind.
    static let rounds = Int(ProcessInfo.processInfo.environment["FUZZ_ROUNDS"] ?? "") ?? 150
    static let seed = UInt64(ProcessInfo.processInfo.environment["FUZZ_SEED"] ?? "") ?? 1
}
