import Matrices

/// Exact search for the rows of a bank that are most similar to others, by inner product or by Euclidean distance.
///
/// Similarities come from matrix products of blocks. Of each block the largest similarity in every run of 64 is taken
/// first, and only runs that beat the k-th best so far are looked into, so that choosing costs a few per cent of the
/// products. O(bank rows · D) a row; memory beside the bank: 2 MiB a thread.
struct NeighbourSearch: Sendable {
    enum Similarity: Sendable {
        /// The largest x·y.
        case innerProduct
        /// The smallest ‖x − y‖, by x·y − ½‖y‖².
        case euclidean
    }

    /// `[bank rows, D]`.
    let bank: Matrix<Float>
    /// −½‖y‖² of the bank's rows, for Euclidean distances.
    private let offsets: [Float]?

    init(bank: Matrix<Float>, similarity: Similarity) {
        self.bank = bank
        offsets = similarity == .euclidean ? bank.rowSquaredNorms().map { -$0 / 2 } : nil
    }

    private static var queryRows: Int { 512 }
    private static var bankRows: Int { 1024 }
    private static var run: Int { 64 }

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
        var best = NeighbourHeaps(rows: block.rows, count: count)
        var maxima = Matrix<Float>(rows: block.rows, columns: Self.bankRows / Self.run)
        for start in stride(from: 0, to: bank.rows, by: Self.bankRows) {
            let size = min(Self.bankRows, bank.rows - start)
            var similarities = Matrix<Float>(uninitialized: block.rows, size)
            let values = similarities.mutablePointer()
            Float.Kernels.gemm(
                .asStored, .transposed, block.rows, size, block.columns, 1, block.pointer, block.columns,
                bank.pointer + start * bank.columns, bank.columns, 0, values, size)
            if let offsets {
                offsets.withUnsafeBufferPointer { buffer in
                    if let base = buffer.baseAddress {
                        Float.Kernels.addRow(values, values, base + start, block.rows, size)
                    }
                }
            }
            // Only a whole number of runs in a row lets all rows be taken as one list of runs.
            let runs = size % Self.run == 0 ? size / Self.run : 0
            let largest = maxima.mutablePointer()
            if runs > 0 { Float.Kernels.rowMaxima(largest, values, block.rows * runs, Self.run) }
            for row in 0..<block.rows {
                let own = values + row * size
                for run in 0..<runs where largest[row * runs + run] > best.worst(of: row) {
                    let first = run * Self.run
                    best.offer(own + first, Self.run, firstIndex: start + first, to: row)
                }
                if runs == 0 { best.offer(own, size, firstIndex: start, to: row) }
            }
        }
        return best.sorted()
    }
}

/// One row of a bank as seen from a row.
struct Neighbour: Sendable, Equatable {
    /// The similarity; see `NeighbourSearch.Similarity`.
    var similarity: Float
    /// Its place in the bank.
    var index: Int32
}

/// For each row the best so far, as a heap whose root is the worst of them.
struct NeighbourHeaps {
    let rows: Int
    let count: Int
    private var heaps: [Neighbour]

    init(rows: Int, count: Int) {
        self.rows = rows
        self.count = count
        // −∞ until enough have been seen.
        heaps = Array(repeating: Neighbour(similarity: -.infinity, index: .max), count: rows * count)
    }

    /// What a candidate has to beat. Of equals the first seen stays.
    func worst(of row: Int) -> Float { heaps[row * count].similarity }

    mutating func offer(_ values: UnsafePointer<Float>, _ size: Int, firstIndex: Int, to row: Int) {
        heaps.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let heap = base + row * count
            for offset in 0..<size where values[offset] > heap[0].similarity {
                Self.replaceRoot(heap, count, by: Neighbour(similarity: values[offset], index: Int32(firstIndex + offset)))
            }
        }
    }

    mutating func offer(_ candidate: Neighbour, to row: Int) {
        heaps.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, candidate.similarity > base[row * count].similarity else { return }
            Self.replaceRoot(base + row * count, count, by: candidate)
        }
    }

    /// `count` a row, best first; equal ones in the order of the bank.
    consuming func sorted() -> [Neighbour] {
        var result = heaps
        for row in 0..<rows {
            result[(row * count)..<((row + 1) * count)].sort {
                $0.similarity != $1.similarity ? $0.similarity > $1.similarity : $0.index < $1.index
            }
        }
        return result
    }

    /// The root goes, the new one sinks to its place. Of equally similar ones, the later of the bank is the worse.
    private static func replaceRoot(_ heap: UnsafeMutablePointer<Neighbour>, _ count: Int, by new: Neighbour) {
        func isWorse(_ a: Neighbour, _ b: Neighbour) -> Bool {
            a.similarity != b.similarity ? a.similarity < b.similarity : a.index > b.index
        }
        var hole = 0
        while 2 * hole + 1 < count {
            var child = 2 * hole + 1
            if child + 1 < count, isWorse(heap[child + 1], heap[child]) { child += 1 }
            guard isWorse(heap[child], new) else { break }
            heap[hole] = heap[child]
            hole = child
        }
        heap[hole] = new
    }
}
