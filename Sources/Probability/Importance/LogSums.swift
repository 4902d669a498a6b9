import Foundation

/// Sums of numbers that are given by their logarithms.
enum LogSums {
    /// log Σ eˣ, without overflow; −∞ of nothing. NaN gives NaN.
    static func logSumExp(_ values: some Collection<Double>) -> Double {
        guard !values.contains(where: \.isNaN) else { return .nan }
        guard let largest = values.max(), largest.isFinite else { return values.max() ?? -.infinity }
        return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
    }

    /// log(eˣ + eʸ).
    @inline(__always) static func logAddExp(_ x: Double, _ y: Double) -> Double {
        let (high, low) = x > y ? (x, y) : (y, x)
        return low == -.infinity ? high : high + log1p(exp(low - high))
    }
}
