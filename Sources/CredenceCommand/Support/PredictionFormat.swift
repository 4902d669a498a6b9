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

/// Takes predictions block by block.
protocol PredictionWriter {
    func write(_ block: PredictionBlock) throws
    /// Puts what was written in its place for good.
    func finish() throws
}
