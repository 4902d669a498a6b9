import Matrices

/// Randomisations of a quasi-random sequence that keep its evenness and make every point uniformly distributed.
public enum Scrambling: String, Sendable, Hashable, CaseIterable {
    case none
    /// A random vector added modulo 1 (Cranley and Patterson 1976); for every sequence.
    case randomShift
    /// Random bits added to the binary digits, the same ones for every point (L'Ecuyer and Lemieux 2002); keeps nets.
    case digitalShift
    /// Nested uniform scrambling (Owen 1995): every binary digit is flipped or not depending on all digits before it.
    /// Keeps nets, and errors for smooth functions fall as n^(−3/2).
    case owen

    /// Whether it works on binary digits.
    public var isBinary: Bool { self == .digitalShift || self == .owen }

    /// The coordinate `x` in [0, 1) scrambled: a number in (0, 1), or `x` itself without scrambling.
    func apply(to x: Double, key: UInt64) -> Double {
        switch self {
        case .none: return x
        case .randomShift:
            let sum = x + Self.openUnit(key)
            return sum < 1 ? sum : max(sum - 1, 0x1p-53)
        case .digitalShift:
            return Self.openUnit(UInt64(x * 0x1p32) << 32 ^ key)
        case .owen:
            // GSL's binary sequences have at most 31 digits; those below come from the leaf's own hash.
            let digits = UInt32(truncatingIfNeeded: UInt64(x * 0x1p32))
            var flips: UInt32 = 0
            for level in 0..<32 {
                let prefix = UInt64(level == 0 ? 0 : digits >> (32 - level))
                let bit = SplitMix64.hash(key ^ (prefix << 6 | UInt64(level))) >> 63
                flips |= UInt32(bit) << (31 - level)
            }
            let leaf = SplitMix64.hash(key ^ (UInt64(digits) << 6 | 32))
            return Self.openUnit(UInt64(digits ^ flips) << 32 | leaf >> 32)
        }
    }

    /// The middle of one of 2^52 equal parts of (0, 1), by the upper 52 bits.
    private static func openUnit(_ bits: UInt64) -> Double { (Double(bits >> 12) + 0.5) * 0x1p-52 }
}
