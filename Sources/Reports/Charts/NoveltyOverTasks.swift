/// How well rows of classes still to come are told from known ones, after each task.
enum NoveltyOverTasks {
    /// One group: its best scores; several: one score that all have.
    static func lines(_ groups: [RunGroup]) -> [(name: String, group: Int, score: String)] {
        if groups.count == 1 {
            return groups[0].noveltyScores.prefix(5).map { ($0, 0, $0) }
        }
        guard let score = sharedScore(groups) else { return [] }
        return groups.enumerated().filter { $1.noveltyScores.contains(score) }.map { ($1.name, $0, score) }
    }

    /// That with the best mean over the groups that have novelty figures.
    static func sharedScore(_ groups: [RunGroup]) -> String? {
        let measured = groups.map { Set($0.noveltyScores) }.filter { !$0.isEmpty }
        guard var shared = measured.first else { return nil }
        for scores in measured.dropFirst() { shared.formIntersection(scores) }
        return shared.map { score in (score, groups.compactMap { $0.meanAUROC(score)?.mean }.reduce(0, +)) }
            .max { ($0.1, $1.0) < ($1.1, $0.0) }?.0
    }

    static func chart(_ groups: [RunGroup]) -> Chart? {
        let lines = lines(groups)
        let values = lines.map { groups[$0.group].auroc($0.score) }
        guard values.joined().contains(where: { $0 != nil }) else { return nil }
        let tasks = values.map(\.count).max() ?? 0
        let legend = Legend(lines.enumerated().map { ($1.name, .line($0)) })
        let axes = Axes(
            x: 1...Double(max(tasks, 2)), y: LinearScale.domain(of: values.joined().compactMap { $0 }, within: 0...1),
            top: legend.bottom)
        var marks = legend.marks + axes.drawn(
            xTitle: "tasks learnt", yTitle: "area under the ROC", xTicks: Axes.taskTicks(tasks),
            xLabel: { NumberText.fixed($0, 0) })
        var hits: [Markup] = []
        for (series, line) in values.enumerated() {
            let points = line.enumerated().map { task, value in value.map { (x: axes.x(Double(task + 1)), y: axes.y($0)) } }
            marks += Marks.polyline(points, "c\(series % 8) d\(series % 8)")
            for (task, point) in points.enumerated() {
                guard let point else { continue }
                marks.append(Marks.point(point.x, point.y, series: series))
                hits.append(Marks.hit(point.x, point.y, "\(lines[series].name), after task \(task + 1): \(NumberText.fixed(line[task], 3))"))
            }
        }
        let score = groups.count == 1 ? "" : " by \(lines[0].score)"
        return Chart(
            name: "novelty", title: "Telling unknown classes" + score,
            summary: zip(lines, values).compactMap { line, values in
                let known = values.compactMap { $0 }
                return known.isEmpty ? nil : "\(line.name): \(NumberText.fixed(known.reduce(0, +) / Double(known.count), 3)) on average."
            }.joined(separator: " "),
            note: "Rows of tasks still to come against rows of known classes; ½ is chance, 1 is perfect. "
                + (groups.count == 1
                    ? "The scores with the best mean are drawn; all are in the table of novelty scores."
                    : "The score that tells best over all runs shown."),
            table: DataTable(
                heads: ["after task"] + lines.map(\.name),
                rows: (0..<tasks).map { task in
                    [String(task + 1)] + values.map { NumberText.fixed($0.indices.contains(task) ? $0[task] : nil, 3) }
                }), marks: marks + hits)
    }
}
