// Bulk draws: one draw of the stream names a block of counter-based noise, whose parts are then made on any thread.

import CKernels
import Matrices

extension NormalNoise {
    /// Noise named by two draws of `stream`, so that the stream moves on and the next bulk draw is another one.
    init(drawnFrom stream: inout RandomStream) {
        self.init(seed: stream.next(), stream: stream.next())
    }
}

/// Fills `buffer` with standard normal noise and lets `transform` change each part in place while it is in the cache.
func fillFromNormals(
    _ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream,
    _ transform: @Sendable (UnsafeMutableBufferPointer<Double>) -> Void
) {
    let noise = NormalNoise(drawnFrom: &stream)
    let size = 1 << 12
    forEachPart(of: buffer, size: size) { part, values in
        guard let base = values.baseAddress else { return }
        DoubleKernels.philoxNormal(base, values.count, noise.seed, noise.stream, UInt64(part * size))
        transform(values)
    }
}

/// The same from uniform numbers in (0, 1), multiples of 2⁻⁵³.
func fillFromUniforms(
    _ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream,
    _ transform: @Sendable (UnsafeMutableBufferPointer<Double>) -> Void
) {
    let (seed, number) = (stream.next(), stream.next())
    let size = 1 << 12
    forEachPart(of: buffer, size: size) { part, values in
        guard let base = values.baseAddress else { return }
        credence_philox_uniform_f64(base, values.count, seed, number, UInt64(part * size))
        transform(values)
    }
}

extension UnsafeMutableBufferPointer where Element == Double {
    /// Replaces every value by its natural logarithm, by the vector kernel.
    func replaceByLogarithms() {
        guard let base = baseAddress else { return }
        DoubleKernels.log(base, base, count)
    }

    /// Replaces every value by its exponential, by the vector kernel.
    func replaceByExponentials() {
        guard let base = baseAddress else { return }
        DoubleKernels.exp(base, base, count)
    }
}
