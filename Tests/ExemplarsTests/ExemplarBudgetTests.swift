import Exemplars
import Probability
import Testing

/// Laws of quotas, over random supplies.
@Suite struct ExemplarBudgetTests {
    /// Random classes of 0 to 40 rows, one in three with pinned rows.
    private static func supplies(_ count: Int, seed: UInt64) -> [[ExemplarBudget.Supply]] {
        var stream = RandomStream(seed: seed)
        return (0..<count).map { _ in
            (0..<1 + stream.integer(below: 12)).map { _ in
                let rows = stream.integer(below: 41)
                let isPinned = stream.integer(below: 3) == 0
                return .init(pinned: isPinned ? stream.integer(below: rows + 1) : 0, rows: rows)
            }
        }
    }

    @Test func quotasKeepTheBudgetThePinnedRowsAndTheBalance() throws {
        var stream = RandomStream(seed: 1)
        for supply in Self.supplies(2000, seed: 2) {
            let pinned = supply.reduce(0) { $0 + $1.pinned }
            let all = supply.reduce(0) { $0 + $1.rows }
            let budget = pinned + stream.integer(below: all - pinned + 20)
            let quotas = try ExemplarBudget.total(budget).quotas(supply)
            #expect(quotas.reduce(0, +) == min(budget, all), "nothing is left over while there are rows")
            for (quota, supply) in zip(quotas, supply) { #expect((supply.pinned...supply.rows).contains(quota)) }
            // Where neither pinned rows nor supply decide, quotas differ by at most one, and the larger come first.
            let largest = quotas.indices.filter { quotas[$0] > supply[$0].pinned }.map { quotas[$0] }.max() ?? 0
            for (quota, supply) in zip(quotas, supply) where quota < supply.rows { #expect(quota >= largest - 1) }
            let free = quotas.indices.filter { quotas[$0] > supply[$0].pinned && quotas[$0] < supply[$0].rows }
            #expect(free.map { quotas[$0] } == free.map { quotas[$0] }.sorted(by: >))
        }
    }

    @Test func aNewClassNeverRaisesAnOldQuota() throws {
        var stream = RandomStream(seed: 3)
        for supply in Self.supplies(500, seed: 4) {
            let pinned = supply.reduce(0) { $0 + $1.pinned }
            let budget = ExemplarBudget.total(pinned + stream.integer(below: 200))
            var before: [Int] = []
            // Classes arrive one by one; what was cut before is gone.
            var held: [ExemplarBudget.Supply] = []
            for new in supply {
                held.append(new)
                guard held.reduce(0, { $0 + $1.pinned }) <= budget.rows else { break }
                let quotas = try budget.quotas(held)
                for (old, now) in zip(before, quotas) { #expect(now <= old) }
                held = zip(held, quotas).map { .init(pinned: $0.pinned, rows: $1) }
                before = quotas
            }
        }
    }

    @Test func withoutLimitsTheFirstClassesTakeTheRemainder() throws {
        #expect(try ExemplarBudget.total(10).quotas(classes: 4) == [3, 3, 2, 2])
        #expect(try ExemplarBudget.total(2).quotas(classes: 4) == [1, 1, 0, 0])
        #expect(try ExemplarBudget.total(0).quotas(classes: 3) == [0, 0, 0])
        #expect(try ExemplarBudget.total(7).quotas(classes: 0) == [])
        #expect(try ExemplarBudget.perClass(5).quotas(classes: 2) == [5, 5])
        #expect(try ExemplarBudget.total(.max).quotas([.init(rows: 3)]) == [3])
        #expect(ExemplarBudget.perClass(.max / 2).limit(classes: 3) == .max)
    }

    @Test func aSmallClassLeavesItsShareToTheOthers() throws {
        #expect(try ExemplarBudget.total(12).quotas([.init(rows: 2), .init(rows: 50), .init(rows: 50)]) == [2, 5, 5])
        #expect(
            try ExemplarBudget.total(12).quotas([.init(pinned: 8, rows: 9), .init(rows: 9), .init(rows: 9)]) == [8, 2, 2])
    }

    @Test func impossibleBudgetsAreRefused() {
        #expect(throws: ExemplarError.invalidBudget(-1)) { try ExemplarBudget.total(-1).quotas(classes: 1) }
        #expect(throws: ExemplarError.pinnedExceedBudget(pinned: 5, budget: .total(4))) {
            try ExemplarBudget.total(4).quotas([.init(pinned: 3, rows: 3), .init(pinned: 2, rows: 9)])
        }
        #expect(throws: ExemplarError.pinnedExceedBudget(pinned: 3, budget: .perClass(2))) {
            try ExemplarBudget.perClass(2).quotas([.init(pinned: 3, rows: 3)])
        }
    }
}
