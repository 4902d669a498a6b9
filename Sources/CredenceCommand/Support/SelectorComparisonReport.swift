import Credence
import Foundation

/// A comparison of selectors as a table, or as JSON.
struct SelectorComparisonReport {
    private let settings: [String: String]
    private let baseline: String
    /// Best last accuracy first within a budget.
    let rows: [SelectorComparison.Row]

    /// - Parameter cases: what was asked for; the comparison may hold more.
    init(_ comparison: SelectorComparison, of cases: [SelectorComparison.Case], baseline: String) {
        settings = comparison.settings
        self.baseline = baseline
        let wanted = Set(cases.map { [String($0.budget), $0.selector] })
        rows = comparison.rows(baseline: baseline).filter { wanted.contains([String($0.budget), $0.selector]) }
            .enumerated().sorted {
                ($0.element.budget, -($0.element.last?.mean ?? 0), $0.offset)
                    < ($1.element.budget, -($1.element.last?.mean ?? 0), $1.offset)
            }.map(\.element)
    }

    var text: String {
        let examined = settings["holdout"] == nil ? "test" : "held-out training"
        var text = "means over seeds, on \(examined) rows; gain over \(baseline)\n"
        let heads = [
            "budget", "selector", "seeds", "average", "gain", "last", "gain", "forgetting", "ECE", "NLL", "select, s",
        ]
        let cells = rows.map { row in
            [
                String(row.budget), row.selector, String(row.average?.count ?? 0), Self.cell(row.average), Self.cell(row.averageGain, sign: true),
                Self.cell(row.last), Self.cell(row.lastGain, sign: true), Self.cell(row.forgetting), Self.cell(row.ece),
                Self.cell(row.nll), Format.fixed(row.secondsSelect?.mean, 2),
            ]
        }
        let widths = heads.indices.map { column in ([heads] + cells).map { $0[column].count }.max() ?? 0 }
        for line in [heads] + cells {
            let padded = zip(line.dropLast(), widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            text += (padded + line.suffix(1)).joined(separator: "  ") + "\n"
        }
        return text
    }

    func json() throws -> String {
        struct Output: Encodable {
            let settings: [String: String]
            let baseline: String
            let rows: [SelectorComparison.Row]
        }
        return try JSONOutput.text(Output(settings: settings, baseline: baseline, rows: rows))
    }

    private static func cell(_ interval: MeanInterval?, sign: Bool = false) -> String {
        guard let interval else { return "–" }
        let mean = String(format: sign ? "%+.3f" : "%.3f", interval.mean)
        return interval.halfWidth.map { mean + " ±" + String(format: "%.3f", $0) } ?? mean
    }
}
