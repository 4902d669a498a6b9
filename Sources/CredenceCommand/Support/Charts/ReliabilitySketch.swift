import Credence
import Foundation

/// Accuracy against confidence, a bar a bin: how far confidence can be believed, and where it cannot.
struct ReliabilitySketch {
    /// A run of bins with rows.
    private struct Bin {
        var lower: Double
        var upper: Double
        var rows: Int
        var confidence: Double
        var accuracy: Double

        /// Confidence less accuracy; above 0 the model is too sure.
        var gap: Double { confidence - accuracy }

        /// Whether right answers with the probability `confidence` would lie so far off in one of twenty cases at most
        /// (normal approximation).
        var isRemarkable: Bool {
            abs(gap) > 1.96 * (confidence * (1 - confidence) / Double(rows)).squareRoot()
        }
    }

    /// The most lines; more bins are put together.
    private static let most = 20
    private let bins: [Bin]

    init(_ counted: CalibrationBins) {
        let together = (counted.bins + Self.most - 1) / Self.most
        bins = stride(from: 0, to: counted.bins, by: together).compactMap { first in
            let run = first..<min(first + together, counted.bins)
            let rows = run.reduce(0) { $0 + counted.counts[$1] }
            guard rows > 0 else { return nil }
            return Bin(
                lower: Double(run.lowerBound) / Double(counted.bins), upper: Double(run.upperBound) / Double(counted.bins),
                rows: rows, confidence: run.reduce(0) { $0 + counted.confidenceSums[$1] } / Double(rows),
                accuracy: Double(run.reduce(0) { $0 + counted.correct[$1] }) / Double(rows))
        }
    }

    func lines(_ canvas: ChartCanvas) -> [String] {
        let rows = max(4, bins.map { String($0.rows).count }.max() ?? 0)
        let left = "0.00-0.00  ".count
        let right = "  accuracy     gap  ".count + rows
        let width = min(50, max(10, canvas.width - left - right))
        let mark = canvas.choose("│", "|")
        var lines = [
            canvas.paint("reliability", .heading) + ": accuracy (bar), mean confidence (\(mark)) by bin",
            canvas.paint(
                "confidence".padded(left) + BlockGraph.ruler(("0", "", "1"), width: width) + "  accuracy     gap  "
                    + "rows".padded(rows, left: true), .faint),
        ]
        for bin in bins {
            var bar = Array(BlockGraph.bar(bin.accuracy, width: width, canvas))
            bar[BlockGraph.place(bin.confidence, width: width)] = Character(mark)
            let gap = String(format: "%+.3f", bin.gap) + (bin.isRemarkable ? "*" : " ")
            lines.append(
                canvas.paint(String(format: "%.2f-%.2f", bin.lower, bin.upper).padded(left), .faint) + String(bar)
                    + "     " + String(format: "%.3f", bin.accuracy) + "  "
                    + (bin.isRemarkable ? canvas.paint(gap, .remarkable) : gap) + " "
                    + String(bin.rows).padded(rows, left: true))
        }
        if bins.contains(where: \.isRemarkable) {
            lines.append(canvas.paint("gap: confidence less accuracy; * beyond chance (95 %)", .faint))
        }
        return lines
    }
}
