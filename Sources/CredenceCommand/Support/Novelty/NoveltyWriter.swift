import Credence
import Foundation

/// Takes rows block by block.
protocol NoveltyWriter {
    func write(_ rows: NoveltyRows) throws
    /// Puts what was written in its place for good.
    func finish() throws
}

extension PredictionFormat {
    /// A writer of the novelty of `rows` rows by the named scores to a file, or to standard output for text.
    func noveltyWriter(to url: URL?, rows: Int, scores: [String]) throws -> any NoveltyWriter {
        switch (self, url) {
        case (.npy, let url?): try RecordNovelty(to: url, rows: rows, scores: scores)
        case (.safetensors, let url?): try TensorNovelty(to: url, rows: rows, scores: scores)
        default: try TextNovelty(url.map { try TextOutput(file: $0) } ?? TextOutput(), scores: scores, isJSON: self == .jsonl)
        }
    }
}

/// CSV with the columns row, is_novel, then each score and its p-value; or one JSON object a line.
struct TextNovelty: NoveltyWriter {
    private let output: TextOutput
    private let scores: [String]
    private let isJSON: Bool

    init(_ output: TextOutput, scores: [String], isJSON: Bool) throws {
        (self.output, self.scores, self.isJSON) = (output, scores, isJSON)
        if !isJSON { try output.write("row,is_novel," + scores.map { "\($0),\($0)_p" }.joined(separator: ",") + "\n") }
    }

    func write(_ rows: NoveltyRows) throws {
        var text = ""
        text.reserveCapacity(rows.count * (24 + 30 * scores.count))
        for row in 0..<rows.count {
            if isJSON {
                rows.appendJSON(row, scores: scores, to: &text)
                text += "\n"
            } else {
                text += "\(rows.firstRow + row),\(rows.isNovel[row])"
                for place in scores.indices { text += ",\(rows.scores[place][row]),\(rows.pValues[place][row])" }
                text += "\n"
            }
        }
        try output.write(text)
    }

    func finish() throws { try output.finish() }
}

/// A NumPy array of records: is_novel, then each score and its p-value.
struct RecordNovelty: NoveltyWriter {
    private let writer: NumPyRecordWriter

    init(to url: URL, rows: Int, scores: [String]) throws {
        var fields = [NumPyRecordWriter.Field("is_novel", .bool)]
        for name in scores {
            fields += [NumPyRecordWriter.Field(name, .float32), NumPyRecordWriter.Field(name + "_p", .float32)]
        }
        writer = try NumPyRecordWriter(to: url, fields: fields, records: rows)
    }

    func write(_ rows: NoveltyRows) throws {
        for row in 0..<rows.count {
            writer.append(UInt8(rows.isNovel[row] ? 1 : 0))
            for place in rows.scores.indices {
                writer.append(rows.scores[place][row])
                writer.append(rows.pValues[place][row])
            }
        }
        try writer.flush()
    }

    func finish() throws { try writer.finish() }
}

/// A safetensors file of one tensor `[rows]` a column, named as the columns of CSV.
struct TensorNovelty: NoveltyWriter {
    private let writer: SafetensorsWriter
    private let scores: [String]

    init(to url: URL, rows: Int, scores: [String]) throws {
        self.scores = scores
        let columns = scores.flatMap { [$0, $0 + "_p"] }.map { TensorDeclaration($0, .float32, [rows]) }
        writer = try SafetensorsWriter(to: url, tensors: [TensorDeclaration("is_novel", .bool, [rows])] + columns)
    }

    func write(_ rows: NoveltyRows) throws {
        func column(_ values: [Float]) -> Matrix<Float> { Matrix(rows: values.count, columns: 1, elements: values) }
        try writer.append(rows.isNovel.map { $0 ? 1 : 0 }, to: "is_novel")
        for (place, name) in scores.enumerated() {
            try writer.append(column(rows.scores[place]), to: name)
            try writer.append(column(rows.pValues[place]), to: name + "_p")
        }
    }

    func finish() throws { try writer.finish() }
}
