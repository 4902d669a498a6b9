import ArgumentParser
import Credence
import Foundation

/// How predictions are written.
enum PredictionFormat: String, ExpressibleByArgument, CaseIterable {
    case csv, jsonl, npy, safetensors

    /// The format of a file by its extension; `nil` for others.
    init?(fileExtension: String) {
        switch fileExtension.lowercased() {
        case "csv": self = .csv
        case "jsonl", "ndjson": self = .jsonl
        case "npy": self = .npy
        case "safetensors": self = .safetensors
        default: return nil
        }
    }

    /// Whether rows can be written one after the other to a pipe.
    var isText: Bool { self == .csv || self == .jsonl }

    /// A writer of `rows` predictions to a file, or to standard output for text.
    func writer(to url: URL?, rows: Int, columns: PredictionColumns) throws -> any PredictionWriter {
        switch (self, url) {
        case (.npy, let url?): try RecordPredictions(to: url, rows: rows, columns: columns)
        case (.safetensors, let url?): try TensorPredictions(to: url, rows: rows, columns: columns)
        default:
            try TextPredictions(
                url.map { try TextOutput(file: $0) } ?? TextOutput(), columns: columns, isJSON: self == .jsonl)
        }
    }
}

/// Which columns predictions have.
struct PredictionColumns {
    var classNames: [String]
    /// Classes told for each row.
    var topK = 1
    var hasSets = false
    var abstains = false
    /// The probabilities of all classes.
    var allProbabilities = false
}

/// What is said about the rows of a block.
struct PredictionBlock {
    var firstRow: Int
    var count: Int
    /// The places of the most probable classes, best first, `[rows · topK]`, and their probabilities.
    var classes: [Int]
    var probability: [Float]
    /// Entropy of the predictive probabilities, in nats, `[rows]` like all that follow.
    var entropy: [Float]
    /// Its part that more data would not remove: the expected entropy.
    var aleatoric: [Float]
    /// Its part that comes from not knowing the logits: the mutual information.
    var epistemic: [Float]
    /// The energy score: higher means more novel.
    var energy: [Float]
    /// How far the most probable class is ahead of the second.
    var margin: [Float]
    /// The variance of its logit.
    var variance: [Float]
    /// The places of the classes of the prediction sets, most probable first, where sets were asked for.
    var sets: [[Int]]?
    /// Whether the set is too large or empty, where abstention was asked for.
    var abstains: [Bool]?
    /// `[rows, classes]`.
    var probabilities: Matrix<Float>

    /// The columns of one number a row, in their order.
    var figures: [(name: String, values: [Float])] {
        zip(Self.figureNames, [entropy, aleatoric, epistemic, energy, margin, variance]).map { ($0, $1) }
    }

    static let figureNames = ["entropy", "aleatoric", "epistemic", "energy", "margin", "variance"]
}

/// Takes predictions block by block.
protocol PredictionWriter {
    func write(_ block: PredictionBlock) throws
    /// Puts what was written in its place for good.
    func finish() throws
}
