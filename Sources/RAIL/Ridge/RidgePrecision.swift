/// In which precision the Gram matrix is computed, kept and factorised.
///
/// The error of ridge weights grows with the condition of G + λI, at most 1 + trace(G)/λ: rows over λ, since ‖φ(x)‖² is
/// about 1.
public enum RidgePrecision: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Products, sums and factor in Float: half the memory and time of Double.
    case single
    /// Products of blocks of rows in Float, their sums and the factor in Double.
    case mixed
    /// Everything in Double.
    case double

    /// The rule where no precision is asked for: single up to a condition of 2·10⁵, mixed up to 10⁷, double above.
    public static func sufficient(forCondition condition: Double) -> RidgePrecision {
        condition <= 2e5 ? .single : condition <= 1e7 ? .mixed : .double
    }

    public static func < (a: RidgePrecision, b: RidgePrecision) -> Bool {
        let order = allCases
        return (order.firstIndex(of: a) ?? 0) < (order.firstIndex(of: b) ?? 0)
    }
}
