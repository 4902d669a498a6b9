import Credence
import Foundation

/// Predictions as a safetensors file of one tensor a column; class names in the metadata.
struct TensorPredictions: PredictionWriter {
    private let writer: SafetensorsWriter
    private let columns: PredictionColumns

    init(to url: URL, rows: Int, columns: PredictionColumns) throws {
        let classes = columns.classNames.count
        var tensors = [
            TensorDeclaration("class", .int32, [rows, columns.topK]),
            TensorDeclaration("probability", .float32, [rows, columns.topK]),
        ]
        tensors += PredictionBlock.figureNames.map { TensorDeclaration($0, .float32, [rows]) }
        if columns.hasSets { tensors.append(TensorDeclaration("set", .bool, [rows, classes])) }
        if columns.abstains { tensors.append(TensorDeclaration("abstain", .bool, [rows])) }
        if columns.allProbabilities { tensors.append(TensorDeclaration("probabilities", .float32, [rows, classes])) }
        let names = "[" + columns.classNames.map(\.asJSON).joined(separator: ",") + "]"
        writer = try SafetensorsWriter(to: url, tensors: tensors, metadata: ["class_names": names])
        self.columns = columns
    }

    func write(_ block: PredictionBlock) throws {
        func column(_ values: [Float]) -> Matrix<Float> { Matrix(rows: values.count, columns: 1, elements: values) }
        try writer.append(block.classes, to: "class")
        try writer.append(column(block.probability), to: "probability")
        for (name, values) in block.figures { try writer.append(column(values), to: name) }
        if let sets = block.sets {
            try writer.append(sets.flatMap { Self.membership($0, classes: columns.classNames.count) }, to: "set")
        }
        if let abstains = block.abstains { try writer.append(abstains.map { $0 ? 1 : 0 }, to: "abstain") }
        if columns.allProbabilities { try writer.append(block.probabilities, to: "probabilities") }
    }

    func finish() throws { try writer.finish() }

    /// 1 for the classes of a set, 0 for others.
    static func membership(_ set: [Int], classes: Int) -> [Int] {
        var member = [Int](repeating: 0, count: classes)
        for place in set { member[place] = 1 }
        return member
    }
}

/// Predictions as a NumPy array of records: one record a row, one field a column.
struct RecordPredictions: PredictionWriter {
    private let writer: NumPyRecordWriter
    private let columns: PredictionColumns

    init(to url: URL, rows: Int, columns: PredictionColumns) throws {
        let classes = columns.classNames.count
        var fields = [
            NumPyRecordWriter.Field("class", .int32, count: columns.topK),
            NumPyRecordWriter.Field("probability", .float32, count: columns.topK),
        ]
        fields += PredictionBlock.figureNames.map { NumPyRecordWriter.Field($0, .float32) }
        if columns.hasSets { fields.append(NumPyRecordWriter.Field("set", .bool, count: classes, isArray: true)) }
        if columns.abstains { fields.append(NumPyRecordWriter.Field("abstain", .bool)) }
        if columns.allProbabilities {
            fields.append(NumPyRecordWriter.Field("probabilities", .float32, count: classes, isArray: true))
        }
        writer = try NumPyRecordWriter(to: url, fields: fields, records: rows)
        self.columns = columns
    }

    func write(_ block: PredictionBlock) throws {
        for row in 0..<block.count {
            let top = (row * columns.topK)..<((row + 1) * columns.topK)
            for place in top { writer.append(Int32(truncatingIfNeeded: block.classes[place])) }
            for place in top { writer.append(block.probability[place]) }
            for value in [
                block.entropy[row], block.aleatoric[row], block.epistemic[row], block.energy[row], block.margin[row],
                block.variance[row],
            ] { writer.append(value) }
            if let set = block.sets?[row] {
                for member in TensorPredictions.membership(set, classes: columns.classNames.count) {
                    writer.append(UInt8(truncatingIfNeeded: member))
                }
            }
            if let abstains = block.abstains { writer.append(UInt8(abstains[row] ? 1 : 0)) }
            if columns.allProbabilities { for value in block.probabilities.row(row) { writer.append(value) } }
        }
        try writer.flush()
    }

    func finish() throws { try writer.finish() }
}
