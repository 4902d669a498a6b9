import CKernels
import Matrices

/// Standard normal noise in bulk, by Philox4x32-10 and the Box–Muller transform: element i is a function of (seed,
/// stream, position + i) alone.
///
/// So noise can be drawn again, in parts, in any order, on any thread, with the same bits, and two noises with another
/// seed or stream are independent. 2^64 elements a stream. `Float` noise comes from 32-bit uniforms: its absolute value
/// never exceeds 6.66, and it differs from exact arithmetic by about 1e-6 at most. `Double` noise comes from 53-bit
/// uniforms and reaches 8.57. The two are different sequences.
public struct NormalNoise: Sendable, Hashable, Codable {
    public var seed: UInt64
    public var stream: UInt64
    /// The number of the next element.
    public var position: UInt64

    public init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
        self.seed = seed
        self.stream = stream
        self.position = position
    }

    /// Fills `buffer` with the next elements and moves on behind them. O(n), in parallel from 2^16 elements.
    public mutating func fill<Scalar: MatrixScalar>(_ buffer: UnsafeMutableBufferPointer<Scalar>) {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return }
        let (count, piece) = (buffer.count, 1 << 15)
        nonisolated(unsafe) let target = base  // each piece writes its own part
        let (seed, stream, position) = (seed, stream, position)
        Parallelism.forEach(pieces: (count + piece - 1) / piece) { index in
            let start = index * piece
            Scalar.Kernels.philoxNormal(
                target + start, min(piece, count - start), seed, stream, position &+ UInt64(start))
        }
        self.position &+= UInt64(count)
    }

    /// Fills `matrix` in row-major order with the next elements.
    public mutating func fill<Scalar: MatrixScalar>(_ matrix: inout Matrix<Scalar>) {
        matrix.withUnsafeMutableElements { fill($0) }
    }

    /// The next `rows · columns` elements as a matrix `[rows, columns]`.
    public mutating func matrix<Scalar: MatrixScalar>(
        _ type: Scalar.Type = Scalar.self, rows: Int, columns: Int
    ) -> Matrix<Scalar> {
        var result = Matrix<Scalar>(uninitialized: rows, columns)
        fill(&result)
        return result
    }
}

extension Matrix {
    /// A matrix `[rows, columns]` of independent standard normal numbers, the next of `noise`.
    public static func standardNormal(rows: Int, columns: Int, noise: inout NormalNoise) -> Matrix {
        noise.matrix(rows: rows, columns: columns)
    }
}
