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
    public func pullback(_ x: [Double], cotangent: [Double], logDeterminantWeight weight: Double) -> [Double] {
        zip(x, cotangent).map { x, c in c * base.slope(x) + (weight == 0 ? 0 : weight * base.logDeterminantSlope(x)) }
    }
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

    /// Backwards through the sticks, with the cotangent of the logarithm of what is left: nothing is divided by. O(K).
    public func pullback(_ x: [Double], cotangent: [Double], logDeterminantWeight weight: Double) -> [Double] {
        let y = forward(x)
        var result = x
        var left = cotangent[dimension - 1] * y[dimension - 1]
        for k in stride(from: dimension - 2, through: 0, by: -1) {
            let share = logistic(logOdds(x, k))
            let own = cotangent[k] * y[k]
            result[k] = own * (1 - share) - left * share + weight * (1 - 2 * share)
            // The k-th term of the log-determinant holds ln left once.
            left += own + weight
        }
        return result
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

    public func pullback(_ x: [Double], cotangent: [Double], logDeterminantWeight weight: Double) -> [Double] {
        let y = forward(x)
        let centre = zip(y, cotangent).reduce(0) { $0 + $1.0 * $1.1 }
        return x.indices.map { y[$0] * (cotangent[$0] - centre) + weight * (1 - Double(dimension) * y[$0]) }
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

    public func pullback(_ x: [Double], cotangent: [Double], logDeterminantWeight weight: Double) -> [Double] {
        var result = x
        var sum = 0.0
        for k in x.indices.reversed() {
            sum += cotangent[k]
            result[k] = k == 0 ? sum : sum * exp(x[k]) + weight
        }
        return result
    }

    public var image: Support { .ordered(dimension: dimension) }
    public func outputDimension(_ inputDimension: Int) -> Int { inputDimension }
}

func checkDimension(
    _ name: String, _ dimension: Int, atLeast least: Int, parameter: String = "dimension"
) throws(DistributionError) {
    guard dimension >= least else {
        throw .invalidParameter(
            distribution: name, parameter: parameter, value: Double(dimension),
            expected: .integer(from: least, through: nil))
    }
}
