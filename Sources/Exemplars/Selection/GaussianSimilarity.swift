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
        let columns = rows
        result.withUnsafeMutableElements { elements in
            for (place, row) in chosen.enumerated() {
                for other in 0..<columns {
                    let distance = elements[place * columns + other] + squaredNorms[row] + squaredNorms[other]
                    elements[place * columns + other] = row == other ? 0 : max(distance, 0)
                }
            }
        }
        return result
    }

    /// S of some rows `[chosen, rows]`.
    func similarities(_ chosen: [Int]) -> Matrix<Scalar> {
        (-1 / (2 * Scalar(features.columns)) * squaredDistances(chosen)).exp()
    }

    /// S of all rows, block by block.
    func forEachBlock(_ body: (_ first: Int, Matrix<Scalar>) throws -> Void) rethrows {
        for first in stride(from: 0, to: rows, by: blockRows) {
            try body(first, similarities(Array(first..<min(first + blockRows, rows))))
        }
    }
}
