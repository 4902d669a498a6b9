import Matrices
import Probability

/// A bank of rows in cells around k-means centres (Sivic and Zisserman 2003, doi:10.1109/ICCV.2003.1238663; as in the
/// index `IVF,Flat` of FAISS): a search looks into the cells nearest to a row only, and so is approximate. Within them
/// it is exact, and with as many probes as cells it is exact altogether.
struct InvertedFile: Sendable {
    /// The rows, cell after cell, `[rows, D]`.
    let bank: Matrix<Float>
    /// `[cells, D]`.
    let centres: Matrix<Float>
    /// Where each cell begins in the bank, and the end of the last.
    let starts: [Int]

    var cells: Int { centres.rows }
    /// −½‖y‖² a row.
    private let offsets: [Float]
    /// The longest row of each cell.
    private let lengths: [Float]

    /// √rows cells, from at most 64 rows a cell.
    init(_ rows: Matrix<Float>, seed: UInt64) throws {
        let cells = max(1, Int(Double(rows.rows).squareRoot()))
        var random = RandomStream(seed: seed).split(3)
        let sample = rows.rows > 64 * cells ? Array(random.permutation(rows.rows).prefix(64 * cells)).sorted() : nil
        let centres = KMeans.centres(
            sample.map { rows.selectingRows($0) } ?? rows, count: cells, rounds: 10, seed: seed)
        let nearest = KMeans.assign(rows, to: centres)
        var members = [[Int]](repeating: [], count: centres.rows)
        for (row, cell) in nearest.enumerated() { members[cell].append(row) }
        var starts = [0]
        for cell in members { starts.append((starts.last ?? 0) + cell.count) }
        self.init(bank: rows.selectingRows(members.flatMap { $0 }), centres: centres, starts: starts)
    }

    private init(bank: Matrix<Float>, centres: Matrix<Float>, starts: [Int]) {
        self.bank = bank
        self.centres = centres
        self.starts = starts
        offsets = bank.rowSquaredNorms().map { -$0 / 2 }
        let norms = bank.rowNorms()
        lengths = zip(starts, starts.dropFirst()).map { norms[$0..<$1].max() ?? 0 }
    }

    /// As `NeighbourSearch.scores`; a row for which the cells hold fewer than `count` has neighbours of index
    /// `Int32.max` at the end.
    func scores(
        _ queries: Matrix<Float>, count: Int, probes: Int, _ body: @Sendable (Int, ArraySlice<Neighbour>) -> Float
    ) -> [Float] {
        let cellSearch = NeighbourSearch(bank: centres, similarity: .euclidean)
        return [Float](unsafeUninitializedCapacity: queries.rows) { buffer, filled in
            nonisolated(unsafe) let out = buffer  // each piece writes its own part
            Parallelism.forEachRange(of: queries.rows, size: 1024) { range in
                let block = queries.rows(range)
                let nearest = nearest(to: block, count: count, cells: cellSearch.indices(block, count: min(probes, cells)))
                for row in 0..<range.count {
                    let own = nearest[(row * count)..<((row + 1) * count)]
                    out.initializeElement(at: range.lowerBound + row, to: body(range.lowerBound + row, own))
                }
            }
            filled = queries.rows
        }
    }

    /// Cell after cell, each with the rows that look into it, so that the work is products still.
    private func nearest(to block: Matrix<Float>, count: Int, cells chosen: [[Int]]) -> [Neighbour] {
        var visitors = [[Int]](repeating: [], count: cells)
        for (row, list) in chosen.enumerated() { for cell in list { visitors[cell].append(row) } }
        var found = NeighbourCollector(block, bank: bank, similarity: .euclidean, count: count)
        let slack = NeighbourCollector.slack(bank.columns)
        for cell in 0..<cells where !visitors[cell].isEmpty {
            let range = starts[cell]..<starts[cell + 1]
            guard !range.isEmpty else { continue }
            let similarities = block.selectingRows(visitors[cell]).multiplied(by: bank.rows(range), .transposed)
                .adding(row: Array(offsets[range]))
            for (position, row) in visitors[cell].enumerated() {
                found.consider(
                    similarities.pointer + position * range.count, range.count, firstIndex: range.lowerBound, row: row,
                    length: lengths[cell], slack: slack)
            }
        }
        return found.sorted()
    }

    func write(to archive: inout ScoreArchive) {
        archive.set(centres, as: "cells")
        archive.set(starts, as: "cell_starts")
    }

    /// `nil` where the archive has no cells.
    init?(_ bank: Matrix<Float>, archive: ScoreArchive) throws {
        guard archive.has("cells") else { return nil }
        let centres = try archive.matrix("cells", columns: bank.columns)
        let starts = try archive.integers("cell_starts", count: centres.rows + 1)
        guard starts.first == 0, starts.last == bank.rows, zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw archive.damaged("cell_starts", "expected places from 0 to \(bank.rows) in order")
        }
        self.init(bank: bank, centres: centres, starts: starts)
    }
}
