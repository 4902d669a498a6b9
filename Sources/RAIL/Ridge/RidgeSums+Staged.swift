import Matrices

/// Sums begun, as numbers that can be stored, sent and added to those of another machine: row r of their lower triangle has
/// r + 1 elements.
extension RidgeSums {
    /// The lower triangle row by row, `[1, h(h + 1)/2]`.
    var packedStaged: Matrix<Scalar> {
        precondition(below == .staged, "sums that were not begun")
        var result = Matrix<Scalar>(uninitialized: 1, dimension * (dimension + 1) / 2)
        var next = result.mutablePointer()
        for row in 0..<dimension {
            next.update(from: square.pointer + row * dimension, count: row + 1)
            next += row + 1
        }
        return result
    }

    /// Adds other sums, their triangle as `packedStaged` gives it.
    mutating func addStaged(_ packed: Matrix<Scalar>, cross: Matrix<Double>, counts: [Int]) {
        precondition(below == .staged, "sums that were not begun")
        precondition(packed.count == dimension * (dimension + 1) / 2 && cross.rows == stagedCross.rows)
        let n = dimension
        nonisolated(unsafe) let (from, to) = (packed.pointer, square.mutablePointer())  // pieces write rows of their own
        Parallelism.forEachRange(of: n, size: 256) { rows in
            for row in rows {
                let (source, target) = (from + row * (row + 1) / 2, to + row * n)
                for column in 0...row { target[column] += source[column] }
            }
        }
        withExtendedLifetime(packed) {}
        stagedCross.add(cross, scaledBy: 1)
        addStagedCounts(counts)
    }

    mutating func addStagedCounts(_ counts: [Int]) {
        for (label, count) in counts.enumerated() { stagedCounts[label] += count }
    }

    /// The lower triangle, row by row, in place.
    mutating func forEachStagedRow(_ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Void) rethrows {
        precondition(below == .staged, "sums that were not begun")
        let start = square.mutablePointer()
        for row in 0..<dimension { try body(UnsafeMutableBufferPointer(start: start + row * dimension, count: row + 1)) }
    }

    /// Σφ of each class, in place.
    mutating func forEachStagedClass(_ body: (UnsafeMutableBufferPointer<Double>) throws -> Void) rethrows {
        let start = stagedCross.mutablePointer()
        for label in 0..<stagedCross.rows {
            try body(UnsafeMutableBufferPointer(start: start + label * dimension, count: dimension))
        }
    }
}
