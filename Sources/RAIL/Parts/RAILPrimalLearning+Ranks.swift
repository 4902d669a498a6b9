import FeatureData
import Foundation
import Matrices

extension RidgeSystem {
    /// Makes the sums begun those of all ranks: of their lower triangle, of each class and the numbers of rows. Terms are added
    /// in the order of ranks. Sends h² numbers (2·(n − 1)/n of half a square) from each of n ranks.
    mutating func sumStaged(over ranks: any RankGroup) throws {
        guard !ranks.isAlone, let own = staged?.counts else { return }
        var single = BatchedSum<Float>(over: ranks)
        var double = BatchedSum<Double>(over: ranks)
        try forEachStagedRow(single: { try single.add($0) }, double: { try double.add($0) })
        try single.flush()
        try double.flush()
        // Exact in Double: there are fewer than 2⁵³ rows.
        var counts = own.map(Double.init)
        try ranks.sum(&counts)
        addStagedCounts(zip(counts, own).map { Int($0) - $1 })
    }
}

extension RAILPrimalLearning {
    /// Makes the sums so far, and the rows that λ and the link are fitted on, those of all ranks, each of which has added rows
    /// of its own. All ranks then finish with the same head, which is that of one process on all rows, to rounding.
    ///
    /// - Throws: on all ranks, `RAILPartError.disagree` where one of them sums another task: ranks may be machines with files
    ///   of their own.
    public mutating func sum(over ranks: any RankGroup) throws {
        guard !ranks.isAlone else { return }
        try requireOneTask(of: ranks)
        try sumSystem(over: ranks)
        let own = checkRows
        var record = ByteRecord()
        record.append(own.positions)
        record.append(own.rows.labels)
        record.append(own.rows.features)
        for (rank, bytes) in try ranks.gatherOnAll(record.bytes).enumerated() where rank != ranks.rank {
            var record = ByteRecord(bytes)
            let (positions, labels) = (record.next(Int.self), record.next(Int.self))
            addCheckRows(
                positions: positions, rows: LabelledFeatures(features: record.nextMatrix(Float.self), labels: labels))
        }
    }

    private func requireOneTask(of ranks: any RankGroup) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let all = try ranks.gatherOnAll([UInt8](encoder.encode(task.agreement)))
        for (rank, bytes) in all.enumerated() where bytes != all[0] {
            let (own, first) = try (
                JSONDecoder().decode(RAILPrimalTask.Agreement.self, from: Data(bytes)),
                JSONDecoder().decode(RAILPrimalTask.Agreement.self, from: Data(all[0]))
            )
            guard let difference = own.difference(from: first) else { continue }
            throw RAILPartError.disagree(
                "rank \(rank)", "rank 0", what: difference.what, found: difference.own, expected: difference.other)
        }
    }
}

extension RankGroup {
    /// The bytes of every rank in the order of ranks, on all of them.
    fileprivate func gatherOnAll(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let all = try gather(bytes, at: 0)
        var counts = isFirst ? all.map(\.count) : [Int](repeating: 0, count: count)
        try counts.withUnsafeMutableBytes { try broadcast($0, from: 0) }
        var joined = isFirst ? Array(all.joined()) : [UInt8](repeating: 0, count: counts.reduce(0, +))
        try joined.withUnsafeMutableBytes { try broadcast($0, from: 0) }
        var start = 0
        return counts.map { count in
            defer { start += count }
            return Array(joined[start..<start + count])
        }
    }
}
