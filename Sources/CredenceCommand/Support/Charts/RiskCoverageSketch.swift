import Credence
import Foundation

/// The share of errors among the most confident rows against the share of rows answered.
struct RiskCoverageSketch {
    let selective: SelectivePrediction

    init(_ selective: SelectivePrediction) { self.selective = selective }

    func lines(_ canvas: ChartCanvas) -> [String] {
        let rows = selective.risks.count
        guard rows > 0 else { return [] }
        let width = min(60, canvas.width - 10)
        let risks = (1...width).map { column in
            1 - (selective.accuracy(atCoverage: Double(column) / Double(width)) ?? 1)
        }
        // The first few rows alone have risks of 0, ½ or 1; the graph is cut at twice the risk of all rows.
        let all = Double(selective.errors) / Double(rows)
        let top = min(risks.max() ?? 0, max(2 * all, 0.01))
        let title = canvas.paint("risk-coverage", .heading) + ": errors among the most confident share of rows"
        guard selective.errors > 0 else { return [title + ": none"] }
        return [title]
            + BlockGraph.framed(
                BlockGraph.columns(risks, top: top, height: 4, canvas), low: "0", high: String(format: "%.3f", top), canvas,
                below: ("0", "coverage", "1"))
    }
}
