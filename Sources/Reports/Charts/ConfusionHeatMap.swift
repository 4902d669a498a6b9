import ContinualEvaluation

/// The classes that are taken for one another most.
enum ConfusionHeatMap {
    static func chart(_ group: RunGroup, name: String, isOnly: Bool) -> Chart? {
        guard let found = group.runs.compactMap({ $0.diagnostics?.confusion }).first, isSound(found) else { return nil }
        let shares = found.counts.enumerated().map { row, counts in
            counts.map { found.rows[row] > 0 ? Double($0) / Double(found.rows[row]) : 0 }
        }
        let map = HeatMap(
            rowNames: found.classes, columnNames: found.classes,
            cells: shares.enumerated().map { row, shares in
                shares.enumerated().map { column, share in
                    .init(
                        value: share, label: share < 0.005 ? "" : NumberText.fixed(share * 100, 0),
                        tip: row == column
                            ? "\(found.classes[row]): \(NumberText.percent(share)) right (\(found.counts[row][column]) of \(found.rows[row]))"
                            : "\(found.classes[row]) taken for \(found.classes[column]): \(NumberText.percent(share)) (\(found.counts[row][column]) of \(found.rows[row]))")
                }
            }, range: 0...1, rowTitle: "class", columnTitle: "taken for", rangeLabels: ("0 %", "100 %"))
        let pairs = pairs(found)
        return Chart(
            name: name, title: "Most confused classes" + (isOnly ? "" : ": \(group.name)"),
            summary: pairs.prefix(3).map { "\($0.label) taken for \($0.predicted): \($0.rows) of \($0.of) rows." }.joined(separator: " "),
            note: "Per cent of a class’s rows, after the last task\(group.hasSeveralRuns ? ", of the first run" : ""): the classes of the largest confusions; what a row lacks to 100 went to other classes.",
            table: DataTable(
                heads: ["class", "taken for", "rows", "share of the class"],
                rows: pairs.prefix(20).map {
                    [$0.label, $0.predicted, "\($0.rows) of \($0.of)", NumberText.percent(Double($0.rows) / Double(max($0.of, 1)))]
                }), height: map.height, marks: map.marks)
    }

    /// Shapes that belong together, as results read from a file need not have.
    private static func isSound(_ confusion: BenchmarkResults.Confusion) -> Bool {
        let count = confusion.classes.count
        return count > 0 && confusion.rows.count == count && confusion.counts.count == count
            && confusion.counts.allSatisfy { $0.count == count }
    }

    private static func pairs(
        _ confusion: BenchmarkResults.Confusion
    ) -> [(label: String, predicted: String, rows: Int, of: Int)] {
        var pairs: [(label: String, predicted: String, rows: Int, of: Int)] = []
        for (row, counts) in confusion.counts.enumerated() {
            for (column, count) in counts.enumerated() where row != column && count > 0 {
                pairs.append((confusion.classes[row], confusion.classes[column], count, confusion.rows[row]))
            }
        }
        return pairs.enumerated().sorted { ($1.element.rows, $0.offset) < ($0.element.rows, $1.offset) }.map(\.element)
    }
}
