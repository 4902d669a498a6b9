import ArgumentParser
import Credence
import Foundation

/// What is said about one row.
struct RowPrediction {
    var row: Int
    /// The most probable classes and their probabilities, best first.
    var top: [(className: String, probability: Float)]
    /// Entropy of the predictive probabilities, in nats.
    var entropy: Float
    /// Its part that more data would not remove: the expected entropy.
    var aleatoric: Float
    /// Its part that comes from not knowing the logits: the mutual information.
    var epistemic: Float
    /// The energy score: higher means more novel.
    var energy: Float
    /// The classes of the prediction set, most probable first, where sets were asked for.
    var set: [String]?
    /// Whether the set is too large or empty, where abstention was asked for.
    var abstains: Bool?
}

/// How predictions are written. Both formats print the same digits: the shortest that read back to the same number.
enum PredictionFormat: String, ExpressibleByArgument, CaseIterable {
    case csv, jsonl

    /// The format of a file by its extension; `nil` for others.
    init?(fileExtension: String) {
        switch fileExtension.lowercased() {
        case "csv": self = .csv
        case "jsonl", "ndjson": self = .jsonl
        default: return nil
        }
    }

    /// The first line, where the format has one.
    func header(topK: Int, hasSets: Bool = false, abstains: Bool = false) -> String {
        guard self == .csv else { return "" }
        var names = ["row", "class", "probability", "entropy", "aleatoric", "epistemic", "energy"]
        if hasSets { names += ["set_size", "set"] }
        if abstains { names.append("abstain") }
        for rank in 2..<max(topK + 1, 2) { names += ["class_\(rank)", "probability_\(rank)"] }
        return names.joined(separator: ",") + "\n"
    }

    func line(_ prediction: RowPrediction) -> String {
        switch self {
        case .csv: csv(prediction)
        case .jsonl: json(prediction)
        }
    }

    private func csv(_ prediction: RowPrediction) -> String {
        let best = prediction.top[0]
        var line = "\(prediction.row),\(Self.csvField(best.className)),\(best.probability),\(prediction.entropy),"
        line += "\(prediction.aleatoric),\(prediction.epistemic),\(prediction.energy)"
        if let set = prediction.set { line += ",\(set.count),\(Self.csvField(set.joined(separator: "|")))" }
        if let abstains = prediction.abstains { line += ",\(abstains)" }
        for (name, probability) in prediction.top.dropFirst() { line += ",\(Self.csvField(name)),\(probability)" }
        return line + "\n"
    }

    private func json(_ prediction: RowPrediction) -> String {
        let best = prediction.top[0]
        var line = "{\"row\":\(prediction.row),\"class\":\(best.className.asJSON),"
        line += "\"probability\":\(best.probability),\"entropy\":\(prediction.entropy),"
        line += "\"aleatoric\":\(prediction.aleatoric),\"epistemic\":\(prediction.epistemic),"
        line += "\"energy\":\(prediction.energy)"
        if let set = prediction.set {
            line += ",\"set\":[\(set.map(\.asJSON).joined(separator: ","))]"
        }
        if let abstains = prediction.abstains { line += ",\"abstain\":\(abstains)" }
        if prediction.top.count > 1 {
            let others = prediction.top.map { "{\"class\":\($0.asJSON),\"probability\":\($1)}" }
            line += ",\"top\":[\(others.joined(separator: ","))]"
        }
        return line + "}\n"
    }

    /// RFC 4180: quoted where the text holds a comma, a quote or a line break.
    static func csvField(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }) else {
            return text
        }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
