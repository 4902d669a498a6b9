import CGSL

/// The generators a `RandomStream` can stand on.
public enum RandomGenerator: String, Sendable, Codable, CaseIterable {
    /// Mersenne Twister (Matsumoto and Nishimura 1998), period 2^19937 − 1; the default.
    case mt19937
    /// Tausworthe of L'Ecuyer 1996 with the seeding of 1999, period about 2^88; small state, fast.
    case taus2
    /// RANLUX, single precision, luxury level 109 (Lüscher 1994): slow, decorrelated by a proof on the underlying
    /// dynamics; 24 bits a draw.
    case ranlxs0
    /// Philox4x32-10 (Salmon et al. 2011): counter-based, period 2^66 words, can be moved to any position.
    case philox4x32

    var type: UnsafePointer<gsl_rng_type> {
        switch self {
        case .mt19937: credence_gsl_rng_mt19937()
        case .taus2: credence_gsl_rng_taus2()
        case .ranlxs0: credence_gsl_rng_ranlxs0()
        case .philox4x32: credence_gsl_rng_philox4x32()
        }
    }

    /// Random bits that one draw of the generator brings.
    var bits: UInt64 { self == .ranlxs0 ? 24 : 32 }
}

/// The layouts of GSL 2's generator states, for filling them from a key and for checking saved ones. GSL's own seeding
/// takes 32 bits, and among 80,000 streams two would then probably be the same.
extension RandomGenerator {
    /// mt19937: 624 unsigned longs, then the index. taus2: 3 unsigned longs. ranlxs0: 24 doubles, the carry, 24 floats,
    /// then the indices ir, jr, is, is_old and the luxury pr.
    private enum Layout {
        static let long = MemoryLayout<CUnsignedLong>.size
        static let mtWords = 624
        static let mtIndex = mtWords * long
        static let ranlxIndices = 25 * 8 + 24 * 4
        static let ranlxLuxury: UInt32 = 109
    }

    /// The bytes a state has where its layout is the one known here.
    private var knownSize: Int {
        switch self {
        case .mt19937: Layout.mtIndex + Layout.long  // the index is an int, padded
        case .taus2: 3 * Layout.long
        case .ranlxs0: (Layout.ranlxIndices + 5 * 4 + 7) / 8 * 8
        case .philox4x32: MemoryLayout<credence_philox_state>.size
        }
    }

    /// Whether the library's state has the size of the layout known here.
    var layoutIsKnown: Bool { type.pointee.size == knownSize }

    /// Fills `state` from `key`; without knowledge of the layout, GSL's own seeding is used.
    func seed(_ generator: UnsafeMutablePointer<gsl_rng>, from key: StreamKey) {
        guard layoutIsKnown, let state = gsl_rng_state(generator) else {
            gsl_rng_set(generator, CUnsignedLong(key.stateWords(1)[0]))
            return
        }
        switch self {
        case .mt19937:
            let words = key.stateWords(Layout.mtWords)
            for (index, word) in words.enumerated() {
                state.storeBytes(of: CUnsignedLong(word), toByteOffset: index * Layout.long, as: CUnsignedLong.self)
            }
            // The top bit of the first word is the only one that counts of it; set, the state cannot be all zero.
            state.storeBytes(of: CUnsignedLong(words[0] | 0x8000_0000), as: CUnsignedLong.self)
            state.storeBytes(of: Int32(Layout.mtWords), toByteOffset: Layout.mtIndex, as: Int32.self)
        case .taus2:
            // Each component must be above 1, 7 and 15 (L'Ecuyer 1999).
            for (index, (word, least)) in zip(key.stateWords(3), [2, 8, 16] as [UInt32]).enumerated() {
                let value = word < least ? word + least : word
                state.storeBytes(of: CUnsignedLong(value), toByteOffset: index * Layout.long, as: CUnsignedLong.self)
            }
            for _ in 0..<10 { _ = gsl_rng_get(generator) }
        case .ranlxs0:
            gsl_rng_set(generator, 1)
            let words = key.stateWords(24)
            for index in 0..<12 {
                let bits = UInt64(words[2 * index]) << 16 | UInt64(words[2 * index + 1] >> 16)
                state.storeBytes(of: Double(bits) * 0x1p-48, toByteOffset: index * 8, as: Double.self)
            }
        case .philox4x32:
            let own = state.assumingMemoryBound(to: credence_philox_state.self)
            let words = key.stateWords(4)
            own.pointee = credence_philox_state(
                seed: UInt64(words[0]) | UInt64(words[1]) << 32, stream: UInt64(words[2]) | UInt64(words[3]) << 32,
                position: 0, block: (0, 0, 0, 0))
        }
    }

    /// Whether `bytes` is a state that the generator can run from: indices in range, so that no draw reads outside it.
    func isValidState(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == type.pointee.size else { return false }
        guard layoutIsKnown else { return true }
        func index(_ offset: Int) -> UInt32 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
        switch self {
        case .mt19937:
            guard index(Layout.mtIndex) <= UInt32(Layout.mtWords) else { return false }
            return (0..<Layout.mtWords).contains { index($0 * Layout.long) != 0 }
        case .taus2:
            return zip(0..<3, [2, 8, 16] as [CUnsignedLong]).allSatisfy { component, least in
                let value = bytes.loadUnaligned(fromByteOffset: component * Layout.long, as: CUnsignedLong.self)
                return value >= least && value <= 0xffff_ffff
            }
        case .ranlxs0:
            let indices = (0..<5).map { index(Layout.ranlxIndices + 4 * $0) }
            let inRange = indices[0] < 12 && indices[1] < 12 && indices[2] < 24 && indices[3] < 24
            return inRange && indices[4] == Layout.ranlxLuxury
                && (0..<12).allSatisfy {
                    let x = bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self)
                    return x >= 0 && x < 1
                }
        case .philox4x32: return true
        }
    }
}
