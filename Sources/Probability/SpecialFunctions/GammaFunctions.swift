// The logarithm of the gamma function, its derivatives, and the parts of Stirling's series that are left when large
// terms cancel. Densities and entropies are written in those parts, since differences of plain ln Γ values lose as many
// digits as the arguments have.

import CGSL
import Foundation

/// ln |Γ(x)|.
func logGamma(_ x: Double) -> Double { credence_log_gamma(x) }

/// ln Γ(1 + x), with its digits near 0: a series in ζ(k) − 1 for |x| ≤ 1/2.
func logGammaOnePlus(_ x: Double) -> Double {
    guard abs(x) <= 0.5 else { return logGamma(1 + x) }
    return -log1p(x) + x * (1 - eulerGamma) + x * x * horner(zetaTerms, x)
}

let eulerGamma = 0.57721566490153286061
let halfLogTwoPi = 0.91893853320467274178

/// s(x) in Γ(x + 1) = √(2πx)·(x/e)ˣ·e^s(x), for x > 0 (Loader 2000, "Fast and accurate computation of binomial
/// probabilities").
func stirlingError(_ x: Double) -> Double {
    guard x < 10 else {
        let y = 1 / (x * x)
        return horner(stirlingTerms, y) / x
    }
    let value = x <= 0.5 ? logGammaOnePlus(x) : logGamma(x + 1)
    return value - (x + 0.5) * log(x) + x - halfLogTwoPi
}

/// ψ(x), the derivative of ln Γ.
func digamma(_ x: Double) -> Double {
    GSL.prepare()
    return gsl_sf_psi(x)
}

/// ψ′(x).
func trigamma(_ x: Double) -> Double {
    GSL.prepare()
    return gsl_sf_psi_1(x)
}

/// ψ(x) − ln x, without the cancellation for large x.
func digammaMinusLog(_ x: Double) -> Double {
    guard x < 10 else {
        let y = 1 / (x * x)
        return -0.5 / x + y * horner(digammaTerms, y)
    }
    return digamma(x) - log(x)
}

/// ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b), without cancellation for large arguments.
func logBeta(_ a: Double, _ b: Double) -> Double {
    let (small, large) = (min(a, b), max(a, b))
    let n = a + b
    let logLarge = log1p(-small / n)  // ln(large/n)
    let powers = small * log(small / n) + large * logLarge
    let roots = halfLogTwoPi - 0.5 * (log(small) + logLarge)
    return powers + roots + stirlingError(a) + stirlingError(b) - stirlingError(n)
}

/// ln Γ(a + ½) − ln Γ(a).
func logGammaHalfStep(_ a: Double) -> Double {
    guard a >= 10 else { return logGamma(a + 0.5) - logGamma(a) }
    return 0.5 * log(a) + (a * log1p(0.5 / a) - 0.5) + stirlingError(a + 0.5) - stirlingError(a)
}

/// ln(Γ(a + k)/Γ(a)) for k ≥ 0: the rising factorial (GSL's `gsl_sf_lnpoch`, which keeps its digits for small k).
func logRisingFactorial(_ a: Double, _ k: Double) -> Double {
    if k == 0 { return 0 }
    if a >= 10 {
        let power = (a + k - 0.5) * log1p(k / a) - k
        return k * log(a) + power + stirlingError(a + k) - stirlingError(a)
    }
    if k >= 1 { return logGamma(a + k) - logGamma(a) }
    GSL.prepare()
    return gsl_sf_lnpoch(a, k)
}

/// ln Γ_p(a) = p(p − 1)/4·ln π + Σ_{j<p} ln Γ(a − j/2), the multivariate gamma function.
func logMultivariateGamma(_ a: Double, dimension p: Int) -> Double {
    let sum = (0..<p).reduce(0.0) { $0 + logGamma(a - 0.5 * Double($1)) }
    return Double(p * (p - 1)) / 4 * log(Double.pi) + sum
}

/// Σ termsᵢ·xⁱ.
private func horner(_ terms: [Double], _ x: Double) -> Double {
    var sum = 0.0
    for term in terms.reversed() { sum = sum * x + term }
    return sum
}

// B₂ₖ/(2k(2k − 1))
private let stirlingTerms = [
    0.083333333333333333, -0.0027777777777777778, 7.9365079365079365e-4, -5.9523809523809524e-4,
    8.4175084175084175e-4, -0.0019175269175269175, 0.0064102564102564103, -0.029550653594771242,
    0.17964437236883057,
]
// −B₂ₖ/(2k)
private let digammaTerms = [
    -0.083333333333333333, 0.0083333333333333333, -0.0039682539682539683, 0.0041666666666666667,
    -0.0075757575757575758, 0.021092796092796093, -0.083333333333333333, 0.44325980392156863, -3.0539543302701197,
]
// (−1)ᵏ(ζ(k) − 1)/k, k = 2, 3, …
private let zetaTerms = [
    0.32246703342411321824, -0.067352301053198095133, 0.020580808427784547879, -0.0073855510286739852663,
    0.0028905103307415232858, -0.0011927539117032609771, 0.00050966952474304242234, -0.00022315475845357937976,
    0.000099457512781808533715, -0.0000449262367381331417, 0.000020507212775670691553, -9.439488275268395904e-6,
    4.3748667899074878042e-6, -2.0392157538013662368e-6, 9.5514121304074198329e-7, -4.4924691987645660433e-7,
    2.1207184805554665869e-7, -1.0043224823968099609e-7, 4.7698101693639805658e-8, -2.271109460894316491e-8,
    1.0838659214896954091e-8, -5.1834750419700466551e-9, 2.4836745438024783172e-9, -1.1921401405860912074e-9,
    5.7313672416788620133e-10, -2.7595228851242331452e-10, 1.3304764374244489481e-10, -6.4229645638381000221e-11,
    3.1044247747322272762e-11, -1.5021384080754142171e-11,
]
