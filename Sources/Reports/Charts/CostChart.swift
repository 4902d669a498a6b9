import ContinualEvaluation

/// What runs take: seconds and bytes, as bars one below the other.
enum CostChart {
    static func seconds(_ groups: [RunGroup]) -> Chart? {
        let parts: [(name: String, figure: (BenchmarkResults) -> Double?)] = [
            ("learning", { $0.seconds.train }), ("choosing exemplars", { $0.seconds.select }),
            ("predicting", { $0.seconds.predict }),
        ]
        let bars = groups.map { group in
            (group.name, parts.map { group.interval($0.figure)?.mean ?? 0 })
        }
        let throughput = groups.map { $0.interval(\.rowsPerSecond.predict)?.mean }
        return bar(
            bars, name: "time", title: "Time", parts: parts.map(\.name), label: NumberText.seconds,
            summary: bars.map { "\($0.0): \(NumberText.seconds($0.1.reduce(0, +)))." }.joined(separator: " "),
            table: DataTable(
                heads: ["run"] + parts.map(\.name) + ["one training step (median)", "rows learnt a second", "rows predicted a second"],
                rows: zip(groups.indices, bars).map { index, bar in
                    [bar.0] + bar.1.map { NumberText.seconds($0) } + [
                        NumberText.seconds(groups[index].interval(\.seconds.trainStepMedian)?.mean),
                        rate(groups[index].interval(\.rowsPerSecond.train)?.mean), rate(throughput[index]),
                    ]
                }))
    }

    static func memory(_ groups: [RunGroup]) -> Chart? {
        let bars = groups.map { group in
            (group.name, [group.interval { $0.peakRssBytes > 0 ? Double($0.peakRssBytes) : nil }?.mean ?? 0])
        }
        return bar(
            bars, name: "memory", title: "Memory", parts: [], label: NumberText.bytes,
            summary: bars.map { "\($0.0): \(NumberText.bytes($0.1[0])) at most." }.joined(separator: " "),
            table: DataTable(heads: ["run", "most memory held"], rows: bars.map { [$0.0, NumberText.bytes($0.1[0])] }))
    }

    private static func rate(_ value: Double?) -> String {
        value.flatMap { $0.isFinite && abs($0) < 1e15 ? NumberText.count(Int($0.rounded())) : nil } ?? "–"
    }

    private static func bar(
        _ bars: [(name: String, values: [Double])], name: String, title: String, parts: [String],
        label: (Double?) -> String, summary: String, table: DataTable
    ) -> Chart? {
        let most = bars.map { $0.values.reduce(0, +) }.max() ?? 0
        guard most > 0 else { return nil }
        let legend = Legend(parts.enumerated().map { ($1, .field($0)) }, left: 14)
        let left = min(190, (bars.map { TextFitting.width($0.name) }.max() ?? 0) + 18)
        let scale = LinearScale(0...most, from: left + 4, to: Axes.width - 84)
        var marks = legend.marks
        for (index, bar) in bars.enumerated() {
            let y = legend.bottom + Double(index) * 32
            marks.append(Marks.text(TextFitting.shortened(bar.name, to: left - 10), left - 4, y + 16, "e"))
            var sum = 0.0
            for (part, value) in bar.values.enumerated() where value > 0 {
                let (from, to) = (scale(sum), scale(sum + value))
                let what = parts.indices.contains(part) ? "\(bar.name), \(parts[part])" : bar.name
                marks.append(Marks.rect(from, y, max(to - from, 0.8), 22, "f\(part)", tip: "\(what): \(label(value))"))
                sum += value
            }
            marks.append(Marks.text(label(sum), scale(sum) + 6, y + 16, "muted"))
        }
        return Chart(
            name: name, title: title, summary: summary,
            note: "Of the machines named below; means where a run was repeated.", table: table,
            height: legend.bottom + Double(bars.count) * 32 + 6, marks: marks)
    }
}
