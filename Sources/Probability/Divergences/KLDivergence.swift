/// Closed-form Kullback–Leibler divergences KL(P‖Q) = E_P[ln p − ln q] in nats, found by the pair of types.
///
/// Where the types are known when compiling, call `p.klDivergence(to: q)`. This table serves code that is generic over
/// distributions; `standard` holds every pair of this module, and more can be added to a copy.
public struct KLDivergence: Sendable {
    private struct Pair: Hashable, Sendable {
        let p: ObjectIdentifier
        let q: ObjectIdentifier
    }

    private var rules: [Pair: @Sendable (any Distribution, any Distribution) throws -> Double?] = [:]

    /// A table without entries.
    public init() {}

    /// The divergences of this module.
    public static let standard: KLDivergence = {
        var table = KLDivergence()
        table.register(Normal.self, Normal.self) { $0.klDivergence(to: $1) }
        table.register(DiagonalNormal.self, DiagonalNormal.self) { try $0.klDivergence(to: $1) }
        return table
    }()

    /// Adds or replaces the divergence of a pair of types.
    public mutating func register<P: Distribution, Q: Distribution>(
        _ p: P.Type, _ q: Q.Type, _ divergence: @escaping @Sendable (P, Q) throws -> Double
    ) {
        rules[Pair(p: ObjectIdentifier(p), q: ObjectIdentifier(q))] = { p, q in
            guard let p = p as? P, let q = q as? Q else { return nil }
            return try divergence(p, q)
        }
    }

    /// Whether the table has the pair.
    public func knows(_ p: any Distribution.Type, _ q: any Distribution.Type) -> Bool {
        rules[Pair(p: ObjectIdentifier(p), q: ObjectIdentifier(q))] != nil
    }

    /// KL(P‖Q) in nats, at least 0.
    ///
    /// - Throws: `DistributionError.noDivergence` where the table does not have the pair, and what the pair's own
    ///   divergence throws.
    public func callAsFunction(_ p: any Distribution, _ q: any Distribution) throws -> Double {
        let pair = Pair(p: ObjectIdentifier(type(of: p)), q: ObjectIdentifier(type(of: q)))
        guard let value = try rules[pair]?(p, q) else {
            throw DistributionError.noDivergence(from: type(of: p).name, to: type(of: q).name)
        }
        return value
    }
}
