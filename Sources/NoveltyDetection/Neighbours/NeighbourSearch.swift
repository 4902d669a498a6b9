import Matrices

/// Exact search for the rows of a bank that are most similar to others, by inner product or by Euclidean distance.
///
/// Matrix products of blocks give every similarity up to an error that is bounded. Of each run of 64 the largest is taken
/// first, and only where it may beat the k-th best so far is the run looked into; what may is then worked out by itself,
/// distances from differences, so that near ones keep their digits. Choosing so costs a few per cent of the products.
/// Where the processor can, the products are those of rows rounded to bfloat16 (`RoundedBank`), which take a third of the
/// time. O(bank rows · D) a row; memory beside the bank: 2 MiB a thread, and half the bank again for its rounded copy.
struct NeighbourSearch: Sendable {
    /// `[bank rows, D]`.
    let bank: Matrix<Float>
    private let similarity: Similarity
    /// −½‖y‖² of the bank's rows, for Euclidean distances; else zero.
    private let offsets: [Float]
    /// The longest row of each run.
    private let lengths: [Float]
    private let rounded: RoundedBank?

    /// - Parameter rounds: whether the rounded products may be used.
    init(bank: Matrix<Float>, similarity: Similarity, rounds: Bool = true) {
        self.bank = bank
        self.similarity = similarity
        offsets =
            similarity == .euclidean
            ? bank.rowSquaredNorms().map { -$0 / 2 } : [Float](repeating: 0, count: bank.rows)
        let norms = bank.rowNorms()
        lengths = stride(from: 0, to: bank.rows, by: Self.run).map { start in
            norms[start..<min(start + Self.run, bank.rows)].max() ?? 0
        }
        rounded = rounds && norms.allSatisfy { $0 < RoundedBank.longest } ? RoundedBank(bank) : nil
    }

    private static var queryRows: Int { 512 }
    private static var bankRows: Int { 1024 }
    static var run: Int { 64 }

    /// Calls `body` with each row's `count` most similar rows of the bank, on several threads, and returns what it gives.
    ///
    /// - Parameters:
    ///   - count: 1 or more, at most the bank's rows.
    ///   - body: the row and its neighbours, best first; equal ones in the order of the bank.
    func scores(
        _ queries: Matrix<Float>, count: Int, _ body: @Sendable (Int, ArraySlice<Neighbour>) -> Float
    ) -> [Float] {
        precondition(count >= 1 && count <= bank.rows, "\(count) neighbours among \(bank.rows) rows")
        return [Float](unsafeUninitializedCapacity: queries.rows) { buffer, filled in
            nonisolated(unsafe) let out = buffer  // each piece writes its own part
            Parallelism.forEachRange(of: queries.rows, size: Self.queryRows) { range in
                let nearest = nearest(to: queries.rows(range), count: count)
                for row in 0..<range.count {
                    let own = nearest[(row * count)..<((row + 1) * count)]
                    out.initializeElement(at: range.lowerBound + row, to: body(range.lowerBound + row, own))
                }
            }
            filled = queries.rows
        }
    }

    /// The places in the bank of the `count` nearest of each row of a block, best first.
    func indices(_ block: Matrix<Float>, count: Int) -> [[Int]] {
        let all = nearest(to: block, count: count)
        return (0..<block.rows).map { row in all[(row * count)..<((row + 1) * count)].map { Int($0.index) } }
    }

    /// The neighbours of a block of rows, `count` a row.
    private func nearest(to block: Matrix<Float>, count: Int) -> [Neighbour] {
        var found = NeighbourCollector(block, bank: bank, similarity: similarity, count: count)
        let roundedRows = rounded.flatMap { _ in RoundedRows(block) }
        let width = roundedRows == nil ? Self.bankRows : Self.run
        let slack = roundedRows == nil ? NeighbourCollector.slack(block.columns) : RoundedBank.slack(block.columns)
        var similarities = Matrix<Float>(uninitialized: block.rows, min(width, bank.rows))
        var maxima = Matrix<Float>(uninitialized: block.rows, width / Self.run)
        let (values, largest) = (similarities.mutablePointer(), maxima.mutablePointer())
        for start in stride(from: 0, to: bank.rows, by: width) {
            let size = min(width, bank.rows - start)
            if let rounded, let roundedRows {
                rounded.products(roundedRows, panel: start / Self.run, size: size, into: values)
            } else {
                Float.Kernels.gemm(
                    .asStored, .transposed, block.rows, size, block.columns, 1, block.pointer, block.columns,
                    bank.pointer + start * bank.columns, bank.columns, 0, values, size)
            }
            offsets.withUnsafeBufferPointer { buffer in
                guard similarity == .euclidean, let base = buffer.baseAddress else { return }
                Float.Kernels.addRow(values, values, base + start, block.rows, size)
            }
            // Only a whole number of runs in a row lets all rows be taken as one list of runs.
            let isWhole = size % Self.run == 0
            let runs = (size + Self.run - 1) / Self.run
            if isWhole { Float.Kernels.rowMaxima(largest, values, block.rows * runs, Self.run) }
            for row in 0..<block.rows {
                for run in 0..<runs {
                    let first = run * Self.run
                    let limit = found.limit(of: row, length: lengths[start / Self.run + run], slack: slack)
                    if isWhole, !(largest[row * runs + run] > limit) { continue }
                    found.consider(
                        values + row * size + first, min(Self.run, size - first), firstIndex: start + first, row: row,
                        length: lengths[start / Self.run + run], slack: slack)
                }
            }
        }
        return found.sorted()
    }
}

extension NeighbourSearch {
    enum Similarity: Sendable {
        /// The largest x·y.
        case innerProduct
        /// The smallest ‖x − y‖; the similarity is −½‖x − y‖².
        case euclidean
    }
}
