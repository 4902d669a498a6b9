import Foundation
import Matrices

/// A distribution of one number.
///
/// Tail functions keep their digits: `survival` does not cancel near 0, `logCdf` and `logSurvival` do not underflow.
public protocol UnivariateDistribution: Distribution where Value: Comparable & Sendable {
    /// NaN where it does not exist, infinite where the integral is.
    var mean: Double { get }
    /// NaN where it does not exist, infinite where the integral is.
    var variance: Double { get }
    /// The value of highest density or probability: the smallest where discrete values tie, the middle where a density
    /// is flat; NaN where there are several separate ones.
    var mode: Value { get }
    /// P(X ≤ x).
    func cdf(_ x: Value) -> Double
    /// P(X > x), exact in the upper tail where 1 − cdf would cancel.
    func survival(_ x: Value) -> Double
    /// ln P(X ≤ x).
    func logCdf(_ x: Value) -> Double
    /// ln P(X > x).
    func logSurvival(_ x: Value) -> Double
    /// The smallest x with P(X ≤ x) ≥ p. Of whole numbers: at p ≤ 0 the lower end of the support, at 1 (and for NaN) the
    /// upper one, which is `Int.max` where there is none.
    func quantile(_ p: Double) -> Value
    /// The smallest x with P(X > x) ≤ q; exact for tiny `q`, where `quantile(1 − q)` is not.
    func upperQuantile(_ q: Double) -> Value
    /// Fills `buffer` with independent draws; another sequence than single draws where a bulk sampler exists.
    func fill(_ buffer: UnsafeMutableBufferPointer<Value>, _ stream: inout RandomStream)
    /// Log densities of many values: `result[i] = logDensity(values[i])` to rounding; both of one length. In parallel
    /// from 2^16 values.
    func logDensities(
        _ values: UnsafeBufferPointer<Value>, into result: UnsafeMutableBufferPointer<Double>)
}

extension UnivariateDistribution {
    /// The root of the variance.
    public var standardDeviation: Double { variance.squareRoot() }

    public var median: Value { quantile(0.5) }

    public func logCdf(_ x: Value) -> Double {
        let upper = survival(x)
        return upper < 0.5 ? log1p(-upper) : log(cdf(x))
    }

    public func logSurvival(_ x: Value) -> Double {
        let lower = cdf(x)
        return lower < 0.5 ? log1p(-lower) : log(survival(x))
    }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Value>, _ stream: inout RandomStream) {
        for index in buffer.indices { buffer[index] = sample(&stream) }
    }

    public func sample(_ count: Int, _ stream: inout RandomStream) -> [Value] {
        Array(unsafeUninitializedCapacity: count) { buffer, initialised in
            fill(UnsafeMutableBufferPointer(start: buffer.baseAddress, count: count), &stream)
            initialised = count
        }
    }

    public func logDensities(
        _ values: UnsafeBufferPointer<Value>, into result: UnsafeMutableBufferPointer<Double>
    ) {
        forEachPiece(values, result) { values, result in
            for index in values.indices { result[index] = logDensity(values[index]) }
        }
    }

    /// Log densities of many values.
    public func logDensities(_ values: [Value]) -> [Double] {
        Array(unsafeUninitializedCapacity: values.count) { buffer, initialised in
            values.withUnsafeBufferPointer { values in
                logDensities(values, into: UnsafeMutableBufferPointer(start: buffer.baseAddress, count: values.count))
            }
            initialised = values.count
        }
    }
}

/// Calls `body` on matching pieces of two buffers of one length, in parallel; cut by the length alone.
func forEachPiece<Input, Output>(
    _ input: UnsafeBufferPointer<Input>, _ output: UnsafeMutableBufferPointer<Output>, size: Int = 1 << 14,
    _ body: @Sendable (UnsafeBufferPointer<Input>, UnsafeMutableBufferPointer<Output>) -> Void
) {
    precondition(input.count == output.count, "\(input.count) values and room for \(output.count) results")
    nonisolated(unsafe) let (source, target) = (input, output)  // each piece reads and writes its own part
    Parallelism.forEachRange(of: input.count, size: size) { range in
        body(
            UnsafeBufferPointer(rebasing: source[range]), UnsafeMutableBufferPointer(rebasing: target[range]))
    }
}

/// Calls `body` with consecutive parts of a buffer and their numbers, in parallel; cut by the length alone.
func forEachPart<Value>(
    of buffer: UnsafeMutableBufferPointer<Value>, size: Int,
    _ body: @Sendable (_ part: Int, UnsafeMutableBufferPointer<Value>) -> Void
) {
    nonisolated(unsafe) let target = buffer  // each part is written by one call
    Parallelism.forEachRange(of: buffer.count, size: size) { range in
        body(range.lowerBound / size, UnsafeMutableBufferPointer(rebasing: target[range]))
    }
}

/// A distribution of one real number.
public protocol ContinuousDistribution: UnivariateDistribution where Value == Double {}

/// A distribution of one whole number.
public protocol DiscreteDistribution: UnivariateDistribution where Value == Int {}
