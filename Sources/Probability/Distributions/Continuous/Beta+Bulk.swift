import Foundation
import Matrices

extension Beta {
    /// As x/(x + y) of two gamma draws; in logarithms where a concentration is so small that draws underflow (2⁻⁵³ to the
    /// power 1/0.1 does not).
    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let (first, second) = (BulkGamma(concentration: concentration1), BulkGamma(concentration: concentration0))
        let (noise, otherNoise) = (GammaNoise(drawnFrom: &stream), GammaNoise(drawnFrom: &stream))
        let logarithms = min(concentration1, concentration0) < 0.1
        let size = 1 << 12
        forEachPart(of: buffer, size: size) { part, values in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { scratch in
                let other = UnsafeMutableBufferPointer(rebasing: scratch[0..<values.count])
                first.fill(values, noise, stream: UInt64(part), logarithms: logarithms)
                second.fill(other, otherNoise, stream: UInt64(part), logarithms: logarithms)
                if logarithms {
                    for index in values.indices { values[index] = logistic(values[index] - other[index]) }
                } else {
                    for index in values.indices { values[index] /= values[index] + other[index] }
                }
            }
        }
    }

    /// By the vector kernel of the logarithm.
    public func logDensities(
        _ values: UnsafeBufferPointer<Double>, into result: UnsafeMutableBufferPointer<Double>
    ) {
        let (a, b) = (concentration1 - 1, concentration0 - 1)
        // ln x and ln(1 − x) relative to the mean: no large terms that cancel.
        let centre = mean
        let (constant, below) = (logDensity(centre), concentration0 / (concentration1 + concentration0))
        forEachPiece(values, result) { values, result in
            let size = 512
            withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { scratch in
                guard let other = scratch.baseAddress, let target = result.baseAddress else { return }
                for start in stride(from: 0, to: values.count, by: size) {
                    let count = min(size, values.count - start)
                    for index in 0..<count {
                        let x = values[start + index]
                        target[start + index] = x / centre
                        other[index] = (1 - x) / below
                    }
                    DoubleKernels.log(target + start, target + start, count)
                    DoubleKernels.log(other, other, count)
                    for index in 0..<count {
                        let x = values[start + index]
                        let y = constant + a * target[start + index] + b * other[index]
                        result[start + index] = x > 0 && x < 1 ? y : logDensity(x)
                    }
                }
            }
        }
    }
}
