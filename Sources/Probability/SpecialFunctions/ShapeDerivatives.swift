// How gamma and beta draws move with their shape parameters: implicit reparameterisation (Figurnov, Mohamed and Mnih
// 2018, arXiv:1805.08498), dx/da = −(∂F/∂a)/f. The derivatives of the distribution functions come from the same series
// and fractions as the functions themselves, differentiated term by term.

import Foundation

/// dx/da of a draw x of Gamma(a, rate 1). Relative error about 1e-12.
func gammaConcentrationDerivative(_ a: Double, _ x: Double) -> Double {
    guard x > 0, x < .infinity else { return x == 0 ? 0 : .nan }
    let logDensity = logPoissonTerm(a, x) + log(a) - log(x)
    if a >= 1e4 { return largeShapeDerivative(a, x) }
    if x < a + 1 {
        var (sum, slope, term, harmonic, n) = (1.0, 0.0, 1.0, 0.0, a)
        repeat {
            n += 1
            term *= x / n
            harmonic += 1 / n
            sum += term
            slope -= term * harmonic
        } while term * max(1, harmonic) > 1e-17 * sum
        let logSlope = log(x) - digamma(a + 1) + slope / sum
        return -exp(logPoissonTerm(a, x) + log(sum) - logDensity) * logSlope
    }
    // Lentz's method on the fraction of Q, with the derivative of every quantity by a.
    let tiny = 1e-300
    var (b, db) = (x + 1 - a, -1.0)
    var (c, dc) = (1 / tiny, 0.0)
    var d = 1 / b
    var dd = -d * d * db
    var (h, dh) = (d, dd)
    for i in 1..<100_000 {
        let n = Double(i)
        let (an, dan) = (-n * (n - a), n)
        b += 2
        let inverse = an * d + b
        let inverseSlope = dan * d + an * dd + db
        let ratio = b + an / c
        dc = db + dan / c - an / (c * c) * dc
        c = ratio
        d = 1 / inverse
        dd = -d * d * inverseSlope
        let (step, stepSlope) = (d * c, dd * c + d * dc)
        dh = dh * step + h * stepSlope
        h *= step
        if abs(step - 1) < 1e-16, abs(stepSlope) * abs(h) < 1e-14 * abs(dh) { break }
    }
    let logUpper = logPoissonTerm(a, x) + log(a) + log(h)
    let logSlope = log(x) - digamma(a) + dh / h
    return exp(logUpper - logDensity) * logSlope
}

/// The derivative under the integral of the tail: ∫(ln t − ψ(a))·f(t) dt.
private func largeShapeDerivative(_ a: Double, _ x: Double) -> Double {
    let offset = log(x / a) - digammaMinusLog(a)
    let curvature = a - 1
    if x >= a {
        let slope = x - a + 1
        let length = tailLength(slope: slope, curvature: curvature)
        return x * tailIntegral(length) { curvature * logOnePlusMinus($0) - slope * $0 } weight: { offset + log1p($0) }
    }
    let slope = a - 1 - x
    let length = min(1, tailLength(slope: max(slope, 0), curvature: curvature))
    return -x * tailIntegral(length) { curvature * logOnePlusMinus(-$0) - slope * $0 } weight: { offset + log1p(-$0) }
}

/// dx/da and dx/db of a draw x of Beta(a, b), y = 1 − x.
func betaConcentrationDerivatives(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> (first: Double, second: Double) {
    guard x > 0, y > 0 else { return (0, 0) }
    let logDensity = logBetaTerm(a, b, x, y) - log(x) - log(y)
    if x > (a + 1) / (a + b + 2) {
        // I_x(a, b) = 1 − I_y(b, a)
        let (logTail, byB, byA) = logTailSlopes(b, a, y, x)
        let factor = exp(logTail - logDensity)
        return (factor * byA, factor * byB)
    }
    let (logTail, byA, byB) = logTailSlopes(a, b, x, y)
    let factor = -exp(logTail - logDensity)
    return (factor * byA, factor * byB)
}

/// ln I_x(a, b) and its derivatives by a and b, for x below about the mean.
private func logTailSlopes(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> (Double, Double, Double) {
    let (da, db) = (Dual(a, 1, 0), Dual(b, 0, 1))
    let excess = da * y - db * x + 1
    var h = da * excess / (da + 1)
    var (c, d) = (h, Dual(0))
    for i in 1..<1_000_000 {
        let n = Double(i)
        let odd = da + (2 * n - 1)
        let numerator = (da + (n - 1)) / odd * ((da + db + (n - 1)) / odd)
        let alpha = numerator * ((db - n) * (n * x * x))
        let middle = (db - n) * (n * x) / odd + n
        let beta = middle + (da + n) * (excess + n * (1 + y)) / (odd + 2)
        d = (beta + alpha * d).inverse
        c = beta + alpha / c
        let step = c * d
        h = h * step
        let moved = max(abs(step.a), abs(step.b)) * abs(h.value)
        if abs(step.value - 1) < 2e-16, moved < 1e-14 * max(abs(h.a), abs(h.b)) { break }
    }
    // I = term/h
    let total = digamma(a + b)
    return (
        logBetaTerm(a, b, x, y) - log(h.value), log(x) - digamma(a) + total - h.a / h.value,
        log(y) - digamma(b) + total - h.b / h.value
    )
}

/// A number with its derivatives by two variables.
private struct Dual {
    var value, a, b: Double

    init(_ value: Double, _ a: Double = 0, _ b: Double = 0) { (self.value, self.a, self.b) = (value, a, b) }

    static func + (x: Dual, y: Dual) -> Dual { Dual(x.value + y.value, x.a + y.a, x.b + y.b) }
    static func - (x: Dual, y: Dual) -> Dual { Dual(x.value - y.value, x.a - y.a, x.b - y.b) }
    static func + (x: Dual, y: Double) -> Dual { Dual(x.value + y, x.a, x.b) }
    static func - (x: Dual, y: Double) -> Dual { Dual(x.value - y, x.a, x.b) }
    static func * (x: Dual, y: Double) -> Dual { Dual(x.value * y, x.a * y, x.b * y) }
    static func * (x: Dual, y: Dual) -> Dual {
        Dual(x.value * y.value, x.a * y.value + x.value * y.a, x.b * y.value + x.value * y.b)
    }
    static func / (x: Dual, y: Dual) -> Dual { x * y.inverse }
    var inverse: Dual {
        let r = 1 / value
        return Dual(r, -a * r * r, -b * r * r)
    }
}
