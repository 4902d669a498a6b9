// Going through the rows of a tensor without stopping at bad ones.
import Foundation
import Matrices

/// Norms of rows, which rows are bad, and checksums to find equal ones by.
struct RowScan {
    /// Of finite rows that are not zero.
    private(set) var smallestNorm = Double.infinity
    private(set) var largestNorm = 0.0
    private(set) var sumOfNorms = 0.0
    private(set) var soundRows = 0
    private(set) var zeroRows = RowList()
    private(set) var nonFiniteRows = RowList()

    /// Rows by their number and the first of them.
    struct RowList {
        private(set) var count = 0
        private(set) var first: [Int] = []

        mutating func add(_ row: Int) {
            count += 1
            if first.count < DataFinding.listed { first.append(row) }
        }

        /// "rows 3, 5, 9, …"
        var text: String {
            let rows = first.map(String.init).joined(separator: ", ")
            return "row\(count == 1 ? "" : "s") \(rows)\(count > first.count ? ", …" : "")"
        }
    }

    private static let blockRows = 512

    /// Reads every row `[rows, D]` of a tensor once, in blocks.
    ///
    /// - Parameters:
    ///   - sound: called for every row that is neither zero nor NaN nor infinite, with a checksum of its numbers as Float.
    ///   - progress: called with the rows of each block.
    mutating func scan(
        _ tensor: StoredTensor, sound: (Int, UInt64) -> Void, progress: (Range<Int>) throws -> Void
    ) rethrows {
        let (rows, dimension) = (tensor.rows, tensor.columns)
        guard dimension > 0 else { return }
        let blockRows = max(1, min(Self.blockRows, (1 << 20) / dimension))
        var block = [Float](repeating: 0, count: blockRows * dimension)
        var squares = [Float](repeating: 0, count: blockRows)
        for start in stride(from: 0, to: rows, by: blockRows) {
            let size = min(blockRows, rows - start)
            block.withUnsafeMutableBufferPointer { block in
                squares.withUnsafeMutableBufferPointer { squares in
                    guard let values = block.baseAddress, let square = squares.baseAddress else { return }
                    tensor.read(from: start * dimension, count: size * dimension, into: values)
                    FloatKernels.rowSquaredNorms(square, values, size, dimension)
                    for row in 0..<size {
                        // Squares of ordinary numbers neither overflow nor vanish; other rows are looked at one by one.
                        let norm =
                            square[row] > 1e-30 && square[row] < 1e30
                            ? Double(square[row]).squareRoot() : Self.exactNorm(tensor, start + row)
                        if count(norm, start + row) {
                            var checksum = Fingerprint()
                            checksum.add(UnsafeRawBufferPointer(start: values + row * dimension, count: dimension * 4))
                            sound(start + row, checksum.value)
                        }
                    }
                }
            }
            try progress(start..<start + size)
        }
    }

    /// Whether the row is sound.
    private mutating func count(_ norm: Double, _ row: Int) -> Bool {
        guard norm.isFinite else {
            nonFiniteRows.add(row)
            return false
        }
        guard norm > 0 else {
            zeroRows.add(row)
            return false
        }
        smallestNorm = min(smallestNorm, norm)
        largestNorm = max(largestNorm, norm)
        sumOfNorms += norm
        soundRows += 1
        return true
    }

    /// In Double and scaled, so that it neither overflows nor vanishes; NaN for a row that is not finite.
    private static func exactNorm(_ tensor: StoredTensor, _ row: Int) -> Double {
        let dimension = tensor.columns
        var values = [Double](repeating: 0, count: dimension)
        values.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { tensor.read(from: row * dimension, count: dimension, into: base) }
        }
        guard values.allSatisfy(\.isFinite) else { return .nan }
        let largest = values.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else { return 0 }
        return values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot() * largest
    }
}

extension RowScan {
    /// Findings about bad rows, and norms that differ too much.
    func findings(about tensor: StoredTensor) -> [DataFinding] {
        var findings: [DataFinding] = []
        func add(_ severity: DataFinding.Severity, _ kind: DataFinding.Kind, _ list: RowList, _ what: String) {
            let is_are = list.count == 1 ? "row is" : "rows are"
            findings.append(
                DataFinding(
                    severity, kind,
                    tensor.error("\(list.count) of \(tensor.rows) \(is_are) \(what): \(list.text)"),
                    count: list.count, rows: list.first))
        }
        if nonFiniteRows.count > 0 {
            add(.error, .nonFiniteRows, nonFiniteRows, "NaN or infinite, expected finite numbers")
        }
        if zeroRows.count > 0 { add(.error, .zeroRows, zeroRows, "zero, expected feature vectors") }
        if soundRows > 0, largestNorm > 1000 * smallestNorm {
            findings.append(
                DataFinding(
                    .warning, .norms,
                    tensor.error(
                        "norms reach from \(Self.short(smallestNorm)) to \(Self.short(largestNorm)): all rows count alike "
                            + "when they are scaled to unit length, and the shortest may be noise")))
        }
        return findings
    }

    private static func short(_ value: Double) -> String { String(format: "%.3g", value) }
}
