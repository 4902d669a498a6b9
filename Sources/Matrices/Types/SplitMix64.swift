/// SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195): a small generator, and a hash of integers, whose
/// numbers never change with the package's random streams.
package struct SplitMix64: Sendable {
    package var state: UInt64

    @inlinable package init(state: UInt64) { self.state = state }

    @inlinable package mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.finalized(state)
    }

    /// What the state grows by.
    @inlinable package static var increment: UInt64 { 0x9e37_79b9_7f4a_7c15 }

    /// A bijection that lets every bit of the result depend on every bit of `bits`.
    @inlinable package static func finalized(_ bits: UInt64) -> UInt64 {
        var z = bits
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// `finalized` of a multiple of the increment, so that small numbers lie apart.
    @inlinable package static func hash(_ bits: UInt64) -> UInt64 { finalized(bits &* increment) }
}
