import Credence

/// The tables made of a study's runs.
extension StudyPlan {
    /// A caption, the table of runs on all rows and that of runs on few, as far as the study has them.
    func markdown(from log: StudyLog) throws -> String {
        var parts = [caption + "\n"]
        if shots.contains(nil) {
            var table = StudyTable(keys: ["data", "method"])
            for data in datasets {
                for method in methods {
                    try add(["\(data.name), \(data.tasks) tasks", method.title], method, data, nil, log, to: &table)
                }
            }
            parts.append(table.markdown)
        }
        let few = shots.compactMap { $0 }
        if !few.isEmpty {
            var table = StudyTable(keys: ["data", "rows per class", "method"])
            for data in datasets {
                for method in methods where !method.learnsFromRows {
                    try add([data.name, "0", method.title], method, data, nil, log, to: &table)
                }
                for shots in few {
                    for method in methods where method.learnsFromRows {
                        try add([data.name, "\(shots)", method.title], method, data, shots, log, to: &table)
                    }
                }
            }
            parts.append(table.markdown)
        }
        return parts.joined(separator: "\n")
    }

    private func add(
        _ cells: [String], _ method: StudyMethod, _ data: StudyData, _ shots: Int?, _ log: StudyLog,
        to table: inout StudyTable
    ) throws {
        let replicates = replicates(of: method)
        let results = try replicates.compactMap { order, seed in
            log[try job(method, data, shots: shots, order: order, seed: seed).run]?.results
        }
        table.add(cells, results, of: replicates.count)
    }

    private var caption: String {
        let examined =
            holdout.map { "held-out training rows (a share of \($0) of every class; the test rows were not read)" }
            ?? "test rows"
        let runs = replicates.count
        let over =
            runs > 1
            ? "Means over \(runs) runs (seeds: \(seeds), class orders: \(orders); zero-shot has no seed, methods with attention "
                + "have each seed with one order) ± half the 95 % interval (Student's t)"
            : "One run"
        return "\(over), on \(examined). Budget of exemplars: \(budget) rows, 0 for recipes that keep none. Learning on "
            + "one thread."
    }
}
