import Foundation
import Matrices

/// The sums that ridge regression on one-hot targets needs, and nothing else of the rows: the Gram matrix G = ΦᵀΦ, the sum
/// of φ over each class's rows (the cross products ΦᵀY, one row a class) and the number of rows of each class.
///
/// Sums of parts add up: of tasks, in any order, and of shards. So the solution is the joint one whatever the order, and
/// taking rows out is subtracting theirs.
///
/// One square `[h, h]` holds everything large: G above its diagonal (the diagonal itself apart), and below it either sums
/// that are not yet part of G, or the Cholesky factor of G + λI. Memory is h² elements, where G and a factor as two
/// matrices take twice that.
struct RidgeSums<Scalar: MatrixScalar>: Sendable {
    /// h.
    let dimension: Int
    /// Strictly above the diagonal: G. From the diagonal down: what `below` says.
    var square: Matrix<Scalar>
    private(set) var diagonal: [Scalar]
    /// Sums of φ `[classes, h]`.
    private(set) var cross: Matrix<Double>
    /// Rows of each class.
    private(set) var counts: [Int]
    private(set) var below = Below.nothing

    var stagedCross: Matrix<Double>
    var stagedCounts: [Int] = []

    /// What the lower triangle holds.
    enum Below: Sendable, Equatable {
        case nothing
        /// Sums of rows since `stage`.
        case staged
        /// L with L·Lᵀ = G + regulariser·I.
        case factor(regulariser: Double)
    }

    init(dimension: Int) {
        self.dimension = dimension
        square = Matrix(rows: dimension, columns: dimension)
        diagonal = [Scalar](repeating: 0, count: dimension)
        cross = Matrix(rows: 0, columns: dimension)
        counts = []
        stagedCross = cross
    }

    var rows: Int { counts.reduce(0, +) }
    var classes: Int { counts.count }
    /// trace G = Σ ‖φ‖².
    var trace: Double { diagonal.reduce(0) { $0 + Double($1) } }

    var hasFactor: Bool { if case .factor = below { true } else { false } }

    // MARK: Accumulating

    /// Begins sums of more rows, of `classes` classes in all. What the lower triangle held is gone.
    mutating func stage(classes: Int) {
        stagedCross = Matrix(rows: classes, columns: dimension)
        stagedCounts = [Int](repeating: 0, count: classes)
        let n = dimension
        nonisolated(unsafe) let p = square.mutablePointer()  // pieces do not overlap
        Parallelism.forEachRange(of: n, size: 256) { rows in
            for row in rows { (p + row * n).update(repeating: 0, count: row + 1) }
        }
        below = .staged
    }

    /// Adds rows φ `[rows, h]` with their labels to the sums begun. rows·h² operations.
    ///
    /// Products are in the precision of φ; a block's are added to the sums in theirs.
    mutating func add<Product: MatrixScalar>(_ features: Matrix<Product>, labels: [Int]) {
        precondition(below == .staged, "add without stage")
        precondition(features.columns == dimension && features.rows == labels.count, "features do not fit the sums")
        GramStrips<Scalar, Product>.add(features, to: square.mutablePointer(), dimension)
        let (n, source) = (dimension, features.pointer)
        for label in labels { stagedCounts[label] += 1 }
        nonisolated(unsafe) let (target, read) = (stagedCross.mutablePointer(), source)  // pieces: columns of their own
        Parallelism.forEachRange(of: n, size: 1024) { columns in
            for (row, label) in labels.enumerated() {
                let (from, to) = (read + row * n, target + label * n)
                for column in columns { to[column] += Double(from[column]) }
            }
        }
        withExtendedLifetime(features) {}
    }

    /// Makes the sums begun part of G (or takes them out of it, with a sign of −1).
    mutating func commit(subtracting: Bool = false) {
        precondition(below == .staged, "commit without stage")
        let n = dimension
        let sign: Scalar = subtracting ? -1 : 1
        nonisolated(unsafe) let p = square.mutablePointer()  // pieces write rows of their own, above the diagonal
        Parallelism.forEachRange(of: n, size: 64) { rows in
            // Tiles of 64 × 64 keep the transposed reads in the cache.
            for left in stride(from: rows.lowerBound, to: n, by: 64) {
                for row in rows {
                    for column in max(left, row + 1)..<max(min(left + 64, n), row + 1) {
                        p[row * n + column] += sign * p[column * n + row]
                    }
                }
            }
        }
        for index in 0..<n { diagonal[index] += sign * p[index * n + index] }
        let classes = stagedCounts.count
        if classes > cross.rows {
            cross = cross.appendingRows(Matrix(rows: classes - cross.rows, columns: n))
            counts += [Int](repeating: 0, count: classes - counts.count)
        }
        cross.add(stagedCross, scaledBy: Double(sign))
        for label in 0..<classes { counts[label] += (subtracting ? -1 : 1) * stagedCounts[label] }
        stagedCross = Matrix(rows: 0, columns: n)
        stagedCounts = []
        below = .nothing
    }

