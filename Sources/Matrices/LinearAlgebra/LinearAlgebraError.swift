/// Why a decomposition has no result.
public enum LinearAlgebraError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The matrix `[rows, columns]` should have been square.
    case notSquare(rows: Int, columns: Int)
    /// The element there is NaN or infinite.
    case notFinite(row: Int, column: Int)
    /// The leading minor of this order is not positive (LAPACK `potrf`'s info), so there is no Cholesky factor.
    case notPositiveDefinite(leadingMinor: Int)
    /// The iteration of `routine` did not converge (LAPACK's info).
    case notConverged(routine: String, info: Int)
    /// A triangular matrix with zero on its diagonal there.
    case singular(index: Int)
    /// A dimension too large for the library's 32-bit sizes.
    case tooLarge(rows: Int, columns: Int)

    public var description: String {
        switch self {
        case .notSquare(let rows, let columns): "the matrix is [\(rows), \(columns)], not square"
        case .notFinite(let row, let column): "the element in row \(row), column \(column) is not a finite number"
        case .notPositiveDefinite(let leadingMinor):
            "the matrix is not positive definite: its leading minor of order \(leadingMinor) is not positive"
        case .notConverged(let routine, let info): "\(routine) did not converge (info \(info))"
        case .singular(let index): "the triangular matrix is singular: its diagonal element \(index) is zero"
        case .tooLarge(let rows, let columns): "a matrix [\(rows), \(columns)] is too large to decompose"
        }
    }
}

extension Matrix {
    /// Refuses what LAPACK might loop or fail on without a word.
    func checkDecomposable(square: Bool) throws(LinearAlgebraError) {
        if square && rows != columns { throw .notSquare(rows: rows, columns: columns) }
        guard rows <= Int32.max / 64, columns <= Int32.max / 64 else { throw .tooLarge(rows: rows, columns: columns) }
        if let index = firstNonfinite { throw .notFinite(row: index / columns, column: index % columns) }
    }

    /// Copies the lower triangle onto the upper one.
    mutating func mirrorLowerTriangle() {
        let p = mutablePointer()
        let (n, tile) = (rows, 32)
        for top in stride(from: 0, to: n, by: tile) {
            for left in stride(from: 0, through: top, by: tile) {
                for row in top..<min(top + tile, n) {
                    for column in left..<min(left + tile, row) { p[column * n + row] = p[row * n + column] }
                }
            }
        }
    }
}
