// Gamma draws in bulk: Marsaglia and Tsang's rejection (2000, doi:10.1145/358407.358414) on vectors of counter-based
// normal and uniform numbers. Each part of a buffer has noise of its own, so any part can be made on any thread. GSL
// draws one value at a time, three times slower.

import CKernels
import Foundation
import Matrices

/// Names the noise of one bulk draw.
struct GammaNoise: Sendable {
    let normals, uniforms, boosts: UInt64

    init(drawnFrom stream: inout RandomStream) {
        (normals, uniforms, boosts) = (stream.next(), stream.next(), stream.next())
    }
}

/// Draws of Gamma(concentration, rate 1).
struct BulkGamma: Sendable {
    let concentration: Double
    private let d, c: Double

    init(concentration: Double) {
        self.concentration = concentration
        // Below 1 a draw of concentration + 1 is multiplied by u^(1/concentration).
        d = (concentration < 1 ? concentration + 1 : concentration) - 1.0 / 3
        c = 1 / (9 * d).squareRoot()
    }

    /// Fills `target` from the noise numbered `stream`; the logarithms of the draws where `logarithms`, which never
    /// underflow.
    func fill(
        _ target: UnsafeMutableBufferPointer<Double>, _ noise: GammaNoise, stream: UInt64, logarithms: Bool = false
    ) {
        let batch = 512
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * batch) { scratch in
            guard let normals = scratch.baseAddress, let base = target.baseAddress else { return }
            let uniforms = normals + batch
            var (done, position) = (0, UInt64(0))
            while done < target.count {
                // Nearly all are accepted: what is left and some spare.
                let left = target.count - done
                let count = min(batch, left + left / 16 + 8)
                DoubleKernels.philoxNormal(normals, count, noise.normals, stream, position)
                credence_philox_uniform_f64(uniforms, count, noise.uniforms, stream, position)
                position += UInt64(count)
                var index = 0
                while index < count, done < target.count {
                    let z = normals[index]
                    let u = uniforms[index]
                    index += 1
                    let root = 1 + c * z
                    let v = root * root * root
                    let square = z * z
                    if u < 1 - 0.0331 * square * square || root > 0 && log(u) < 0.5 * square + d * (1 - v + log(v)) {
                        base[done] = d * v
                        done += 1
                    }
                }
            }
            if logarithms { DoubleKernels.log(base, base, target.count) }
            guard concentration < 1 else { return }
            for start in stride(from: 0, to: target.count, by: batch) {
                let count = min(batch, target.count - start)
                credence_philox_uniform_f64(uniforms, count, noise.boosts, stream, UInt64(start))
                DoubleKernels.log(uniforms, uniforms, count)
                for index in 0..<count { uniforms[index] /= concentration }
                if logarithms {
                    for index in 0..<count { base[start + index] += uniforms[index] }
                } else {
                    DoubleKernels.exp(uniforms, uniforms, count)
                    for index in 0..<count { base[start + index] *= uniforms[index] }
                }
            }
        }
    }
}

/// Fills `buffer` with draws of scale·Gamma(concentration, rate 1).
func fillGamma(
    _ buffer: UnsafeMutableBufferPointer<Double>, concentration: Double, scale: Double, _ stream: inout RandomStream
) {
    let sampler = BulkGamma(concentration: concentration)
    let noise = GammaNoise(drawnFrom: &stream)
    forEachPart(of: buffer, size: 1 << 12) { part, values in
        sampler.fill(values, noise, stream: UInt64(part))
        if scale != 1 { for index in values.indices { values[index] *= scale } }
    }
}
