import Credence
import Foundation

/// How rows' novelty is written: CSV with the columns row, is_novel, then each score and its p-value; or one JSON object a
/// line.
struct NoveltyRowWriter {
    private let isCSV: Bool
    private let names: [String]
    private let pValues: [ConformalPValues]
    private let decisive: Int
    private let rule: Rule

    /// What makes a row novel.
    enum Rule {
        /// A score above the threshold.
        case threshold(NoveltyThreshold)
        /// A p-value that the false discovery rate lets pass.
        case discovery(FalseDiscoveryRate)
    }

    /// - Throws: `NoveltyError` where a score has no known rows' scores.
    init(_ detector: Detector, format: TextFormat, decisive: Int, rule: Rule, pValues: [ConformalPValues]) {
        (names, isCSV) = (detector.parts.map(\.name), format == .csv)
        (self.decisive, self.rule, self.pValues) = (decisive, rule, pValues)
    }

    enum TextFormat { case csv, jsonl }

    var header: String {
        guard isCSV else { return "" }
        return "row,is_novel," + names.map { "\($0),\($0)_p" }.joined(separator: ",") + "\n"
    }

    /// Lines of consecutive rows, and how many of them are novel.
    ///
    /// - Parameter scores: one array a part.
    func lines(_ scores: [[Float]], firstRow: Int) -> (text: String, novel: Int) {
        var (text, novel) = ("", 0)
        let rows = scores.first?.count ?? 0
        text.reserveCapacity(rows * (24 + 30 * names.count))
        for row in 0..<rows {
            let p = pValues.indices.map { pValues[$0].conservative(Double(scores[$0][row])) }
            let isNovel =
                switch rule {
                case .threshold(let threshold): threshold.isNovel(Double(scores[decisive][row]))
                case .discovery(let rate): rate.isNovel(pValue: p[decisive])
                }
            if isNovel { novel += 1 }
            if isCSV {
                text += "\(firstRow + row),\(isNovel)"
                for part in names.indices { text += ",\(scores[part][row]),\(Float(p[part]))" }
                text += "\n"
            } else {
                text += "{\"row\":\(firstRow + row),\"is_novel\":\(isNovel)"
                for part in names.indices {
                    text += ",\"\(names[part])\":\(Self.json(scores[part][row])),\"\(names[part])_p\":\(Float(p[part]))"
                }
                text += "}\n"
            }
        }
        return (text, novel)
    }

    /// JSON has no infinite numbers.
    private static func json(_ value: Float) -> String { value.isFinite ? "\(value)" : "null" }
}
