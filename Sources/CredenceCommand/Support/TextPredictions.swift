import Credence
import Foundation

/// Predictions as CSV or JSON Lines. Both print the same digits: the shortest that read back to the same number.
struct TextPredictions: PredictionWriter {
    private let output: TextOutput
    private let isJSON: Bool
    private let columns: PredictionColumns
    /// The class names as cells or as JSON text.
    private let names: [String]

    init(_ output: TextOutput, columns: PredictionColumns, isJSON: Bool) throws {
        self.output = output
        self.isJSON = isJSON
        self.columns = columns
        names = columns.classNames.map { isJSON ? $0.asJSON : Self.csvField($0) }
        if !isJSON { try output.write(header + "\n") }
    }

    func write(_ block: PredictionBlock) throws {
        var text = ""
        text.reserveCapacity(256 * block.count)
        for row in 0..<block.count {
            if isJSON {
                block.appendJSON(row, columns: columns, names: names, to: &text)
            } else {
                appendCSV(row, of: block, to: &text)
            }
            text += "\n"
        }
        try output.write(text)
    }

    func finish() throws { try output.finish() }

    private var header: String {
        var cells = ["row", "class", "probability"] + PredictionBlock.figureNames
        if columns.hasSets { cells += ["set_size", "set"] }
        if columns.abstains { cells.append("abstain") }
        for rank in 2..<max(columns.topK + 1, 2) { cells += ["class_\(rank)", "probability_\(rank)"] }
        if columns.allProbabilities { cells += columns.classNames.map { Self.csvField("p(\($0))") } }
        return cells.joined(separator: ",")
    }

    private func appendCSV(_ row: Int, of block: PredictionBlock, to text: inout String) {
        let first = row * columns.topK
        text += "\(block.firstRow + row),\(names[block.classes[first]]),\(block.probability[first]),\(block.entropy[row]),"
        text += "\(block.aleatoric[row]),\(block.epistemic[row]),\(block.energy[row]),\(block.margin[row]),"
        text += "\(block.variance[row])"
        if let set = block.sets?[row] {
            text += ",\(set.count),\(Self.csvField(set.map { columns.classNames[$0] }.joined(separator: "|")))"
        }
        if let abstains = block.abstains { text += ",\(abstains[row])" }
        for place in (first + 1)..<(first + columns.topK) where columns.topK > 1 {
            text += ",\(names[block.classes[place]]),\(block.probability[place])"
        }
        if columns.allProbabilities { for value in block.probabilities.row(row) { text += ",\(value)" } }
    }

    /// RFC 4180: quoted where the text holds a comma, a quote or a line break.
    static func csvField(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }) else {
            return text
        }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
