import Foundation

/// The accuracy matrix: after each task, on the rows of each task.
enum AccuracyHeatMap {
    /// - Parameter groups: all that stand beside it, so that a colour means the same in each.
    static func chart(_ group: RunGroup, among groups: [RunGroup], name: String) -> Chart? {
        let matrix = group.accuracyMatrix
        let values = matrix.joined().compactMap { $0 }
        guard let low = values.min(), let high = values.max() else { return nil }
        let isOnly = groups.count == 1
        let all = groups.flatMap { $0.accuracyMatrix.joined().compactMap { $0 } }
        let floor = max(0, ((all.min() ?? low) * 10 - 1e-9).rounded(.down) / 10)
        let ceiling = max(floor + 0.1, min(1, ((all.max() ?? high) * 10 + 1e-9).rounded(.up) / 10))
        let tasks = (1...matrix.count).map(String.init)
        let map = HeatMap(
            rowNames: tasks, columnNames: tasks,
            cells: matrix.enumerated().map { step, row in
                row.enumerated().map { task, value in
                    value.map {
                        .init(
                            value: $0, label: NumberText.fixed($0 * 100, matrix.count > 10 ? 0 : 1),
                            tip: "after task \(step + 1), rows of task \(task + 1): \(NumberText.percent($0))")
                    }
                }
            }, range: floor...ceiling, rowTitle: "after learning task", columnTitle: "accuracy on the rows of task",
            rangeLabels: (NumberText.percent(floor, 0), NumberText.percent(ceiling, 0)))
        let final = matrix.last?.compactMap { $0 } ?? []
        return Chart(
            name: name, title: "Accuracy on each task" + (isOnly ? "" : ": \(group.name)"),
            summary: "A matrix of accuracies from \(NumberText.percent(low)) to \(NumberText.percent(high))."
                + (final.isEmpty ? "" : " After the last task: " + final.map { NumberText.percent($0) }.joined(separator: ", ") + "."),
            note: "Read along a column to see what happens to a task after it was learnt."
                + (group.hasSeveralRuns ? " Means over \(group.runs.count) runs." : ""),
            table: DataTable(
                heads: ["after task"] + tasks.map { "on task \($0)" },
                rows: matrix.enumerated().map { step, row in [String(step + 1)] + row.map { NumberText.percent($0) } }),
            height: map.height, marks: map.marks)
    }
}