    /// The sums begun, of each class: Σφ `[classes, h]` and the number of rows.
    var staged: (cross: Matrix<Double>, counts: [Int]) { (stagedCross, stagedCounts) }

    /// Takes out classes whose rows are all gone.
    mutating func removeClasses(_ removed: Set<Int>) {
        let kept = counts.indices.filter { !removed.contains($0) }
        cross = cross.selectingRows(kept)
        counts = kept.map { counts[$0] }
    }

    // MARK: Solving

    /// Puts the Cholesky factor of G + regulariser·I below the diagonal. h³/3 operations, in place.
    ///
    /// - Throws: `LinearAlgebraError.notPositiveDefinite`; the lower triangle then holds nothing.
    mutating func factorize(regulariser: Double) throws(LinearAlgebraError) {
        let n = dimension
        below = .nothing
        guard n > 0 else { return below = .factor(regulariser: regulariser) }
        let p = square.mutablePointer()
        nonisolated(unsafe) let write = p  // pieces write rows of their own, from the diagonal down
        Parallelism.forEachRange(of: n, size: 64) { rows in
            for left in stride(from: 0, to: rows.upperBound, by: 64) {
                for row in rows {
                    for column in left..<max(min(left + 64, row), left) { write[row * n + column] = write[column * n + row] }
                }
            }
        }
        for index in 0..<n { p[index * n + index] = Scalar(Double(diagonal[index]) + regulariser) }
        try InPlaceCholesky.factorize(p, n, leadingDimension: n)
        below = .factor(regulariser: regulariser)
    }

    /// `right·L⁻ᵀ` (`.transposed`) or `right·L⁻¹` for rows `[count, h]`.
    func solveRight(_ operand: Operand, _ right: inout Matrix<Scalar>) {
        guard case .factor = below else { preconditionFailure("no factor") }
        guard dimension > 0, right.rows > 0 else { return }
        InPlaceCholesky.solveRight(
            square.pointer, dimension, leadingDimension: dimension, operand, right.mutablePointer(), count: right.rows)
    }

    /// log det(G + regulariser·I), from the factor.
    var logDeterminant: Double {
        var sum = 0.0
        for index in 0..<dimension { sum += log(Double(square.pointer[index * dimension + index])) }
        return 2 * sum
    }
}

extension RidgeSums where Scalar == Double {
    /// The same sums in Double, to go on in.
    init(_ other: RidgeSums<Float>) {
        self.init(
            dimension: other.dimension, packed: Matrix<Double>(other.packedGram), cross: other.cross,
            counts: other.counts)
    }
}

extension RidgeSums {
    /// G's upper triangle row by row, the diagonal included, `[1, h(h+1)/2]`.
    var packedGram: Matrix<Scalar> {
        let n = dimension
        var result = Matrix<Scalar>(uninitialized: 1, n * (n + 1) / 2)
        var next = result.mutablePointer()
        for row in 0..<n {
            next.pointee = diagonal[row]
            (next + 1).update(from: square.pointer + row * n + row + 1, count: n - row - 1)
            next += n - row
        }
        return result
    }

    /// From stored sums; `packed` as `packedGram` gives it.
    init(dimension: Int, packed: Matrix<Scalar>, cross: Matrix<Double>, counts: [Int]) {
        precondition(packed.count == dimension * (dimension + 1) / 2 && cross.rows == counts.count)
        self.init(dimension: dimension)
        self.cross = cross
        self.counts = counts
        var next = packed.pointer
        let p = square.mutablePointer()
        for row in 0..<dimension {
            diagonal[row] = next.pointee
            (p + row * dimension + row + 1).update(from: next + 1, count: dimension - row - 1)
            next += dimension - row
        }
        withExtendedLifetime(packed) {}
    }
}
