// The standard normal distribution function and its tails.

import CGSL
import Foundation

/// Φ(z), by the C library's erfc, accurate in both tails.
func normalCdf(_ z: Double) -> Double { 0.5 * erfc(-z * 0.5.squareRoot()) }

/// ln Φ(z): no underflow in the lower tail, no loss near 0 in the upper one.
func logNormalCdf(_ z: Double) -> Double {
    if z > 0 { return log1p(-normalCdf(-z)) }
    if z > -30 { return log(normalCdf(z)) }
    if z == -.infinity { return z }
    // 1 − 1/z² + 3/z⁴ − 15/z⁶ + … (DLMF 7.12.1); six terms reach rounding from |z| = 30 on.
    let y = 1 / (z * z)
    let series = -y * (1 - 3 * y * (1 - 5 * y * (1 - 7 * y * (1 - 9 * y))))
    return -0.5 * z * z - log(-z) - halfLogTwoPi + log1p(series)
}

/// Φ⁻¹(p).
func normalQuantile(_ p: Double) -> Double {
    GSL.prepare()
    return gsl_cdf_ugaussian_Pinv(p)
}

/// The z with ln Φ(z) = `logP`, also where Φ(z) underflows.
func normalQuantile(logProbability logP: Double) -> Double {
    guard logP > -700 else {
        guard logP > -.infinity else { return -.infinity }
        var z = -(-2 * logP).squareRoot()
        // Newton on ln Φ; the slope φ/Φ is −z(1 + O(1/z²)), taken from the function itself.
        for _ in 0..<20 {
            let value = logNormalCdf(z)
            let slope = exp(-0.5 * z * z - halfLogTwoPi - value)
            let step = (value - logP) / slope
            z -= step
            if abs(step) <= 1e-15 * abs(z) { break }
        }
        return z
    }
    return logP < -0.7 ? normalQuantile(exp(logP)) : -normalQuantile(-expm1(logP))
}
