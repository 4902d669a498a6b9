import CKernels

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
/// doi:10.1145/2063384.2063405): a bijection of 128-bit counters for each 64-bit key.
public enum Philox {
    /// The four 32-bit words of one block. O(1).
    public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var result = SIMD4<UInt32>()
        let (counter, key) = ([counter.x, counter.y, counter.z, counter.w], [key.x, key.y])
        withUnsafeMutableBytes(of: &result) { bytes in
            let words = bytes.assumingMemoryBound(to: UInt32.self)
            counter.withUnsafeBufferPointer { counter in
                key.withUnsafeBufferPointer { key in
                    credence_philox4x32_10(words.baseAddress, counter.baseAddress, key.baseAddress)
                }
            }
        }
        return result
    }

    /// The block of (`key`, `stream`) with number `index`, as two 64-bit words.
    static func pair(key: UInt64, stream: UInt64, index: UInt64) -> (UInt64, UInt64) {
        let words = block(
            counter: SIMD4(
                UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
                UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)),
            key: SIMD2(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
        return (UInt64(words.x) | UInt64(words.y) << 32, UInt64(words.z) | UInt64(words.w) << 32)
    }
}

/// The name of a random stream: 128 bits, derived and never drawn, so that a stream depends on the path that leads to
/// it (seed, split, split, …) and not on what was drawn before or on which thread.
struct StreamKey: Hashable, Sendable, Codable {
    var seed: UInt64
    var stream: UInt64

    /// What a key is used for; uses never share Philox counters, as each has its own Philox key.
    private enum Use {
        static let split: UInt64 = 0x9E6C_63D0_876A_68A5
        static let state: UInt64 = 0x2545_F491_4F6C_DD1D
    }

    /// The key of the child with number `index`.
    func child(_ index: UInt64) -> StreamKey {
        let (a, b) = Philox.pair(key: seed ^ Use.split, stream: stream, index: index)
        return StreamKey(seed: a, stream: b)
    }

    /// `count` 32-bit words to fill a generator's state with.
    func stateWords(_ count: Int) -> [UInt32] {
        (0..<(count + 3) / 4).flatMap { index in
            let (a, b) = Philox.pair(key: seed ^ Use.state, stream: stream, index: UInt64(index))
            return [
                UInt32(truncatingIfNeeded: a), UInt32(truncatingIfNeeded: a >> 32),
                UInt32(truncatingIfNeeded: b), UInt32(truncatingIfNeeded: b >> 32),
            ]
        }
    }
}
