import Foundation
import Matrices

extension Gamma {
    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        fillGamma(buffer, concentration: concentration, scale: 1 / rate, &stream)
    }

    /// By the vector kernel of the logarithm.
    public func logDensities(
        _ values: UnsafeBufferPointer<Double>, into result: UnsafeMutableBufferPointer<Double>
    ) {
        // The constant is split about the mode, so that it stays small and large concentrations lose nothing.
        let (a, b) = (concentration, rate)
        let centre = a / b
        let constant = logDensity(centre)
        forEachPiece(values, result) { values, result in
            guard let target = result.baseAddress else { return }
            for index in values.indices { result[index] = values[index] / centre }
            DoubleKernels.log(target, target, values.count)
            for index in values.indices {
                let x = values[index]
                let y = constant + (a - 1) * result[index] - b * (x - centre)
                result[index] = x > 0 && x < .infinity ? y : logDensity(x)
            }
        }
    }
}
