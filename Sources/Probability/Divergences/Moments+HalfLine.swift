// Expectations of distributions on a half-line.

import CGSL
import Foundation

extension LogNormal: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .deviation] }
    func expectation(of moment: Moment) -> Double {
        switch moment {
        case .logarithm: location
        case .squaredLogarithm: location * location + scale * scale
        case .power(let k): exp(k * location + 0.5 * k * k * scale * scale)
        case .deviation(let c):
            c <= 0
                ? mean - c
                : meanDeviation(c, upperPart: mean * normalCdf((location + scale * scale - log(c)) / scale))
        default: plainExpectation(moment)
        }
    }
}

extension HalfNormal: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        // x²/(2σ²) ~ Gamma(½, 1)
        switch moment {
        case .logarithm: return log(scale) - 0.5 * (eulerGamma + log(2))
        case .squaredLogarithm:
            let centre = expectation(of: .logarithm)
            return centre * centre + Double.pi * Double.pi / 8
        case .power(let k) where k <= -1: return .infinity
        case .power(let k): return exp(k * log(scale) + 0.5 * k * log(2) + logGamma(0.5 * (k + 1)) - logGamma(0.5))
        case .exponential(let t): return 2 * exp(0.5 * scale * scale * t * t + logNormalCdf(scale * t))
        case .deviation(let c):
            return c <= 0 ? mean - c : meanDeviation(c, upperPart: mean * exp(-0.5 * (c / scale) * (c / scale)))
        default: return plainExpectation(moment)
        }
    }
}

extension HalfCauchy: MomentSource {
    /// With exponentials, which only come beside the infinite mean.
    static var knownMoments: Set<Moment.Kind> {
        [.logarithm, .squaredLogarithm, .power, .exponential, .deviation, .centredLogSquare]
    }
    func expectation(of moment: Moment) -> Double {
        switch moment {
        case .logarithm: return log(scale)
        case .squaredLogarithm: return log(scale) * log(scale) + Double.pi * Double.pi / 4
        case .power(let k): return abs(k) >= 1 ? .infinity : pow(scale, k) / cos(0.5 * Double.pi * k)
        case .centredLogSquare(let s): return 2 * log1p(scale / s)
        default: return .infinity
        }
    }
}

/// Moments of x = scale·g^power, g ~ Gamma(shape, 1): gamma, inverse gamma, chi-squared, exponential, Weibull,
/// Rayleigh.
private func gammaMoment(_ shape: Double, _ scale: Double, _ power: Double, _ moment: Moment) -> Double? {
    switch moment {
    case .logarithm: return log(scale) + power * digamma(shape)
    case .squaredLogarithm:
        let centre = log(scale) + power * digamma(shape)
        return centre * centre + power * power * trigamma(shape)
    case .power(let k):
        let raised = shape + k * power
        return raised <= 0 ? .infinity : exp(k * log(scale) + logGamma(raised) - logGamma(shape))
    case .exponential(let t) where power == 1:
        return scale * t >= 1 ? .infinity : exp(-shape * log1p(-scale * t))
    case .deviation(let c):
        let raised = shape + power
        if raised <= 0 { return .infinity }
        let mean = scale * exp(logGamma(raised) - logGamma(shape))
        if c <= 0 { return mean - c }
        // E[x; x < c] is the mean times the same law's probability with the raised shape.
        let g = pow(c / scale, 1 / power)
        let (below, belowMean) = power > 0
            ? (incompleteGammaLower(shape, g), incompleteGammaLower(raised, g))
            : (incompleteGammaUpper(shape, g), incompleteGammaUpper(raised, g))
        return max(0, c * (2 * below - 1) + mean * (1 - 2 * belowMean))
    default: return nil
    }
}

extension Gamma: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        gammaMoment(concentration, 1 / rate, 1, moment) ?? plainExpectation(moment)
    }
}

extension ChiSquared: MomentSource {
    static var knownMoments: Set<Moment.Kind> { Gamma.knownMoments }
    func expectation(of moment: Moment) -> Double {
        gammaMoment(0.5 * degreesOfFreedom, 2, 1, moment) ?? plainExpectation(moment)
    }
}

extension Exponential: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        gammaMoment(1, 1 / rate, 1, moment) ?? plainExpectation(moment)
    }
}

extension InverseGamma: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        if case .exponential(let t) = moment {
            // 2(−tβ)^(α/2)/Γ(α)·K_α(2√(−tβ)), the modified Bessel function of the second kind.
            guard t < 0 else { return t == 0 ? 1 : .infinity }
            let product = -t * rate
            GSL.prepare()
            let bessel = gsl_sf_bessel_lnKnu(concentration, 2 * product.squareRoot())
            return exp(log(2) + 0.5 * concentration * log(product) - logGamma(concentration) + bessel)
        }
        return gammaMoment(concentration, rate, -1, moment) ?? plainExpectation(moment)
    }
}

extension Weibull: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .deviation] }
    func expectation(of moment: Moment) -> Double {
        gammaMoment(1, scale, 1 / concentration, moment) ?? plainExpectation(moment)
    }
}

extension Rayleigh: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        if case .exponential(let t) = moment {
            let z = scale * t
            return 1 + z * exp(0.5 * z * z + halfLogTwoPi + logNormalCdf(z))
        }
        return gammaMoment(1, scale * 2.squareRoot(), 0.5, moment) ?? plainExpectation(moment)
    }
}

extension Pareto: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .deviation] }
    func expectation(of moment: Moment) -> Double {
        // ln(x/m) is exponential.
        switch moment {
        case .logarithm: return log(scale) + 1 / concentration
        case .squaredLogarithm:
            let centre = log(scale) + 1 / concentration
            return centre * centre + 1 / (concentration * concentration)
        case .power(let k):
            return k >= concentration ? .infinity : concentration / (concentration - k) * pow(scale, k)
        case .deviation(let c):
            return c <= scale ? mean - c : meanDeviation(c, upperPart: mean * pow(scale / c, concentration - 1))
        default: return plainExpectation(moment)
        }
    }
}

extension FisherF: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .deviation] }
    func expectation(of moment: Moment) -> Double {
        // x = (b/a)·g/h, g ~ Gamma(a, 1), h ~ Gamma(b, 1)
        let (a, b) = (0.5 * degreesOfFreedom1, 0.5 * degreesOfFreedom2)
        let centre = log(b / a) + digamma(a) - digamma(b)
        switch moment {
        case .logarithm: return centre
        case .squaredLogarithm: return centre * centre + trigamma(a) + trigamma(b)
        case .power(let k):
            return a + k <= 0 || b <= k
                ? .infinity : exp(k * log(b / a) + logGamma(a + k) - logGamma(a) + logGamma(b - k) - logGamma(b))
        case .deviation(let c):
            guard b > 1 else { return .infinity }
            if c <= 0 { return mean - c }
            let sum = a * c + b
            let above = exp(logIncompleteBeta(a + 1, b - 1, a * c / sum, b / sum).upper)
            return meanDeviation(c, upperPart: mean * above)
        default: return plainExpectation(moment)
        }
    }
}
