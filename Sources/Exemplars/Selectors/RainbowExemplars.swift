import Prediction

/// Rows of all degrees of uncertainty: rainbow memory (Bang et al. 2021, arXiv:2103.17230) takes rows at equal steps of the
/// order of uncertainty, from the surest to the least sure.
///
/// The steps are halved again and again (van der Corput's sequence), so that any first part of the ranking is spread over the
/// whole order, and a shorter ranking is a prefix of a longer one.
public struct RainbowExemplars: ExemplarSelector {
    public init() {}

    public var name: String { "rainbow" }
    public var needsPosterior: Bool { true }

    public func ranking(of candidates: ExemplarCandidates, count: Int) throws -> [Int] {
        let order = try candidates.posterior(for: self).uncertainty().total.map { -Double($0) }.descendingOrder
        return Self.spread(order.count).prefix(max(0, count)).map { order[$0] }
    }

    /// The positions 0..<count in the order of van der Corput's sequence.
    static func spread(_ count: Int) -> [Int] {
        guard count > 1 else { return Array(0..<count) }
        let bits = Int.bitWidth - (count - 1).leadingZeroBitCount
        return (0..<(1 << bits)).compactMap { place in
            let reversed = Int(UInt(bitPattern: place).bitReversed >> (Int.bitWidth - bits))
            return reversed < count ? reversed : nil
        }
    }
}

extension UInt {
    fileprivate var bitReversed: UInt {
        var (rest, result) = (self, UInt(0))
        for _ in 0..<UInt.bitWidth {
            result = result << 1 | rest & 1
            rest >>= 1
        }
        return result
    }
}
