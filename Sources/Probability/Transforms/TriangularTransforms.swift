// Maps to triangular matrices, held row by row without what lies above the diagonal.

import Foundation
import Matrices

/// ℝ^(n(n+1)/2) to lower-triangular matrices `[n, n]` with positive diagonal, both row by row without what lies above the
/// diagonal: diagonal elements are exponentials.
public struct LowerCholeskyTransform: VectorTransform {
    /// n.
    public let size: Int

    /// - Throws: `DistributionError.invalidParameter` unless `size` is at least 1.
    public init(size: Int) throws(DistributionError) {
        self.size = size
        try checkDimension("LowerCholeskyTransform", size, atLeast: 1, parameter: "size")
    }

    /// n(n + 1)/2.
    public var dimension: Int { size * (size + 1) / 2 }
    /// Where the diagonal elements lie.
    private var diagonal: [Int] { (0..<size).map { $0 * ($0 + 3) / 2 } }

    public func forward(_ x: [Double]) -> [Double] {
        precondition(x.count == dimension, "\(x.count) numbers for a triangle of \(dimension)")
        var y = x
        for index in diagonal { y[index] = exp(x[index]) }
        return y
    }

    public func inverse(_ y: [Double]) -> [Double] {
        var x = y
        for index in diagonal { x[index] = log(y[index]) }
        return x
    }

    public func logDeterminant(_ x: [Double]) -> Double { diagonal.reduce(0) { $0 + x[$1] } }

    public func pullback(_ x: [Double], cotangent: [Double], logDeterminantWeight weight: Double) -> [Double] {
        var result = cotangent
        for index in diagonal { result[index] = cotangent[index] * exp(x[index]) + weight }
        return result
    }

    public var image: Support { .lowerCholesky(size: size) }
    public func outputDimension(_ inputDimension: Int) -> Int { inputDimension }

    /// The matrix `[n, n]` of a vector that `forward` gives.
    public func matrix(_ y: [Double]) -> Matrix<Double> { lowerTriangle(y, size: size) }
}

/// ℝ^(n(n−1)/2) to the lower Cholesky factors of correlation matrices `[n, n]`, row by row without what lies above the
/// diagonal. With z = tanh x, Lᵢⱼ takes the share z of the length that is left in its row, Lᵢⱼ = zᵢⱼ·√(1 − Σ_{k<j} Lᵢₖ²), and
/// the diagonal takes the rest (Stan's reference manual, "Cholesky factors of correlation matrices").
///
/// Volume is measured in the elements below the diagonal, as the density of `LKJCholesky` is.
public struct CorrelationCholeskyTransform: VectorTransform {
    /// n.
    public let size: Int

    /// - Throws: `DistributionError.invalidParameter` unless `size` is at least 2.
    public init(size: Int) throws(DistributionError) {
        self.size = size
        try checkDimension("CorrelationCholeskyTransform", size, atLeast: 2, parameter: "size")
    }

    /// n(n − 1)/2, of x.
    public var dimension: Int { size * (size - 1) / 2 }

    /// ln(1 − tanh² x), without cancelling or underflow.
    private func logRest(_ x: Double) -> Double { 2 * (log(2) - abs(x) - log1p(exp(-2 * abs(x)))) }

    public func forward(_ x: [Double]) -> [Double] {
        precondition(x.count == dimension, "\(x.count) numbers for \(dimension) correlations")
        var y: [Double] = []
        y.reserveCapacity(dimension + size)
        var index = 0
        for i in 0..<size {
            var logLeft = 0.0
            for _ in 0..<i {
                y.append(tanh(x[index]) * exp(0.5 * logLeft))
                logLeft += logRest(x[index])
                index += 1
            }
            y.append(exp(0.5 * logLeft))
        }
        return y
    }

    /// sinh x = Lᵢⱼ over the length of what stands right of it in its row.
    public func inverse(_ y: [Double]) -> [Double] {
        var x = [Double](repeating: 0, count: dimension)
        for i in 1..<size {
            let row = i * (i + 1) / 2
            var squares = y[row + i] * y[row + i]
            for j in stride(from: i - 1, through: 0, by: -1) {
                x[row - i + j] = asinh(y[row + j] / squares.squareRoot())
                squares += y[row + j] * y[row + j]
            }
        }
        return x
    }

    public func logDeterminant(_ x: [Double]) -> Double {
        var (sum, index) = (0.0, 0)
        for i in 1..<size {
            var logLeft = 0.0
            for _ in 0..<i {
                let rest = logRest(x[index])
                sum += 0.5 * logLeft + rest
                logLeft += rest
                index += 1
            }
        }
        return sum
    }

    /// Backwards through each row, with the cotangent of the logarithm of what is left. O(n²).
    public func pullback(_ x: [Double], cotangent: [Double], logDeterminantWeight weight: Double) -> [Double] {
        let y = forward(x)
        var result = x
        for i in 1..<size {
            let row = i * (i + 1) / 2
            var left = 0.5 * cotangent[row + i] * y[row + i]
            var logLeft = (0..<i).reduce(0.0) { $0 + logRest(x[row - i + $1]) }
            for j in stride(from: i - 1, through: 0, by: -1) {
                let own = x[row - i + j]
                let rest = logRest(own)
                logLeft -= rest
                result[row - i + j] = cotangent[row + j] * exp(0.5 * logLeft + rest) - 2 * tanh(own) * (left + weight)
                left += 0.5 * (cotangent[row + j] * y[row + j] + weight)
            }
        }
        return result
    }

    public var image: Support { .correlationCholesky(size: size) }
    public func outputDimension(_ inputDimension: Int) -> Int { inputDimension + size }

    /// The matrix `[n, n]` of a vector that `forward` gives.
    public func matrix(_ y: [Double]) -> Matrix<Double> { lowerTriangle(y, size: size) }
}

/// The lower-triangular matrix `[size, size]` held row by row in `y`.
func lowerTriangle(_ y: [Double], size: Int) -> Matrix<Double> {
    var result = Matrix<Double>(rows: size, columns: size)
    var index = 0
    for i in 0..<size {
        for j in 0...i {
            result[i, j] = y[index]
            index += 1
        }
    }
    return result
}
