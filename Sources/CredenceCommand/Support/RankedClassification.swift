import Credence
import Foundation

/// Predictions by several ranks, which take blocks in turn; the first writes them in the order of rows, as one rank would.
///
/// Blocks are cut as for one rank, so a row's answer has the same bits. Memory: a block, on the first rank one of each rank.
struct RankedClassification {
    let rows: FeatureRows
    let classifier: Classifier
    let format: PredictionFormat
    let columns: PredictionColumns

    func run(to url: URL?, ranks: any RankGroup, progress: RowProgress) throws {
        let size = Classifier.blockRows
        let blocks = (rows.count + size - 1) / size
        func predictions(_ index: Int) throws -> PredictionBlock? {
            try Interruption.check()
            var stream = rows.stream(blockRows: size, from: index * size)
            return try stream.next().map(classifier.predictions)
        }
        guard format.isText else {
            let writer = try ranks.isFirst ? format.writer(to: url, rows: rows.count, columns: columns) : nil
            try ranks.inTurns(blocks) { try predictions($0)?.bytes ?? [] } take: { index, bytes in
                try writer?.write(PredictionBlock(bytes: bytes))
                progress.reached(min(rows.count, (index + 1) * size))
            }
            try writer?.finish()
            return
        }
        // Each rank makes the text of its own rows, which takes as long as predicting them.
        let own = TextOutput(keeping: ())
        let text = try TextPredictions(own, columns: columns, isJSON: format == .jsonl)
        let header = own.taken()
        let output = try ranks.isFirst ? url.map { try TextOutput(file: $0) } ?? TextOutput() : nil
        try output?.write(String(decoding: header, as: UTF8.self))
        try ranks.inTurns(blocks) { index in
            if let block = try predictions(index) { try text.write(block) }
            return own.taken()
        } take: { index, bytes in
            try output?.write(String(decoding: bytes, as: UTF8.self))
            progress.reached(min(rows.count, (index + 1) * size))
        }
        try output?.finish()
    }
}

extension PredictionBlock {
    /// For another rank of the same run.
    var bytes: [UInt8] {
        var record = ByteRecord()
        record.append([firstRow, count, sets == nil ? 0 : 1, abstains == nil ? 0 : 1])
        record.append(classes)
        for values in [probability, entropy, aleatoric, epistemic, energy, margin, variance] { record.append(values) }
        if let sets { for set in sets { record.append(set) } }
        if let abstains { record.append(abstains.map { $0 ? 1 : 0 }) }
        record.append(probabilities)
        return record.bytes
    }

    init(bytes: [UInt8]) {
        var record = ByteRecord(bytes)
        let header = record.next(Int.self)
        // Arguments are taken from the record in their order.
        self.init(
            firstRow: header[0], count: header[1], classes: record.next(), probability: record.next(), entropy: record.next(),
            aleatoric: record.next(), epistemic: record.next(), energy: record.next(), margin: record.next(),
            variance: record.next(),
            sets: header[2] == 0 ? nil : (0..<header[1]).map { _ in record.next(Int.self) },
            abstains: header[3] == 0 ? nil : record.next(Int.self).map { $0 != 0 }, probabilities: record.nextMatrix())
    }
}
