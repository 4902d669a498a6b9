import Credence
import Foundation

/// Markdown tables of means with 95 % intervals over runs.
struct StudyTable {
    /// The figures of a table, in the order of its columns.
    private static let figures: [(title: String, digits: Int, value: @Sendable (BenchmarkResults) -> Double?)] = [
        ("average", 3, { $0.average }), ("last", 3, { $0.last }),
        ("backward transfer", 3, { $0.backwardTransfer }), ("ECE", 3, { $0.ece }), ("NLL", 3, { $0.nll }),
        ("energy AUROC", 3, { $0.meanAUROC(score: "energy") }), ("learning, s", 2, { $0.seconds.train }),
    ]

    /// The heads of the first columns, left-aligned.
    let keys: [String]
    private var rows: [String] = []

    init(keys: [String]) {
        self.keys = keys
    }

    /// Adds the row of some runs; no row where there are none.
    ///
    /// - Parameter runs: how many there should be; where some are missing the row says how many it stands on.
    mutating func add(_ cells: [String], _ results: [BenchmarkResults], of runs: Int) {
        guard !results.isEmpty else { return }
        var cells = cells
        if results.count < runs { cells[cells.count - 1] += " (\(results.count) of \(runs) runs)" }
        cells += Self.figures.map { figure in
            Self.cell(MeanInterval(results.compactMap(figure.value)), digits: figure.digits)
        }
        rows.append("| " + cells.joined(separator: " | ") + " |")
    }

    var markdown: String {
        let head = "| " + (keys + Self.figures.map(\.title)).joined(separator: " | ") + " |"
        let rule = "|" + keys.map { _ in " --- |" }.joined() + Self.figures.map { _ in " ---: |" }.joined()
        return ([head, rule] + rows).joined(separator: "\n") + "\n"
    }

    private static func cell(_ interval: MeanInterval?, digits: Int) -> String {
        guard let interval else { return "–" }
        let mean = fixed(interval.mean, digits)
        return interval.halfWidth.map { mean + " ± " + fixed($0, digits) } ?? mean
    }

    private static func fixed(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value).replacing("-", with: "−")
    }
}
