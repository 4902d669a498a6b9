import Credence
import Foundation

/// Accuracy by exemplar selector, budget by budget: a point with its interval, beside the baseline's mean.
struct SelectorSketch {
    /// Best first.
    let rows: [SelectorComparison.Row]
    let baseline: String

    func lines(_ canvas: ChartCanvas) -> [String] {
        var budgets: [Int] = []
        for row in rows where !budgets.contains(row.budget) { budgets.append(row.budget) }
        let sketches = budgets.map { budget in lines(rows.filter { $0.budget == budget && $0.last != nil }, budget, canvas) }
        return Array(sketches.filter { !$0.isEmpty }.joined(separator: [""]))
    }

    private func lines(_ rows: [SelectorComparison.Row], _ budget: Int, _ canvas: ChartCanvas) -> [String] {
        let intervals = rows.compactMap { row in row.last.map { ($0.mean - ($0.halfWidth ?? 0), $0.mean, $0.mean + ($0.halfWidth ?? 0)) } }
        guard let low = intervals.map(\.0).min(), let high = intervals.map(\.2).max() else { return [] }
        // All equal, or one selector: a point in the middle.
        let scale = high > low ? low...high : low - 0.01...low + 0.01
        let names = (rows.map(\.selector.count).max() ?? 0) + 2
        let width = min(60, max(10, canvas.width - names - 8))
        func place(_ value: Double) -> Int {
            BlockGraph.place((value - scale.lowerBound) / (scale.upperBound - scale.lowerBound), width: width)
        }
        let base = rows.first { $0.selector == baseline }?.last.map { place($0.mean) }
        let dotted = canvas.choose("┊", ":")
        var lines = [
            canvas.paint("last accuracy, budget \(budget)", .heading) + ": mean and 95 % interval"
                + (base == nil ? "" : "; \(dotted) \(baseline)"),
            canvas.paint(
                "".padded(names)
                    + BlockGraph.ruler((String(format: "%.3f", scale.lowerBound), "", String(format: "%.3f", scale.upperBound)), width: width),
                .faint),
        ]
        for (row, interval) in zip(rows, intervals) {
            var marks = Array(String(repeating: " ", count: width))
            if let base { marks[base] = Character(dotted) }
            let (from, middle, to) = (place(interval.0), place(interval.1), place(interval.2))
            if from < to {
                for column in from...to { marks[column] = Character(canvas.choose("─", "-")) }
                marks[from] = Character(canvas.choose("├", "|"))
                marks[to] = Character(canvas.choose("┤", "|"))
            }
            marks[middle] = Character(canvas.choose("●", "o"))
            lines.append(row.selector.padded(names) + String(marks) + String(format: "  %.3f", interval.1))
        }
        return lines
    }
}
