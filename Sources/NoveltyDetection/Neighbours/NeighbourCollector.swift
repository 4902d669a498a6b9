import CKernels
import Matrices

/// One row of a bank as seen from a row.
struct Neighbour: Sendable, Equatable {
    /// See `NeighbourSearch.Similarity`.
    var similarity: Float
    /// Its place in the bank; `Int32.max` where there is none.
    var index: Int32

    /// ‖x − y‖ of a Euclidean similarity.
    var distance: Float { (-2 * similarity).squareRoot() }
}

/// Chooses the nearest among candidates of which only approximate similarities are known: those that the bound of the
/// error does not rule out are worked out by themselves.
struct NeighbourCollector {
    private let block: Matrix<Float>
    private let bank: Matrix<Float>
    private let similarity: NeighbourSearch.Similarity
    /// What approximate similarities lack, −½‖x‖², and ‖x‖, a row.
    private let offsets: [Float]
    private let lengths: [Float]
    private var heaps: NeighbourHeaps

    /// - Parameters:
    ///   - block: `[rows, D]`, whose neighbours are looked for.
    ///   - count: how many a row.
    init(_ block: Matrix<Float>, bank: Matrix<Float>, similarity: NeighbourSearch.Similarity, count: Int) {
        self.block = block
        self.bank = bank
        self.similarity = similarity
        lengths = block.rowNorms()
        offsets =
            similarity == .euclidean
            ? block.rowSquaredNorms().map { -$0 / 2 } : [Float](repeating: 0, count: block.rows)
        heaps = NeighbourHeaps(rows: block.rows, count: count)
    }

    /// The error of a product of rows in Float, over the product of their lengths: D roundings, in any order.
    static func slack(_ columns: Int) -> Float { Float(columns) * 0x1p-22 }

    /// What an approximate similarity to rows of at most some length has to exceed to be of interest. Sums with the
    /// squares of the lengths round as well.
    func limit(of row: Int, length: Float, slack: Float) -> Float {
        let own = lengths[row]
        return heaps.worst(of: row) - offsets[row] - slack * own * length
            - 0x1p-21 * (own * own + length * length)
    }

    /// Takes what is of interest among candidates that follow each other in the bank.
    ///
    /// - Parameters:
    ///   - values: x·y, of Euclidean similarities less ½‖y‖².
    ///   - length: none of the candidates is longer.
    mutating func consider(
        _ values: UnsafePointer<Float>, _ count: Int, firstIndex: Int, row: Int, length: Float, slack: Float
    ) {
        var limit = limit(of: row, length: length, slack: slack)
        let x = block.pointer + row * block.columns
        // Not `<=`: products beyond the range of Float give NaN, which rules nothing out.
        for offset in 0..<count where !(values[offset] <= limit) {
            let y = bank.pointer + (firstIndex + offset) * bank.columns
            let exact =
                similarity == .euclidean
                ? -credence_squared_distance_f32(x, y, bank.columns) / 2 : Float.Kernels.dot(x, y, bank.columns)
            heaps.offer(Neighbour(similarity: exact, index: Int32(firstIndex + offset)), to: row)
            limit = self.limit(of: row, length: length, slack: slack)
        }
    }

    /// `count` a row, best first; equal ones in the order of the bank.
    consuming func sorted() -> [Neighbour] { heaps.sorted() }
}

/// For each row the best so far, as a heap whose root is the worst of them.
struct NeighbourHeaps {
    private let rows: Int
    private let count: Int
    private var heaps: [Neighbour]

    init(rows: Int, count: Int) {
        self.rows = rows
        self.count = count
        // −∞ until enough have been seen.
        heaps = Array(repeating: Neighbour(similarity: -.infinity, index: .max), count: rows * count)
    }

    /// What a candidate has to beat. Of equals the first seen stays.
    func worst(of row: Int) -> Float { heaps[row * count].similarity }

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
