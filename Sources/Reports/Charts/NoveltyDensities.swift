import ContinualEvaluation

/// How a novelty score lies for known and for novel rows, and where the threshold cuts.
enum NoveltyDensities {
    static func chart(_ group: RunGroup, score: String, name: String, isOnly: Bool) -> Chart? {
        guard let (curves, novelty) = group.curves(score) else { return nil }
        let bins = curves.known.count
        func shares(_ counts: [Int]) -> [Double] {
            let total = Double(counts.reduce(0, +))
            return counts.map { total > 0 ? Double($0) / total : 0 }
        }
        let (known, novel) = (shares(curves.known), shares(curves.novel))
        let legend = Legend([("known classes", .field(0)), ("classes still to come", .field(1)), ("threshold", .reference)])
        let axes = Axes(
            x: curves.lowest...max(curves.lowest, curves.highest), y: 0...((known + novel).max() ?? 1) * 1.08, top: legend.bottom)
        var marks = legend.marks + axes.drawn(
            xTitle: "\(score) (higher = more novel)", yTitle: "share of the rows", yLabel: Axes.percent(axes.y))
        let width = (axes.right - axes.left) / Double(bins)
        for (series, values) in [known, novel].enumerated() {
            // Steps, so that a bin's share can be read off.
            var outline: [(x: Double, y: Double)] = []
            for (bin, value) in values.enumerated() {
                outline.append((axes.left + Double(bin) * width, axes.y(value)))
                outline.append((axes.left + Double(bin + 1) * width, axes.y(value)))
            }
            let floor = [(x: axes.left, y: axes.bottom), (x: axes.right, y: axes.bottom)]
            marks.append(Marks.band(outline, floor, "area f\(series) c\(series) d\(series)"))
        }
        for bin in 0..<bins {
            let low = curves.lowest + Double(bin) / Double(bins) * (curves.highest - curves.lowest)
            let high = curves.lowest + Double(bin + 1) / Double(bins) * (curves.highest - curves.lowest)
            marks.append(
                Marks.rect(
                    axes.left + Double(bin) * width, axes.top, width, axes.bottom - axes.top, "hit",
                    tip: "\(score) \(short(low)) to \(short(high)): \(NumberText.percent(known[bin])) of the known rows, \(NumberText.percent(novel[bin])) of the novel"))
        }
        if let threshold = curves.threshold, axes.x.domain.contains(threshold) {
            let x = axes.x(threshold)
            marks.append(Marks.line(x, axes.top, x, axes.bottom, "line cm ref"))
        }
        let caught = novelty.scores[score]?.fpr95.map { 1 - $0 }
        return Chart(
            name: name, title: "Known and novel rows" + (isOnly ? "" : ": \(group.name)"),
            summary: "Scores of \(NumberText.count(novelty.knownRows)) known and \(NumberText.count(novelty.novelRows)) novel rows after task \(novelty.afterTask + 1). "
                + "The threshold \(curves.threshold.map(short) ?? "–") keeps 95 % of the known rows and finds \(NumberText.percent(caught)) of the novel ones.",
            note: "After task \(novelty.afterTask + 1)\(group.hasSeveralRuns ? " of the first run" : ""). The outermost bins hold what lies beyond.",
            table: DataTable(
                heads: ["from", "to", "known rows", "novel rows"],
                rows: (0..<bins).map { bin in
                    let edges = [bin, bin + 1].map { curves.lowest + Double($0) / Double(bins) * (curves.highest - curves.lowest) }
                    return edges.map(short) + [NumberText.count(curves.known[bin]), NumberText.count(curves.novel[bin])]
                }), marks: marks)
    }

    private static func short(_ value: Double) -> String {
        let size = abs(value)
        return NumberText.fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.01 || size == 0 ? 3 : 5)
    }
}
