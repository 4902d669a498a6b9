// The regularised incomplete beta function I_x(a, b) and 1 − I_x(a, b), both tails as logarithms, each to a relative
// error of about 1e-14 times its logarithm. GSL's `gsl_sf_beta_inc` and `gsl_cdf_beta_*` lose digits where a or b is
// large, and underflow.

import CGSL
import Foundation

/// ln(xᵃ·yᵇ/B(a, b)) with y = 1 − x, in Loader's form: no large terms that cancel.
func logBetaTerm(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
    let n = a + b
    let difference = x * b - y * a
    let (e, f) = (difference / a, -difference / b)
    let first = e < -0.5 ? log(x * (n / a)) - e : logOnePlusMinus(e)
    let second = f < -0.5 ? log(y * (n / b)) - f : logOnePlusMinus(f)
    let root = 0.5 * (log(min(a, b)) + log(max(a, b) / n)) - halfLogTwoPi
    let errors = stirlingError(n) - stirlingError(a) - stirlingError(b)
    return a * first + b * second + root + errors
}

/// ln I_x(a, b) and ln(1 − I_x(a, b)) with y = 1 − x given apart, so that neither end loses digits; a, b > 0.
func logIncompleteBeta(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> (lower: Double, upper: Double) {
    guard !x.isNaN, !y.isNaN else { return (.nan, .nan) }
    guard x > 0 else { return (-.infinity, 0) }
    guard y > 0 else { return (0, -.infinity) }
    if x > (a + 1) / (a + b + 2) {
        let (lower, upper) = smallSide(b, a, y, x)
        return (upper, lower)
    }
    return smallSide(a, b, x, y)
}

/// For x below about the mean: the fraction converges in O(√max(a, b)) steps.
private func smallSide(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> (lower: Double, upper: Double) {
    let lower = min(0, logBetaTerm(a, b, x, y) + log(betaFraction(a, b, x, y)))
    if lower > -0.1, a < 1 {
        // Nearly everything lies below x; in this form each part of ln I is proportional to a, so 1 − I keeps its digits.
        var (sum, coefficient, n) = (0.0, 1.0, 0.0)
        repeat {
            n += 1
            coefficient *= (n - b) * x / n
            sum += coefficient / (a + n)
        } while abs(coefficient) > 1e-18 * abs(sum) * (a + n) && n < 1e5
        let exact = a * log(x) + logRisingFactorial(b, a) - logGammaOnePlus(a) + log1p(a * sum)
        return (min(0, exact), logOneMinusExp(min(0, exact)))
    }
    return (lower, logOneMinusExp(lower))
}

/// I_x(a, b)·B(a, b)/(xᵃyᵇ): the fraction of DiDonato and Morris (1992, doi:10.1145/131766.131776, their BFRAC), whose
/// partial denominators hold a·y − b·x as a whole, by Lentz's method.
private func betaFraction(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
    let excess = a * y - b * x + 1
    var h = a * excess / (a + 1)
    var (c, d) = (h, 0.0)
    for i in 1..<1_000_000 {
        let n = Double(i)
        let odd = a + 2 * n - 1
        let alpha = (a + n - 1) / odd * ((a + b + n - 1) / odd) * (n * (b - n) * x * x)
        let beta = n + n * (b - n) * x / odd + (a + n) * (excess + n * (1 + y)) / (odd + 2)
        d = 1 / (beta + alpha * d)
        c = beta + alpha / c
        let step = c * d
        h *= step
        if abs(step - 1) < 2e-16 { break }
    }
    return 1 / h
}

/// ln(x/(1 − x)) where I_x(a, b) = p, or where 1 − I_x(a, b) = p; infinite at the ends. As a log-odds, so that x near
/// either end keeps its digits.
func incompleteBetaInverseLogOdds(_ a: Double, _ b: Double, _ p: Double, upper: Bool = false) -> Double {
    if p == 0 { return upper ? .infinity : -.infinity }
    if p == 1 { return upper ? -.infinity : .infinity }
    let solvesUpper = upper == (p < 0.5)
    let target = p < 0.5 ? log(p) : log1p(-p)
    let z = normalQuantile(p) * (upper ? -1 : 1)
    let start = log(a / b) + z * min(10, (1 / a + 1 / b).squareRoot())
    return invertMonotone(target: target, start: start) { v in
        let (x, y) = (logistic(v), logistic(-v))
        // Beyond the range of numbers only the leading term xᵃ/(a·B) is left.
        if x < 1e-300 { return leadingTerm(a, v, solvesUpper, -logBeta(a, b) - log(a)) }
        if y < 1e-300 {
            let (value, slope) = leadingTerm(b, -v, !solvesUpper, -logBeta(a, b) - log(b))
            return (value, -slope)
        }
        let tails = logIncompleteBeta(a, b, x, y)
        let logDensity = logBetaTerm(a, b, x, y)
        return solvesUpper
            ? (tails.upper, -exp(logDensity - tails.upper)) : (tails.lower, exp(logDensity - tails.lower))
    }
}

private func leadingTerm(_ a: Double, _ v: Double, _ upper: Bool, _ constant: Double) -> (value: Double, slope: Double) {
    let lower = a * v + constant
    return upper ? (logOneMinusExp(min(lower, -1e-300)), -a * exp(lower)) : (lower, a)
}
