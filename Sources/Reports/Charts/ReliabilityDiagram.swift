import ContinualEvaluation

/// Confidence against accuracy, as predicted and with a temperature.
enum ReliabilityDiagram {
    private static let bins = 15

    /// Bins of all runs of a group together.
    private static func pooled(_ lists: [[BenchmarkResults.ReliabilityBin]]) -> [BenchmarkResults.ReliabilityBin] {
        var sums = [(rows: Int, confidence: Double, right: Double)](repeating: (0, 0, 0), count: bins)
        for bin in lists.joined() where bin.rows > 0 && (0...1).contains(bin.confidence) && (0...1).contains(bin.accuracy) {
            let place = min(bins - 1, max(0, Int((bin.confidence * Double(bins)).rounded(.up)) - 1))
            let rows = Double(bin.rows)
            sums[place] = (
                sums[place].rows + bin.rows, sums[place].confidence + bin.confidence * rows, sums[place].right + bin.accuracy * rows
            )
        }
        return sums.filter { $0.rows > 0 }.map {
            .init(rows: $0.rows, confidence: $0.confidence / Double($0.rows), accuracy: $0.right / Double($0.rows))
        }
    }

    static func chart(_ group: RunGroup, name: String, isOnly: Bool) -> Chart? {
        let diagnostics = group.runs.compactMap(\.diagnostics)
        let before = pooled(diagnostics.map(\.reliability))
        let after = pooled(diagnostics.compactMap { $0.calibrated?.reliability })
        guard !before.isEmpty else { return nil }
        let legend = Legend(
            [("as predicted", .line(0))] + (after.isEmpty ? [] : [("with a temperature", .line(1))])
                + [("perfect", .reference)])
        let height = 340.0
        // The lower strip shows how many rows each bin holds.
        let strip = (top: height - 84.0, bottom: height - 46)
        let axes = Axes(x: 0...1, y: 0...1, top: legend.bottom, height: height - 48)
        var marks = legend.marks + axes.drawn(xTitle: "", yTitle: "share classified right", xLabel: { _ in "" }, yLabel: Axes.percent(axes.y))
        let most = Double(before.map(\.rows).max() ?? 1)
        let binWidth = (axes.right - axes.left) / Double(bins)
        for bin in before {
            let place = Double(min(bins - 1, max(0, Int((bin.confidence * Double(bins)).rounded(.up)) - 1)))
            let size = max(1, Double(bin.rows) / most * (strip.bottom - strip.top))
            marks.append(
                Marks.rect(
                    axes.left + place * binWidth + 1, strip.bottom - size, binWidth - 2, size, "fm",
                    tip: "\(NumberText.count(bin.rows)) rows with confidence about \(NumberText.percent(bin.confidence))"))
        }
        marks.append(Marks.line(axes.left, strip.bottom, axes.right, strip.bottom, "axis"))
        marks.append(Marks.text("rows", axes.left - 8, strip.bottom - 4, "e small muted"))
        for value in axes.x.ticks() {
            marks.append(Marks.text(Axes.percent(axes.x)(value), axes.x(value), strip.bottom + 18, "m muted"))
        }
        marks.append(Marks.text("confidence (largest probability)", (axes.left + axes.right) / 2, strip.bottom + 37, "m"))
        marks.append(Marks.line(axes.x(0), axes.y(0), axes.x(1), axes.y(1), "line cm ref"))
        var hits: [Markup] = []
        for (series, (points, label)) in [(before, "as predicted"), (after, "with a temperature")].enumerated() {
            marks += Marks.polyline(points.map { (axes.x($0.confidence), axes.y($0.accuracy)) }, "c\(series) d\(series)")
            for point in points {
                let (x, y) = (axes.x(point.confidence), axes.y(point.accuracy))
                let estimate = Estimate(share: point.accuracy, of: point.rows)
                if let lower = estimate.lower, let upper = estimate.upper {
                    marks.append(Marks.whisker(x: x, from: axes.y(upper), to: axes.y(lower), "c\(series)", reach: 0))
                }
                marks.append(Marks.point(x, y, series: series))
                hits.append(
                    Marks.hit(
                        x, y,
                        "\(label): confidence \(NumberText.percent(point.confidence)), right \(estimate.percent), \(NumberText.count(point.rows)) rows",
                        radius: 8))
            }
        }
        return Chart(
            name: name, title: "Reliability" + (isOnly ? "" : ": \(group.name)"), summary: summary(group),
            note: note(group, isCalibrated: !after.isEmpty), table: table(before, after), height: height,
            marks: marks + hits)
    }

    private static func ece(_ group: RunGroup) -> (before: Double?, after: Double?) {
        let calibrated = group.runs.compactMap { $0.diagnostics?.calibrated }
        return (
            group.interval { $0.ece }?.mean,
            MeanInterval(calibrated.compactMap(\.ece))?.mean
        )
    }

    private static func summary(_ group: RunGroup) -> String {
        let ece = ece(group)
        return "Expected calibration error \(NumberText.fixed(ece.before, 3)) as predicted"
            + (ece.after.map { ", \(NumberText.fixed($0, 3)) with a temperature" } ?? "")
            + ". Points below the diagonal are overconfident, above it underconfident."
    }

    private static func note(_ group: RunGroup, isCalibrated: Bool) -> String {
        let temperatures = group.runs.flatMap { $0.diagnostics?.calibrated?.temperatures ?? [] }
        let ends = [temperatures.min(), temperatures.max()].map { NumberText.fixed($0, 2) }
        var text = "After the last task, \(bins) equally wide bins; bars: 95 % intervals (Clopper–Pearson)."
        if isCalibrated {
            text += " The temperature (\(ends[0] == ends[1] ? ends[0] : ends.joined(separator: " to "))) is fitted on one half of the examined rows and measured on the other, both ways; the run itself does not use it."
        }
        if group.hasSeveralRuns { text += " Rows of \(group.runs.count) runs together." }
        return text
    }

    private static func table(_ before: [BenchmarkResults.ReliabilityBin], _ after: [BenchmarkResults.ReliabilityBin]) -> DataTable {
        func rows(_ bins: [BenchmarkResults.ReliabilityBin], _ name: String) -> [[String]] {
            bins.map {
                [name, NumberText.percent($0.confidence), NumberText.percent($0.accuracy), NumberText.count($0.rows)]
            }
        }
        return DataTable(
            heads: ["predictions", "confidence", "classified right", "rows"],
            rows: rows(before, "as predicted") + rows(after, "with a temperature"))
    }
}
