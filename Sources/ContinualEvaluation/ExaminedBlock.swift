import Matrices

/// What the examination of a block of rows found, as the tallies take it: made where the block is examined, which may be
/// another process than the one that tallies.
struct ExaminedBlock {
    /// Rows of the block, examined or not.
    var count: Int
    var parts: [Part] = []

    /// The rows of one task, or of all later ones.
    struct Part {
        var labels: [Int]
        /// Where each row stands in the block.
        var places: [Int]
        /// `[rows, classes]`; nil for novel rows.
        var probabilities: Matrix<Float>?
        var logProbabilities: Matrix<Float>?
        /// The class nearest in text, of each known row.
        var zeroShot: [Int]
        /// A value for each score and row.
        var novelty: [[Float]]
        /// What predicting took.
        var seconds: Double

        var isKnown: Bool { probabilities != nil }
    }

    init(count: Int) { self.count = count }

    /// For the rank that tallies.
    var bytes: [UInt8] {
        var record = ByteRecord()
        record.append([count, parts.count])
        for part in parts {
            record.append(part.labels)
            record.append(part.places)
            let matrices = [part.probabilities, part.logProbabilities]
            record.append(matrices.map { $0 == nil ? 0 : 1 })
            for matrix in matrices { if let matrix { record.append(matrix) } }
            record.append(part.zeroShot)
            record.append(part.novelty.count)
            for values in part.novelty { record.append(values) }
            record.append([part.seconds])
        }
        return record.bytes
    }

    init(bytes: [UInt8]) {
        var record = ByteRecord(bytes)
        let header = record.next(Int.self)
        count = header[0]
        parts = (0..<header[1]).map { _ in
            let (labels, places) = (record.next(Int.self), record.next(Int.self))
            let present = record.next(Int.self)
            let matrices = present.map { $0 == 0 ? nil : record.nextMatrix(Float.self) }
            let zeroShot = record.next(Int.self)
            let novelty = (0..<record.nextInt()).map { _ in record.next(Float.self) }
            return Part(
                labels: labels, places: places, probabilities: matrices[0], logProbabilities: matrices[1],
                zeroShot: zeroShot, novelty: novelty, seconds: record.next(Double.self)[0])
        }
    }
}
