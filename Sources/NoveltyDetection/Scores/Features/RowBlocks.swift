import Matrices

/// Rows in blocks that stay in the cache from one step of a score to the next, shared among threads. Cut by the number of
/// rows alone, so the number of threads changes no bit.
enum RowBlocks {
    /// Rows in a block: a product with a matrix [D, D] then runs at full rate.
    static var size: Int { 512 }

    /// One score a row.
    ///
    /// - Parameter body: the scores of a block `[block rows, D]`.
    static func scores(_ features: Matrix<Float>, _ body: @Sendable (Matrix<Float>) -> [Float]) -> [Float] {
        guard features.rows > size else { return body(features) }
        return [Float](unsafeUninitializedCapacity: features.rows) { buffer, count in
            nonisolated(unsafe) let out = buffer  // each piece writes its own part
            Parallelism.forEachRange(of: features.rows, size: size) { range in
                let scores = body(features.rows(range))
                precondition(scores.count == range.count, "\(scores.count) scores for \(range.count) rows")
                for (offset, score) in scores.enumerated() { out.initializeElement(at: range.lowerBound + offset, to: score) }
            }
            count = features.rows
        }
    }

    /// One score a row by a kernel that reads rows where they are.
    ///
    /// - Parameters:
    ///   - elementsPerPiece: elements worth a thread's waking; about 0.1 ms of work.
    ///   - kernel: writes the scores of so many rows from their first element on.
    static func scores(
        _ rows: Matrix<Float>, elementsPerPiece: Int = 262_144,
        kernel: @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    ) -> [Float] {
        [Float](unsafeUninitializedCapacity: rows.rows) { buffer, count in
            if let base = buffer.baseAddress {
                nonisolated(unsafe) let (out, first) = (base, rows.pointer)  // each piece writes its own part
                let size = max(size, elementsPerPiece / max(rows.columns, 1))
                Parallelism.forEachRange(of: rows.rows, size: size) { range in
                    kernel(out + range.lowerBound, first + range.lowerBound * rows.columns, range.count)
                }
            }
            count = rows.rows
        }
    }
}
