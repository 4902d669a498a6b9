import Credence

/// The rows whose distance from their class's mean is nearest to the median distance: neither prototypes nor outliers.
/// O(rows · (D + log rows)).
struct TypicalExemplars: ExemplarSelector {
    let name = "typical"

    func ranking(of candidates: ExemplarCandidates, count: Int) throws -> [Int] {
        guard candidates.count > 0 else { return [] }
        let centred = candidates.features.adding(row: candidates.features.columnMeans().map { -$0 })
        let distances = centred.rowNorms()
        let median = distances.sorted()[distances.count / 2]
        // Equal distances by row number, so that the ranking is always the same.
        let order = distances.indices.sorted { (abs(distances[$0] - median), $0) < (abs(distances[$1] - median), $1) }
        return Array(order.prefix(count))
    }
}
