import CKernels
import Matrices

/// Where dropout masks come from: each use takes a new stream of one seed, so a run can be repeated bit by bit.
public struct DropoutNoise: Sendable {
    public let seed: UInt64
    private var stream: UInt64

    /// Masks of `seed`, starting at `stream`.
    public init(seed: UInt64, stream: UInt64 = 0) {
        self.seed = seed
        self.stream = stream
    }

    mutating func nextStream() -> UInt64 {
        defer { stream &+= 1 }
        return stream
    }
}

/// One dropout mask: elements kept with probability 1 − rate, the rate rounded to a multiple of 2⁻¹⁶, and scaled by the
/// inverse of that probability. The mask is not stored: it is
/// a function of seed, stream and position, and is computed again where it is needed.
struct DropoutMask: Sendable {
    let rate: Double
    let seed: UInt64
    let stream: UInt64

    func apply<Scalar: MatrixScalar>(to x: UnsafeMutablePointer<Scalar>, count: Int) {
        Scalar.Kernels.dropout(x, x, count, Scalar(rate), seed, stream)
    }

    func applied<Scalar: MatrixScalar>(to x: Matrix<Scalar>) -> Matrix<Scalar> {
        var result = Matrix<Scalar>(uninitialized: x.rows, x.columns)
        Scalar.Kernels.dropout(result.mutablePointer(), x.pointer, x.count, Scalar(rate), seed, stream)
        return result
    }
}

extension Variable {
    /// Inverted dropout: each element is zero with probability `rate`, otherwise divided by 1 − rate.
    public func dropout(rate: Double, noise: inout DropoutNoise) -> Variable {
        precondition(rate >= 0 && rate < 1, "a dropout rate is in 0 ..< 1, not \(rate)")
        guard rate > 0 else { return self }
        let mask = DropoutMask(rate: rate, seed: noise.seed, stream: noise.nextStream())
        return tape.record(mask.applied(to: value), from: [self]) { tape, gradient in
            mask.apply(to: gradient.mutablePointer(), count: gradient.count)
            tape.accumulate(gradient, to: self)
        }
    }
}
