import ContinualEvaluation

/// Figures of named things as marks with intervals, one below the other: selectors, and differences between runs.
struct IntervalChart {
    struct Row {
        let name: String
        let estimates: [(series: Int, estimate: Estimate, tip: String)]
    }

    let rows: [Row]
    let legend: [(name: String, sign: Legend.Sign)]
    let title: String
    /// Drawn as a line, where there is one: nothing gained, nothing lost.
    var zero: Double?

    private var left: Double {
        min(190, (rows.map { TextFitting.width($0.name) }.max() ?? 0) + 18)
    }
    private var rowHeight: Double { 26 + 8 * Double(max(0, (rows.map(\.estimates.count).max() ?? 1) - 1)) }
    private var top: Double { Legend(legend, left: 14).bottom }
    var height: Double { top + rowHeight * Double(rows.count) + 48 }

    func marks(label: (LinearScale) -> (Double) -> String) -> [Markup] {
        let values = rows.flatMap { row in row.estimates.flatMap(\.estimate.extent) } + (zero.map { [$0] } ?? [])
        let domain = LinearScale.domain(of: values)
        let x = LinearScale(domain, from: left + 6, to: Axes.width - 16)
        let bottom = top + rowHeight * Double(rows.count)
        var marks = Legend(legend, left: 14).marks
        for value in x.ticks() {
            marks.append(Marks.line(x(value), top - 4, x(value), bottom, "grid"))
            marks.append(Marks.text(label(x)(value), x(value), bottom + 18, "m muted"))
        }
        if let zero { marks.append(Marks.line(x(zero), top - 4, x(zero), bottom, "axis")) }
        marks.append(Marks.text(title, (left + Axes.width - 10) / 2, bottom + 38, "m"))
        var hits: [Markup] = []
        for (index, row) in rows.enumerated() {
            let middle = top + (Double(index) + 0.5) * rowHeight
            marks.append(Marks.text(TextFitting.shortened(row.name, to: left - 12), left - 4, middle + 4.5, "e"))
            for (place, entry) in row.estimates.enumerated() {
                let y = middle + (Double(place) - Double(row.estimates.count - 1) / 2) * 9
                if let lower = entry.estimate.lower, let upper = entry.estimate.upper {
                    marks.append(Marks.whisker(y: y, from: x(lower), to: x(upper), "c\(entry.series % 8)"))
                }
                marks.append(Marks.point(x(entry.estimate.value), y, series: entry.series))
                hits.append(Marks.hit(x(entry.estimate.value), y, entry.tip, radius: 7))
            }
        }
        return marks + hits
    }
}
