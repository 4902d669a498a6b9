// Bartlett's decomposition: Wishart(ν, I) = A·Aᵀ with A lower triangular, √χ²(ν − i) on its diagonal, N(0, 1) below; one
// at a time and in bulk.

import CGSL
import Foundation
import Matrices

/// A of one draw.
func bartlettFactor(_ degreesOfFreedom: Double, _ size: Int, _ stream: inout RandomStream) -> Matrix<Double> {
    var a = Matrix<Double>(rows: size, columns: size)
    for i in 0..<size {
        for j in 0..<i { a[i, j] = stream.gaussian() }
        a[i, i] = stream.withGenerator { gsl_ran_gamma($0, 0.5 * (degreesOfFreedom - Double(i)), 2) }.squareRoot()
    }
    return a
}

/// A of many draws, whose noise is made by the vector kernels.
struct BulkBartlett: Sendable {
    private let size: Int
    private let normals: TriangleNoise
    /// For each place on the diagonal its χ² of all draws.
    private let squares: [[Double]]

    init(degreesOfFreedom: Double, size: Int, count: Int, _ stream: inout RandomStream) {
        self.size = size
        normals = TriangleNoise(size: size, count: count, &stream)
        var squares: [[Double]] = []
        for i in 0..<size {
            var column = [Double](repeating: 0, count: count)
            column.withUnsafeMutableBufferPointer {
                fillGamma($0, concentration: 0.5 * (degreesOfFreedom - Double(i)), scale: 2, &stream)
            }
            squares.append(column)
        }
        self.squares = squares
    }

    /// Writes the draw with this number as a matrix `[size, size]`, without what lies above the diagonal.
    func write(_ index: Int, to a: UnsafeMutablePointer<Double>) {
        normals.write(index, to: a)
        for i in 0..<size { a[i * size + i] = squares[i][index].squareRoot() }
    }
}

/// Standard normal numbers below the diagonals of many matrices.
struct TriangleNoise: Sendable {
    private let size: Int
    private let normals: Matrix<Double>

    init(size: Int, count: Int, _ stream: inout RandomStream) {
        self.size = size
        var noise = NormalNoise(drawnFrom: &stream)
        normals = noise.matrix(rows: count, columns: size * (size - 1) / 2)
    }

    /// Writes those of one matrix `[size, size]`, and nothing on or above its diagonal.
    func write(_ index: Int, to a: UnsafeMutablePointer<Double>) {
        var source = normals.pointer + index * normals.columns
        for i in 1..<max(1, size) {
            (a + i * size).update(from: source, count: i)
            source += i
        }
    }
}

/// `count` matrices `[size, size]`, each set in full by `body` from its number, in parallel.
func matrixDraws(
    _ count: Int, size: Int, _ body: @Sendable (_ index: Int, UnsafeMutablePointer<Double>) -> Void
) -> [Matrix<Double>] {
    [Matrix<Double>](unsafeUninitializedCapacity: count) { buffer, initialised in
        nonisolated(unsafe) let target = buffer  // each piece initialises its own elements
        Parallelism.forEachRange(of: count, size: max(16, 16_384 / max(1, size * size))) { range in
            for index in range {
                var matrix = Matrix<Double>(rows: size, columns: size)
                body(index, matrix.mutablePointer())
                target.initializeElement(at: index, to: matrix)
            }
        }
        initialised = count
    }
}
