import Matrices

/// S(i, j) = exp(−‖x_i − x_j‖² / (2·D)), computed for a few rows at a time: the whole `[rows, rows]` matrix is never held.
struct GaussianSimilarity<Scalar: MatrixScalar>: Sendable {
    /// `[rows, D]`.
    let features: Matrix<Scalar>
    private let squaredNorms: [Scalar]

    init(_ features: Matrix<Scalar>) {
        self.features = features
        squaredNorms = features.rowSquaredNorms()
    }

    var rows: Int { features.rows }

    /// Rows of one block of `forEachBlock`: about 64 MiB of similarities of Floats.
    private var blockRows: Int { max(1, min(1024, (1 << 24) / max(rows, 1))) }

    /// ‖x_i − x_j‖² of some rows i `[chosen, rows]`. O(chosen · rows · D).
    func squaredDistances(_ chosen: [Int]) -> Matrix<Scalar> {
        var result = features.selectingRows(chosen).multiplied(by: features, .transposed, scaledBy: -2)
        let own = chosen.map { squaredNorms[$0] }
        let columns = rows
        forEachRow(of: &result) { elements, part in
            Scalar.Kernels.squaredDistanceRows(
                elements, Array(own[part]), squaredNorms, part.count, columns)
            for place in part { elements[(place - part.lowerBound) * columns + chosen[place]] = 0 }
        }
        return result
    }

    /// S of some rows `[chosen, rows]`.
    func similarities(_ chosen: [Int]) -> Matrix<Scalar> {
        var result = squaredDistances(chosen)
        let factor = -1 / (2 * Scalar(features.columns))
        let columns = rows
        forEachRow(of: &result) { elements, part in
            Scalar.Kernels.scale(elements, factor, part.count * columns)
            Scalar.Kernels.exp(elements, elements, part.count * columns)
        }
        return result
    }

    /// Calls `body` with ranges of the block's rows and where they begin, on all threads.
    private func forEachRow(
        of block: inout Matrix<Scalar>, _ body: @Sendable (UnsafeMutablePointer<Scalar>, Range<Int>) -> Void
    ) {
        let (count, columns) = (block.rows, block.columns)
        guard columns > 0 else { return }
        block.withUnsafeMutableElements { elements in
            nonisolated(unsafe) let start = elements.baseAddress  // each piece writes its own rows
            Parallelism.forEachRange(of: count, size: Parallelism.rowsPerPiece(columns: columns)) { part in
                if let start { body(start + part.lowerBound * columns, part) }
            }
        }
    }

    /// For every row of a block `[chosen, rows]`, Σ max(it − floor, 0).
    static func sumsOfExcess(_ block: Matrix<Scalar>, over floor: [Scalar]) -> [Double] {
        var sums = [Double](repeating: 0, count: block.rows)
        let columns = block.columns
        block.withUnsafeElements { elements in
            sums.withUnsafeMutableBufferPointer { sums in
                nonisolated(unsafe) let (start, out) = (elements.baseAddress, sums)  // each piece writes its own sums
                Parallelism.forEachRange(of: out.count, size: Parallelism.rowsPerPiece(columns: columns)) { part in
                    guard let start else { return }
                    for row in part { out[row] = Scalar.Kernels.sumOfExcess(start + row * columns, floor, columns) }
                }
            }
        }
        return sums
    }

    /// S of all rows, block by block.
    func forEachBlock(_ body: (_ first: Int, Matrix<Scalar>) throws -> Void) rethrows {
        for first in stride(from: 0, to: rows, by: blockRows) {
            try body(first, similarities(Array(first..<min(first + blockRows, rows))))
        }
    }
}
