import ContinualEvaluation

/// The share of errors where only the most confident rows are answered.
enum RiskCoverage {
    static func chart(_ groups: [RunGroup]) -> Chart? {
        // Curves have points at the same coverages only where runs have as many rows, so a group shows its first run.
        let curves = groups.map { group in
            group.runs.compactMap(\.diagnostics).first { !$0.riskCoverage.isEmpty }?.riskCoverage
                .filter { (0...1).contains($0.coverage) && (0...1).contains($0.risk) } ?? []
        }
        guard curves.contains(where: { !$0.isEmpty }) else { return nil }
        let legend = Legend(groups.count > 1 ? groups.enumerated().map { ($1.name, .line($0)) } : [])
        let axes = Axes(
            x: 0...1, y: LinearScale.domain(of: curves.joined().map(\.risk) + [0], within: 0...1), top: legend.bottom)
        var marks = legend.marks + axes.drawn(
            xTitle: "coverage: share of rows answered, most confident first", yTitle: "errors among them",
            xLabel: Axes.percent(axes.x), yLabel: Axes.percent(axes.y))
        var hits: [Markup] = []
        for (series, curve) in curves.enumerated() {
            marks += Marks.polyline(curve.map { (axes.x($0.coverage), axes.y($0.risk)) }, "c\(series % 8) d\(series % 8)")
            for coverage in stride(from: 0.1, through: 1, by: 0.1) {
                guard let point = nearest(curve, coverage) else { continue }
                let (x, y) = (axes.x(point.coverage), axes.y(point.risk))
                marks.append(Marks.point(x, y, series: series, size: 2.8))
                hits.append(
                    Marks.hit(
                        x, y,
                        "\(groups[series].name): \(NumberText.percent(point.coverage, 0)) answered, \(NumberText.percent(point.risk)) of them wrong"))
            }
        }
        let coverages = [0.5, 0.8, 0.9, 1]
        return Chart(
            name: "risk-coverage", title: "Errors when the unsure rows are left out",
            summary: zip(groups, curves).compactMap { group, curve in
                guard let half = nearest(curve, 0.5), let all = curve.last else { return nil }
                return "\(group.name): \(NumberText.percent(all.risk)) errors on all rows, \(NumberText.percent(half.risk)) on the most confident half."
            }.joined(separator: " "),
            note: "After the last task." + (groups.contains(where: \.hasSeveralRuns) ? " Of each group its first run." : ""),
            table: DataTable(
                heads: ["share answered"] + groups.map(\.name),
                rows: coverages.map { coverage in
                    [NumberText.percent(coverage, 0)] + curves.map { NumberText.percent(nearest($0, coverage)?.risk) }
                }), marks: marks + hits)
    }

    private static func nearest(_ curve: [BenchmarkResults.RiskPoint], _ coverage: Double) -> BenchmarkResults.RiskPoint? {
        curve.min { abs($0.coverage - coverage) < abs($1.coverage - coverage) }
    }
}
