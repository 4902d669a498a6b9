// Logarithms of sums and differences of numbers that are themselves held as logarithms or lie near 1.

import Foundation

/// ln(1 + x) − x, with its digits near 0 (Morris 1992, as in DiDonato and Morris's algorithm 708).
func logOnePlusMinus(_ x: Double) -> Double {
    guard x > -0.6, x < 1.5 else { return log1p(x) - x }
    // ln(1 + x) = 2·artanh(r), r = x/(2 + x)
    let r = x / (2 + x)
    let y = r * r
    var (sum, power, n) = (0.0, 1.0, 3.0)
    repeat {
        sum += power / n
        power *= y
        n += 2
    } while power > 1e-18 * n * sum
    return r * (2 * y * sum - x)
}

/// ln(1 − eˣ) for x ≤ 0 (Mächler 2012).
func logOneMinusExp(_ x: Double) -> Double {
    x > -0.6931471805599453 ? log(-expm1(x)) : log1p(-exp(x))
}

/// ln(eᵃ + eᵇ); NaN where one is NaN.
@inline(__always)
func logSumExp(_ a: Double, _ b: Double) -> Double {
    let (high, low) = a > b ? (a, b) : (b, a)
    return low == -.infinity || high == .infinity ? high : high + log1p(exp(low - high))
}

/// ln Σ eˣ, without overflow; −∞ of nothing, NaN where one is NaN.
func logSumExp(_ values: some Collection<Double>) -> Double {
    guard !values.contains(where: \.isNaN) else { return .nan }
    guard let largest = values.max(), largest.isFinite else { return values.max() ?? -.infinity }
    return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
}

/// ln(1 + eˣ).
func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

/// 1/(1 + e⁻ˣ), with its digits at both ends.
func logistic(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
}

/// a·ln b, 0 where a is 0 whatever b is.
func xLogY(_ a: Double, _ b: Double) -> Double { a == 0 ? 0 : a * log(b) }

/// a·ln(1 + b), 0 where a is 0 whatever b is.
func xLog1pY(_ a: Double, _ b: Double) -> Double { a == 0 ? 0 : a * log1p(b) }
