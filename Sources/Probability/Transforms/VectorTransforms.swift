import Foundation
import Matrices

/// A map of numbers applied to every coordinate.
public struct ElementwiseTransform<Base: ScalarTransform>: VectorTransform {
    public let base: Base
    public let dimension: Int

    public init(_ base: Base, dimension: Int) { (self.base, self.dimension) = (base, dimension) }

    public func forward(_ x: [Double]) -> [Double] { x.map(base.forward) }
    public func inverse(_ y: [Double]) -> [Double] { y.map(base.inverse) }
    public func logDeterminant(_ x: [Double]) -> Double { x.reduce(0) { $0 + base.logDeterminant($1) } }
    public var image: Support { .product(Array(repeating: base.image, count: dimension)) }
    public func outputDimension(_ inputDimension: Int) -> Int { inputDimension }
}

/// ℝᴷ⁻¹ to the simplex in ℝᴷ by breaking a stick: yₖ takes the share 1/(1 + e^−(xₖ − ln(K − k))) of what is left (k from
/// 1), so that x = 0 gives equal parts (Stan's reference manual, "Simplex transform").
public struct StickBreakingTransform: VectorTransform {
    /// K.
    public let dimension: Int

    /// - Throws: `DistributionError.invalidParameter` unless `dimension` is at least 2.
    public init(dimension: Int) throws(DistributionError) {
        self.dimension = dimension
        try checkDimension("StickBreakingTransform", dimension, atLeast: 2)
    }

    private func logOdds(_ x: [Double], _ k: Int) -> Double { x[k] - log(Double(dimension - 1 - k)) }

    public func forward(_ x: [Double]) -> [Double] {
        precondition(x.count == dimension - 1, "\(x.count) numbers for a simplex of \(dimension)")
        var logLeft = 0.0
        var y = x.indices.map { k in
            let odds = logOdds(x, k)
            let part = exp(logLeft - softplus(-odds))
            logLeft -= softplus(odds)
            return part
        }
        y.append(exp(logLeft))
        return y
    }

    public func inverse(_ y: [Double]) -> [Double] {
        // What is left is summed from the end: subtracting from 1 would lose the small parts.
        var left = 0.0
        var x = [Double](repeating: 0, count: dimension - 1)
        for k in stride(from: dimension - 2, through: 0, by: -1) {
            left += y[k + 1]
            x[k] = log(y[k]) - log(left) + log(Double(dimension - 1 - k))
        }
        return x
    }

    public func logDeterminant(_ x: [Double]) -> Double {
        var (sum, logLeft) = (0.0, 0.0)
        for k in x.indices {
            let odds = logOdds(x, k)
            sum += logLeft - softplus(odds) - softplus(-odds)
            logLeft -= softplus(odds)
        }
        return sum
    }

    public var image: Support { .simplex(dimension: dimension) }
    public func outputDimension(_ inputDimension: Int) -> Int { inputDimension + 1 }
}

/// ℝᴷ⁻¹ to the simplex in ℝᴷ by the softmax of (x, 0): additive log-ratios (Aitchison 1982).
public struct SimplexTransform: VectorTransform {
    /// K.
    public let dimension: Int

    /// - Throws: `DistributionError.invalidParameter` unless `dimension` is at least 2.
    public init(dimension: Int) throws(DistributionError) {
        self.dimension = dimension
        try checkDimension("SimplexTransform", dimension, atLeast: 2)
    }

    public func forward(_ x: [Double]) -> [Double] {
        precondition(x.count == dimension - 1, "\(x.count) numbers for a simplex of \(dimension)")
        let logits = x + [0]
        let total = logSumExp(logits)
        return logits.map { exp($0 - total) }
    }

    public func inverse(_ y: [Double]) -> [Double] {
        y.dropLast().map { log($0) - log(y[dimension - 1]) }
    }

    /// Σ ln yₖ over all K.
    public func logDeterminant(_ x: [Double]) -> Double {
        x.reduce(0, +) - Double(dimension) * logSumExp(x + [0])
    }

    public var image: Support { .simplex(dimension: dimension) }
    public func outputDimension(_ inputDimension: Int) -> Int { inputDimension + 1 }
}

/// ℝⁿ to increasing vectors: y₀ = x₀, yₖ = yₖ₋₁ + e^xₖ.
public struct OrderedTransform: VectorTransform {
    public let dimension: Int

    /// - Throws: `DistributionError.invalidParameter` unless `dimension` is at least 1.
    public init(dimension: Int) throws(DistributionError) {
        self.dimension = dimension
        try checkDimension("OrderedTransform", dimension, atLeast: 1)
    }

    public func forward(_ x: [Double]) -> [Double] {
        var last = 0.0
        return x.enumerated().map { index, x in
            last = index == 0 ? x : last + exp(x)
            return last
        }
    }

    public func inverse(_ y: [Double]) -> [Double] {
        y.indices.map { $0 == 0 ? y[0] : log(y[$0] - y[$0 - 1]) }
    }

    public func logDeterminant(_ x: [Double]) -> Double { x.dropFirst().reduce(0, +) }
    public var image: Support { .ordered(dimension: dimension) }
    public func outputDimension(_ inputDimension: Int) -> Int { inputDimension }
}

/// ℝ^(n(n+1)/2) to lower-triangular matrices `[n, n]` with positive diagonal, both row by row without what lies above the
/// diagonal: diagonal elements are exponentials.
public struct LowerCholeskyTransform: VectorTransform {
    /// n.
    public let size: Int

    /// - Throws: `DistributionError.invalidParameter` unless `size` is at least 1.
    public init(size: Int) throws(DistributionError) {
        self.size = size
        try checkDimension("LowerCholeskyTransform", size, atLeast: 1)
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
    public var image: Support { .lowerCholesky(size: size) }
    public func outputDimension(_ inputDimension: Int) -> Int { inputDimension }

    /// The matrix `[n, n]` of a vector that `forward` gives.
    public func matrix(_ y: [Double]) -> Matrix<Double> {
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
}

private func checkDimension(_ name: String, _ dimension: Int, atLeast least: Int) throws(DistributionError) {
    guard dimension >= least else {
        throw .invalidParameter(
            distribution: name, parameter: least == 1 && name.hasPrefix("Lower") ? "size" : "dimension",
            value: Double(dimension), expected: .integer(from: least, through: nil))
    }
}
