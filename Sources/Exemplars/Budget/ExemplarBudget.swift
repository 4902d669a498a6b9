/// How many rows may be kept: a total that the classes share, or a number for each class.
///
/// Quotas are balanced. Of a total B, every class gets the same level L, a class with fewer rows gets all it has, and one
/// with more pinned rows keeps those; L is the largest integer for which the quotas sum to at most B. The remainder, fewer
/// than the classes that could take one more row, goes one row each to the first of these in the order given. So quotas of
/// classes with enough rows and no more pinned rows than L differ by at most one; without limits class k of K gets
/// ⌊B / K⌋ rows and one more where k < B mod K, as in `ExemplarBuffer`.
///
/// Adding classes at the end never raises the quota of an earlier one.
public enum ExemplarBudget: Sendable, Hashable {
    /// At most that many rows in all.
    case total(Int)
    /// At most that many rows of each class.
    case perClass(Int)

    /// What a class has to offer.
    public struct Supply: Sendable, Hashable {
        /// Rows that must be kept.
        public var pinned: Int
        /// All rows that could be kept, the pinned ones among them.
        public var rows: Int

        public init(pinned: Int = 0, rows: Int) {
            precondition(pinned >= 0 && rows >= pinned, "\(pinned) of \(rows) rows are pinned")
            (self.pinned, self.rows) = (pinned, rows)
        }
    }

    /// The number of rows that the budget names.
    public var rows: Int {
        switch self {
        case .total(let rows), .perClass(let rows): rows
        }
    }

    /// The most rows that `classes` classes may hold together; `Int.max` where that is more than an Int.
    public func limit(classes: Int) -> Int {
        switch self {
        case .total(let rows): return rows
        case .perClass(let rows):
            let (product, overflow) = rows.multipliedReportingOverflow(by: classes)
            return overflow ? .max : product
        }
    }

    /// How many rows each class keeps: its pinned rows first, then the best of the others. O(classes · log rows).
    ///
    /// - Throws: `ExemplarError.invalidBudget` below 0; `pinnedExceedBudget` where the pinned rows alone are too many.
    public func quotas(_ supply: [Supply]) throws(ExemplarError) -> [Int] {
        guard rows >= 0 else { throw .invalidBudget(rows) }
        switch self {
        case .perClass(let most):
            if let crowded = supply.first(where: { $0.pinned > most }) {
                throw .pinnedExceedBudget(pinned: crowded.pinned, budget: self)
            }
            return supply.map { min($0.rows, most) }
        case .total(let budget):
            let pinned = supply.reduce(0) { $0 + $1.pinned }
            guard pinned <= budget else { throw .pinnedExceedBudget(pinned: pinned, budget: self) }
            return Self.balanced(supply, budget)
        }
    }

    /// Quotas of classes that have rows enough and none pinned.
    public func quotas(classes: Int) throws(ExemplarError) -> [Int] {
        try quotas(Array(repeating: Supply(rows: max(0, rows)), count: classes))
    }

    private static func balanced(_ supply: [Supply], _ budget: Int) -> [Int] {
        // No level above the largest class changes anything, nor one above the budget but for the pinned rows.
        var (low, high) = (0, min(budget, supply.map(\.rows).max() ?? 0))
        func sum(_ level: Int) -> Int {
            supply.reduce(0) { $0 + quota($1, level) }
        }
        while low < high {
            let middle = low + (high - low + 1) / 2
            if sum(middle) <= budget { low = middle } else { high = middle - 1 }
        }
        var left = budget - sum(low)
        return supply.map { one in
            guard left > 0, one.pinned <= low, one.rows > low else { return quota(one, low) }
            left -= 1
            return low + 1
        }
    }

    private static func quota(_ supply: Supply, _ level: Int) -> Int {
        max(supply.pinned, min(level, supply.rows))
    }
}

extension ExemplarBudget: CustomStringConvertible {
    public var description: String {
        switch self {
        case .total(let rows): "\(rows) rows in all"
        case .perClass(let rows): "\(rows) rows a class"
        }
    }
}
