import FeatureData
import Foundation
import Matrices
import Probability

/// Product quantisation (Jégou, Douze and Schmid 2011, doi:10.1109/TPAMI.2010.57): a row is cut into `parts` parts of equal
/// length, and of each part the number of the nearest centroid is kept, one byte.
///
/// Centroids come from k-means on each part (Lloyd), 256 of them or as many as there are rows to learn from.
public struct ProductQuantizer: Sendable {
    /// D.
    public let dimension: Int
    /// Bytes of a code.
    public let parts: Int
    /// Centroids of each part, at most 256.
    public let centroids: Int
    /// `[parts · centroids, D / parts]`: the centroids of the first part, then those of the second, …
    public let codebooks: Matrix<Float>
    /// ½‖c‖² of each centroid.
    private let halfNorms: [Float]

    /// Rows that centroids are learnt from, at most; more change the error by little.
    public static let trainingRows = 8192
    private static let iterations = 12
    /// Rows encoded at a time: their scores stay in the cache.
    private static let blockRows = 256

    private var width: Int { dimension / parts }

    init(dimension: Int, parts: Int, centroids: Int, codebooks: Matrix<Float>) {
        precondition(codebooks.rows == parts * centroids && codebooks.columns * parts == dimension, "codebooks do not fit")
        (self.dimension, self.parts, self.centroids, self.codebooks) = (dimension, parts, centroids, codebooks)
        let width = dimension / parts
        halfNorms = (0..<codebooks.rows).map { row in
            FloatKernels.dot(codebooks.pointer + row * width, codebooks.pointer + row * width, width) / 2
        }
    }

    /// Learns centroids from rows `[rows, D]`, at least one. O(min(rows, 8192) · 256 · D) an iteration; the same rows and seed
    /// give the same bits, whatever the number of threads.
    public init(learningFrom rows: Matrix<Float>, parts: Int, seed: UInt64) {
        precondition(rows.rows > 0 && parts > 0 && rows.columns % parts == 0, "\(parts) parts of [\(rows.rows), \(rows.columns)]")
        let dimension = rows.columns
        let width = dimension / parts
        var stream = RandomStream(seed: seed)
        let sample = Array(stream.permutation(rows.rows).prefix(Self.trainingRows))
        let count = sample.count
        let centroids = min(256, count)
        var codebooks = Matrix<Float>(rows: parts * centroids, columns: width)
        nonisolated(unsafe) let target = codebooks.mutablePointer()  // each part writes its own rows
        Parallelism.forEach(pieces: parts) { part in
            var values = Matrix<Float>(rows: count, columns: width)
            values.withUnsafeMutableElements { elements in
                for (place, row) in sample.enumerated() {
                    for column in 0..<width {
                        elements[place * width + column] = rows.pointer[row * dimension + part * width + column]
                    }
                }
            }
            let learnt = Self.kMeans(values, centroids: centroids)
            (target + part * centroids * width).update(from: learnt.pointer, count: centroids * width)
        }
        self.init(dimension: dimension, parts: parts, centroids: centroids, codebooks: codebooks)
    }

