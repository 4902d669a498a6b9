import ContinualEvaluation

/// The receiver operating characteristic, and precision against recall, of novelty scores; novel rows are the positives.
enum DetectionCurves {
    private struct Line {
        let name: String
        let points: [(x: Double, y: Double)]
        let area: Double?
    }

    static func receiverOperatingCharacteristic(_ groups: [RunGroup]) -> Chart? {
        let lines = found(groups).map { line in
            Line(
                name: line.name, points: Array(zip(line.curves.falsePositiveRates, line.curves.truePositiveRates)).map { ($0, $1) },
                area: line.novelty.scores[line.score]?.auroc)
        }
        return chart(
            lines, groups, name: "roc", title: "Novel rows found against false alarms", areaName: "area under the ROC",
            xTitle: "false alarms: share of known rows called novel", yTitle: "share of novel rows found", y: 0...1,
            tip: { "\(NumberText.percent($0.y)) of the novel rows found at \(NumberText.percent($0.x)) false alarms" },
            grid: [0.01, 0.05, 0.1, 0.2, 0.5], gridName: "false alarms", note: "Receiver operating characteristic; the diagonal is chance.",
            hasDiagonal: true)
    }

    static func precisionRecall(_ groups: [RunGroup]) -> Chart? {
        let lines = found(groups).map { line -> Line in
            let (known, novel) = (Double(line.novelty.knownRows), Double(line.novelty.novelRows))
            let points = zip(line.curves.falsePositiveRates, line.curves.truePositiveRates).compactMap { point -> (x: Double, y: Double)? in
                let called = point.0 * known + point.1 * novel
                return called > 0 && point.1 > 0 ? (point.1, point.1 * novel / called) : nil
            }
            return Line(name: line.name, points: points, area: line.novelty.scores[line.score]?.auprOut)
        }
        let lowest = lines.flatMap { $0.points.map(\.y) }.min() ?? 0
        return chart(
            lines, groups, name: "precision-recall", title: "Precision and recall of novel rows",
            areaName: "area under precision and recall", xTitle: "recall: share of novel rows found", yTitle: "precision",
            y: (lowest * 5).rounded(.down) / 5...1,
            tip: { "of the rows called novel \(NumberText.percent($0.y)) are, with \(NumberText.percent($0.x)) of the novel rows found" },
            grid: [0.25, 0.5, 0.75, 0.9, 1], gridName: "recall",
            note: "Novel rows are the positives; the area is by steps (average precision).", hasDiagonal: false)
    }

    private static func found(
        _ groups: [RunGroup]
    ) -> [(name: String, score: String, curves: BenchmarkResults.Novelty.Curves, novelty: BenchmarkResults.Novelty)] {
        NoveltyOverTasks.lines(groups).compactMap { line in
            groups[line.group].curves(line.score).map { (line.name, line.score, $0.curves, $0.novelty) }
        }
    }

    private static func chart(
        _ lines: [Line], _ groups: [RunGroup], name: String, title: String, areaName: String, xTitle: String,
        yTitle: String, y: ClosedRange<Double>, tip: ((x: Double, y: Double)) -> String, grid: [Double], gridName: String,
        note: String, hasDiagonal: Bool
    ) -> Chart? {
        guard lines.contains(where: { $0.points.count > 1 }) else { return nil }
        let legend = Legend(
            lines.enumerated().map { ("\($1.name) \(NumberText.fixed($1.area, 3))", .line($0)) })
        let axes = Axes(x: 0...1, y: y, top: legend.bottom, height: 330)
        var marks = legend.marks + axes.drawn(xTitle: xTitle, yTitle: yTitle, xLabel: Axes.percent(axes.x), yLabel: Axes.percent(axes.y))
        if hasDiagonal { marks.append(Marks.line(axes.x(0), axes.y(0), axes.x(1), axes.y(1), "line cm ref")) }
        var hits: [Markup] = []
        for (series, line) in lines.enumerated() {
            marks += Marks.polyline(line.points.map { (axes.x($0.x), axes.y($0.y)) }, "c\(series % 8) d\(series % 8)")
            let every = max(1, line.points.count / 12)
            for point in stride(from: every, to: line.points.count, by: every).map({ line.points[$0] }) {
                marks.append(Marks.point(axes.x(point.x), axes.y(point.y), series: series, size: 2.6))
                hits.append(Marks.hit(axes.x(point.x), axes.y(point.y), "\(line.name): \(tip(point))", radius: 8))
            }
        }
        let first = groups.lazy.flatMap(\.runs).flatMap(\.novelty).first { $0.curves != nil }
        return Chart(
            name: name, title: title,
            summary: lines.map { "\($0.name): \(areaName) \(NumberText.fixed($0.area, 3))." }.joined(separator: " "),
            note: note + (first.map { " After task \($0.afterTask + 1), where known and novel rows are nearest in number. The number beside a name is the \(areaName)." } ?? ""),
            table: DataTable(
                heads: [gridName] + lines.map(\.name),
                rows: grid.map { x in
                    [NumberText.percent(x, 0)] + lines.map { NumberText.percent(value(of: $0.points, at: x)) }
                } + [[areaName] + lines.map { NumberText.fixed($0.area, 3) }]),
            height: 330, marks: marks + hits)
    }

    /// Between the points on a straight line.
    private static func value(of points: [(x: Double, y: Double)], at x: Double) -> Double? {
        guard let after = points.firstIndex(where: { $0.x >= x }) else { return nil }
        guard after > 0 else { return points[after].y }
        let (a, b) = (points[after - 1], points[after])
        return b.x > a.x ? a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x) : b.y
    }
}
