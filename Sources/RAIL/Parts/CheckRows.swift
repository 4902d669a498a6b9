import FeatureData
import Matrices

/// The rows of a task that λ and the link from scores to logits are fitted on, evenly spaced over all of its rows, with their
/// places: a shard keeps those among its own, and those of all shards are the rows that learning in one process takes.
struct CheckRows: Sendable {
    private(set) var positions: [Int]
    private(set) var rows: LabelledFeatures

    init(positions: [Int], rows: LabelledFeatures) {
        precondition(positions.count == rows.count)
        (self.positions, self.rows) = (positions, rows)
    }

    init(dimension: Int) {
        self.init(positions: [], rows: LabelledFeatures(features: Matrix(rows: 0, columns: dimension), labels: []))
    }

    /// Takes those of consecutive rows that are wanted.
    ///
    /// - Parameters:
    ///   - first: the place of the first among the task's rows.
    ///   - total: the number of the task's rows.
    mutating func add(_ block: LabelledFeatures, from first: Int, of total: Int) {
        let wanted = LinkRows.positions(total, LinkRows.limit, in: first..<first + block.count)
        guard !wanted.isEmpty else { return }
        add(CheckRows(positions: wanted, rows: block.selecting(wanted.map { $0 - first })))
    }

    mutating func add(_ other: CheckRows) {
        positions += other.positions
        rows = LabelledFeatures(
            features: rows.features.appendingRows(other.rows.features), labels: rows.labels + other.rows.labels)
    }

    /// In the order of their places.
    var ordered: LabelledFeatures { rows.selecting(positions.indices.sorted { positions[$0] < positions[$1] }) }
}

extension LinkRows {
    /// Those of `positions(count, wanted)` that lie in a range. O(wanted).
    static func positions(_ count: Int, _ wanted: Int, in range: Range<Int>) -> [Int] {
        count <= wanted ? Array(range) : (0..<wanted).map { $0 * count / wanted }.filter(range.contains)
    }
}
