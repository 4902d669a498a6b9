// The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 − P(a, x), both tails as logarithms, each to a
// relative error of about 1e-14 times its logarithm. GSL's `gsl_sf_gamma_inc_P` and `_Q` lose digits for large a, and
// underflow.

import Foundation

/// ln(xᵃ·e⁻ˣ/Γ(a + 1)), a > 0, x > 0, in Loader's form: no large terms that cancel.
func logPoissonTerm(_ a: Double, _ x: Double) -> Double {
    let excess = (x - a) / a
    let deviance = excess < -0.5 ? log(x / a) - excess : logOnePlusMinus(excess)
    return a * deviance - halfLogTwoPi - 0.5 * log(a) - stirlingError(a)
}

/// ln P(a, x) and ln Q(a, x), a > 0.
func logIncompleteGamma(_ a: Double, _ x: Double) -> (lower: Double, upper: Double) {
    guard x > 0 else { return x.isNaN ? (.nan, .nan) : (-.infinity, 0) }
    guard x < .infinity else { return (0, -.infinity) }
    if a >= 1e4 { return largeShape(a, x) }
    if a < 1, x < 1.5 {
        // P near 1 keeps 1 − P: every part of ln P is proportional to a.
        let lower = a * log(x) - logGammaOnePlus(a) + log1p(a * smallSum(a, x))
        return (lower, logOneMinusExp(min(lower, 0)))
    }
    let term = logPoissonTerm(a, x)
    if x < a + 1 {
        let lower = min(0, term + log(lowerSeries(a, x)))
        return (lower, logOneMinusExp(lower))
    }
    let upper = min(0, term + log(a) + log(upperFraction(a, x)))
    return (logOneMinusExp(upper), upper)
}

/// P(a, x).
func incompleteGammaLower(_ a: Double, _ x: Double) -> Double { exp(logIncompleteGamma(a, x).lower) }
/// Q(a, x).
func incompleteGammaUpper(_ a: Double, _ x: Double) -> Double { exp(logIncompleteGamma(a, x).upper) }

/// Σ_{n≥1} (−x)ⁿ/(n!·(a + n)).
private func smallSum(_ a: Double, _ x: Double) -> Double {
    var (sum, power, n) = (0.0, 1.0, 0.0)
    repeat {
        n += 1
        power *= -x / n
        sum += power / (a + n)
    } while abs(power) > 1e-18 * abs(sum) * (a + n)
    return sum
}

/// 1 + x/(a + 1) + x²/((a + 1)(a + 2)) + …
private func lowerSeries(_ a: Double, _ x: Double) -> Double {
    var (sum, term, n) = (1.0, 1.0, a)
    repeat {
        n += 1
        term *= x / n
        sum += term
    } while term > 1e-17 * sum
    return sum
}

/// Q·Γ(a)/(xᵃe⁻ˣ) as a continued fraction (DLMF 8.9.2, by Lentz's method).
private func upperFraction(_ a: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    var b = x + 1 - a
    var c = 1 / tiny
    var d = 1 / b
    var h = d
    for i in 1..<100_000 {
        let n = Double(i)
        let an = -n * (n - a)
        b += 2
        d = an * d + b
        if abs(d) < tiny { d = tiny }
        c = b + an / c
        if abs(c) < tiny { c = tiny }
        d = 1 / d
        let step = d * c
        h *= step
        if abs(step - 1) < 2e-16 { break }
    }
    return h
}

/// For large a series and fraction need √a terms; the density seen from x is nearly Gaussian there, and one quadrature
/// of the tail gives all digits.
private func largeShape(_ a: Double, _ x: Double) -> (lower: Double, upper: Double) {
    let density = logPoissonTerm(a, x) + log(a)  // of ln t, at t = x
    if x >= a {
        let (slope, curvature) = (x - a + 1, a - 1)
        let length = tailLength(slope: slope, curvature: curvature)
        let part = tailIntegral(length) { u in curvature * logOnePlusMinus(u) - slope * u }
        let upper = min(0, density + log(part))
        return (logOneMinusExp(upper), upper)
    }
    let (slope, curvature) = (a - 1 - x, a - 1)
    let length = min(1, tailLength(slope: max(slope, 0), curvature: curvature))
    let part = tailIntegral(length) { u in curvature * logOnePlusMinus(-u) - slope * u }
    let lower = min(0, density + log(part))
    return (lower, logOneMinusExp(lower))
}

/// ln x where P(a, x) = p, or where Q(a, x) = p; −∞ and ∞ at the ends. In logarithms, since x underflows for small a.
func logIncompleteGammaInverse(_ a: Double, _ p: Double, upper: Bool = false) -> Double {
    if p == 0 { return upper ? .infinity : -.infinity }
    if p == 1 { return upper ? -.infinity : .infinity }
    // The smaller tail is solved for: its logarithm has all the digits.
    let solvesUpper = upper == (p < 0.5)
    let target = p < 0.5 ? log(p) : log1p(-p)
    let z = normalQuantile(p) * (upper ? -1 : 1)
    // Wilson and Hilferty's start; for small x the leading term xᵃ/Γ(a + 1).
    let root = 1 - 1 / (9 * a) + z / (3 * a.squareRoot())
    let leading = ((solvesUpper ? logOneMinusExp(target) : target) + logGammaOnePlus(a)) / a
    let start = a < 0.5 || root < 0.2 ? min(leading, log(a + 4)) : log(a) + 3 * log(root)
    return invertMonotone(target: target, start: start) { v in
        let x = exp(v)
        let tails = logIncompleteGamma(a, x)
        if x == 0 {
            // Below the smallest number only the leading term is left.
            let lower = a * v - logGammaOnePlus(a)
            return solvesUpper ? (logOneMinusExp(lower), -a * exp(lower)) : (lower, a)
        }
        let logDensity = logPoissonTerm(a, x) + log(a)
        return solvesUpper
            ? (tails.upper, -exp(logDensity - tails.upper)) : (tails.lower, exp(logDensity - tails.lower))
    }
}
