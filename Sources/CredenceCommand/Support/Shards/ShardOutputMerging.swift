import Credence
import Foundation

/// Parts of rows one after the other in one file, the very bytes that one process would have written. Memory: a block.
struct ShardOutputMerging {
    /// In the order of their shares.
    let parts: [ShardOutput]

    var rows: Int { parts.first?.note.allRows ?? 0 }

    func write(to output: URL) throws {
        guard let format = parts.first.flatMap({ PredictionFormat(rawValue: $0.note.format) }) else {
            throw CommandFailure(.badData, "\(parts.first?.url.relativePath ?? ""): the part's format is not known")
        }
        switch format {
        case .csv, .jsonl, .npy: try concatenate(to: output, format)
        case .safetensors: try joinTensors(to: output)
        }
    }

    private func concatenate(to output: URL, _ format: PredictionFormat) throws {
        let file = try AtomicFile(at: output)
        var first: Data?
        for part in parts {
            var content = try PartContent(part.url)
            var header = Data()
            while let bytes = try content.next() {
                try Interruption.check()
                let wanted = min(bytes.count, max(0, part.note.headerBytes - header.count))
                header += bytes.prefix(wanted)
                if first == nil, header.count == part.note.headerBytes {
                    first = try self.header(header, of: part, format)
                    try file.write(first ?? Data())
                }
                if wanted < bytes.count { try file.write(bytes.dropFirst(wanted)) }
            }
            try check(content, of: part)
            if format != .jsonl, try self.header(header, of: part, format) != first {
                throw CommandFailure(
                    .badData, "\(part.url.relativePath) and \(parts[0].url.relativePath) have different columns")
            }
        }
        try file.commit()
    }

    /// The header of the whole, from that of a part.
    private func header(_ header: Data, of part: ShardOutput, _ format: PredictionFormat) throws -> Data {
        guard format == .npy else { return header }
        guard let records = NumPyRecords(header) else {
            throw CommandFailure(.badData, "\(part.url.relativePath): is not a NumPy array of records as credence writes them")
        }
        return Data(NumPyRecords.header(records.description, records: rows))
    }

    private func check(_ content: PartContent, of part: ShardOutput) throws {
        guard content.position == part.note.bytes, content.fingerprint == part.note.fingerprint else {
            throw CommandFailure(
                .badData,
                "\(part.url.relativePath): has changed since its share wrote it (\(content.position) bytes, expected "
                    + "\(part.note.bytes)); run the share again")
        }
    }

    private func joinTensors(to output: URL) throws {
        let files = try parts.map { part in
            var content = try PartContent(part.url)
            while try content.next() != nil { try Interruption.check() }
            try check(content, of: part)
            return try SafetensorsFile(contentsOf: part.url)
        }
        let columns = files[0].tensors
        for (part, file) in zip(parts, files) {
            guard file.tensors.count == columns.count, file.metadata == files[0].metadata else {
                throw CommandFailure(
                    .badData, "\(part.url.relativePath) and \(parts[0].url.relativePath) have different columns")
            }
            for column in columns {
                let own = try file.tensor(column.name)
                guard own.elementType == column.elementType, own.shape == [part.note.rows] + column.shape.dropFirst() else {
                    throw own.error("has the type \(own.elementType.rawValue) and shape \(own.shape), expected \(part.note.rows) rows as in \(parts[0].url.relativePath)")
                }
            }
        }
        let writer = try SafetensorsWriter(
            to: output,
            tensors: columns.map { TensorDeclaration($0.name, $0.elementType, [rows] + $0.shape.dropFirst()) },
            metadata: files[0].metadata)
        for column in columns {
            for file in files {
                let tensor = try file.tensor(column.name)
                for start in stride(from: 0, to: tensor.count, by: 1 << 18) {
                    try Interruption.check()
                    let elements = start..<min(start + 1 << 18, tensor.count)
                    if tensor.elementType == .float32 {
                        try writer.append(tensor.floats(elements), to: column.name)
                    } else {
                        try writer.append(tensor.integers(in: elements), to: column.name)
                    }
                }
            }
        }
        try writer.finish()
    }
}

extension StoredTensor {
    /// Elements of a tensor of F32.
    fileprivate func floats(_ range: Range<Int>) -> Matrix<Float> {
        withUnsafeBytes { bytes in
            Matrix(
                rows: 1, columns: range.count,
                elements: range.map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) })
        }
    }
}