    /// Lloyd's iterations from the first rows, which are in random order already. A centroid that no row is nearest to moves to
    /// one of the rows farthest from theirs.
    private static func kMeans(_ rows: Matrix<Float>, centroids: Int) -> Matrix<Float> {
        let (count, width) = (rows.rows, rows.columns)
        var centers = rows.rows(0..<centroids)
        var scratch = Scores(rows: blockRows, centroids: centroids)
        var nearest = [Int32](repeating: 0, count: count)
        for _ in 0..<iterations {
            let halfNorms = (0..<centroids).map {
                FloatKernels.dot(centers.pointer + $0 * width, centers.pointer + $0 * width, width) / 2
            }
            for start in stride(from: 0, to: count, by: blockRows) {
                let size = min(blockRows, count - start)
                nearest.withUnsafeMutableBufferPointer { nearest in
                    guard let base = nearest.baseAddress else { return }
                    scratch.nearest(
                        rows.pointer + start * width, stride: width, count: size, width: width, centers.pointer, halfNorms,
                        into: base + start)
                }
            }
            var sums = [Double](repeating: 0, count: centroids * width)
            var counts = [Int](repeating: 0, count: centroids)
            var errors = [Float](repeating: 0, count: count)
            rows.withUnsafeElements { elements in
                for row in 0..<count {
                    let center = Int(nearest[row])
                    counts[center] += 1
                    for column in 0..<width {
                        let value = elements[row * width + column]
                        let difference = value - centers.pointer[center * width + column]
                        errors[row] += difference * difference
                        sums[center * width + column] += Double(value)
                    }
                }
            }
            let empty = counts.indices.filter { counts[$0] == 0 }
            let farthest = empty.isEmpty ? [] : errors.indices.sorted { (-errors[$0], $0) < (-errors[$1], $1) }
            for (center, row) in zip(empty, farthest) {
                counts[center] = 1
                for column in 0..<width { sums[center * width + column] = Double(rows.pointer[row * width + column]) }
            }
            centers = Matrix(
                rows: centroids, columns: width,
                elements: sums.enumerated().map { Float($1 / Double(counts[$0 / width])) })
        }
        return centers
    }

    /// Codes of rows `[count, D]`, `parts` bytes each. O(count · 256 · D).
    func encode(_ rows: UnsafePointer<Float>, count: Int, into codes: UnsafeMutablePointer<UInt8>) {
        nonisolated(unsafe) let (rows, codes) = (rows, codes)  // each range writes its own codes
        let width = width
        Parallelism.forEachRange(of: count, size: 4 * Self.blockRows) { range in
            var scratch = Scores(rows: Self.blockRows, centroids: centroids)
            var nearest = [Int32](repeating: 0, count: Self.blockRows)
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.blockRows) {
                let size = min(Self.blockRows, range.upperBound - start)
                for part in 0..<parts {
                    nearest.withUnsafeMutableBufferPointer { nearest in
                        guard let base = nearest.baseAddress else { return }
                        scratch.nearest(
                            rows + start * dimension + part * width, stride: dimension, count: size, width: width,
                            codebooks.pointer + part * centroids * width,
                            Array(halfNorms[part * centroids..<(part + 1) * centroids]), into: base)
                    }
                    for row in 0..<size { codes[(start + row) * parts + part] = UInt8(truncatingIfNeeded: nearest[row]) }
                }
            }
        }
    }

    /// The rows that codes stand for; `nil` where a code names no centroid.
    func decode(_ codes: UnsafeRawBufferPointer, into row: UnsafeMutablePointer<Float>) -> Bool {
        let width = width
        for part in 0..<parts {
            let code = Int(codes[part])
            guard code < centroids else { return false }
            (row + part * width).update(from: codebooks.pointer + (part * centroids + code) * width, count: width)
        }
        return true
    }

    /// Room for the scores of some rows against the centroids of a part.
    private struct Scores {
        private var values: Matrix<Float>
        private let centroids: Int

        init(rows: Int, centroids: Int) {
            values = Matrix(rows: rows, columns: centroids)
            self.centroids = centroids
        }

        /// The nearest centroid is the one of the largest x·c − ½‖c‖²; of equal ones the first.
        mutating func nearest(
            _ rows: UnsafePointer<Float>, stride: Int, count: Int, width: Int, _ centers: UnsafePointer<Float>,
            _ halfNorms: [Float], into result: UnsafeMutablePointer<Int32>
        ) {
            let scores = values.mutablePointer()
            for row in 0..<count {
                let target = scores + row * centroids
                for center in 0..<centroids { target[center] = -halfNorms[center] }
            }
            FloatKernels.gemm(
                .asStored, .transposed, count, centroids, width, 1, rows, stride, centers, width, 1, scores, centroids)
            FloatKernels.rowArgmaxima(result, scores, count, centroids)
        }
    }
}
