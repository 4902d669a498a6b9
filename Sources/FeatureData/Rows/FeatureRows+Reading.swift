// Reading and checking the rows of one file.
import Matrices

extension FeatureRows.Part {
    /// Rows converted and scaled while they are in the cache.
    private static var chunkRows: Int { 32 }

    /// Reads rows of this part into `target` `[rows.count, D]`.
    func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>, normalizing: Bool) throws {
        let dimension = features.columns
        try withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.chunkRows) { norms in
            guard let norm = norms.baseAddress else { return }
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.chunkRows) {
                let size = min(Self.chunkRows, rows.upperBound - start)
                let chunk = target + (start - rows.lowerBound) * dimension
                features.read(from: start * dimension, count: size * dimension, into: chunk)
                if normalizing {
                    FloatKernels.normalizeRows(chunk, norm, chunk, size, dimension)
                } else {
                    FloatKernels.rowSquaredNorms(norm, chunk, size, dimension)
                }
                // Squares of ordinary numbers neither overflow nor vanish; other rows are looked at one by one.
                for row in 0..<size where !(norm[row] > 1e-15 && norm[row] < 1e15) {
                    try readExtreme(start + row, into: chunk + row * dimension, normalizing: normalizing)
                }
            }
        }
    }

    /// A row whose norm Float cannot express well: an error unless it is finite and not zero.
    private func readExtreme(_ row: Int, into target: UnsafeMutablePointer<Float>, normalizing: Bool) throws {
        let dimension = features.columns
        var values = [Double](repeating: 0, count: dimension)
        values.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress {
                features.read(from: row * dimension, count: dimension, into: base)
            }
        }
        if let column = values.firstIndex(where: { !$0.isFinite }) {
            let what = values[column].isNaN ? "NaN" : "infinite"
            throw features.error("row \(row) is \(what) in column \(column), expected finite numbers")
        }
        let largest = values.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else { throw features.error("row \(row) is zero, expected a feature vector") }
        if normalizing {
            let norm = values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
            for column in 0..<dimension { target[column] = Float(values[column] / largest / norm) }
        } else {
            guard largest <= Double(Float.greatestFiniteMagnitude) else {
                throw features.error("row \(row) holds \(largest), more than a Float")
            }
            for column in 0..<dimension { target[column] = Float(values[column]) }
        }
    }

    /// Labels of rows of this part; empty where it has none.
    func readLabels(_ rows: Range<Int>) throws -> [Int] {
        guard let labels else { return [] }
        var result = try labels.integers(in: rows)
        for index in result.indices {
            let label = result[index]
            if label < 0 || label >= classCount ?? Int.max {
                let expected = classCount.map { "0 to \($0 - 1), the classes" } ?? "0 or more"
                throw labels.error("row \(rows.lowerBound + index) has the label \(label), expected \(expected)")
            }
            result[index] = label + labelOffset
        }
        return result
    }

    /// Lets the pages of rows, counted over all parts, leave the process's memory.
    func dropPages(of rows: Range<Int>) {
        let start = max(rows.lowerBound - firstRow, 0)
        let end = min(rows.upperBound - firstRow, features.rows)
        guard start < end else { return }
        features.dropPages(from: start * features.columns, to: end * features.columns)
        labels?.dropPages(from: start, to: end)
    }
}

extension StoredTensor {
    /// Drops the pages of elements, with those that the elements before share.
    fileprivate func dropPages(from start: Int, to end: Int) {
        let first = max(offset, offset + start * elementType.byteCount - 65536)
        file.dropPages(in: first..<offset + end * elementType.byteCount)
    }
}
