// Expectations in closed form. KL(P‖Q) = −H(P) − E_P[ln q] is closed where P has the expectations that ln q is made of,
// so a table of expectations and one of cross-entropies give all such pairs.

import Foundation

/// A function of x whose expectation may be known.
enum Moment: Sendable {
    case first, second
    /// ln x, (ln x)², ln(1 − x).
    case logarithm, squaredLogarithm, logComplement
    /// xᵏ, e^tx, |x − c|.
    case power(Double), exponential(Double), deviation(Double)

    /// The functions without their numbers.
    enum Kind: Sendable { case first, second, logarithm, squaredLogarithm, logComplement, power, exponential, deviation }

    var kind: Kind {
        switch self {
        case .first: .first
        case .second: .second
        case .logarithm: .logarithm
        case .squaredLogarithm: .squaredLogarithm
        case .logComplement: .logComplement
        case .power: .power
        case .exponential: .exponential
        case .deviation: .deviation
        }
    }
}

/// A distribution with expectations in closed form.
protocol MomentSource: ContinuousDistribution {
    /// What `expectation` may be asked for, besides the first two powers.
    static var knownMoments: Set<Moment.Kind> { get }
    /// E[m(x)]: infinite where the integral is. Only for known moments.
    func expectation(of moment: Moment) -> Double
}

extension MomentSource {
    /// The first two powers from mean and variance.
    func plainExpectation(_ moment: Moment) -> Double {
        switch moment {
        case .first: mean
        case .second: variance + mean * mean
        default: .nan
        }
    }
}

extension Normal: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        switch moment {
        case .exponential(let t): return exp(mean * t + 0.5 * variance * t * t)
        case .deviation(let c):
            let z = (mean - c) / standardDeviation
            return standardDeviation * (2 * exp(-0.5 * z * z - halfLogTwoPi) + z * erf(z * 0.5.squareRoot()))
        default: return plainExpectation(moment)
        }
    }
}

extension LogNormal: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power] }
    func expectation(of moment: Moment) -> Double {
        switch moment {
        case .logarithm: location
        case .squaredLogarithm: location * location + scale * scale
        case .power(let k): exp(k * location + 0.5 * k * k * scale * scale)
        default: plainExpectation(moment)
        }
    }
}

extension HalfNormal: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power] }
    func expectation(of moment: Moment) -> Double {
        // x²/(2σ²) ~ Gamma(½, 1)
        switch moment {
        case .logarithm: return log(scale) - 0.5 * (eulerGamma + log(2))
        case .squaredLogarithm:
            let centre = expectation(of: .logarithm)
            return centre * centre + Double.pi * Double.pi / 8
        case .power(let k) where k <= -1: return .infinity
        case .power(let k): return exp(k * log(scale) + 0.5 * k * log(2) + logGamma(0.5 * (k + 1)) - logGamma(0.5))
        default: return plainExpectation(moment)
        }
    }
}

/// Moments of x = scale·g^power, g ~ Gamma(shape, 1): gamma, inverse gamma, chi-squared, exponential, Weibull, Rayleigh.
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
    default: return nil
    }
}

extension Gamma: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .exponential] }
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
        if case .deviation(let c) = moment {
            return c <= 0 ? mean - c : c - mean + 2 * mean * exp(-rate * c)
        }
        return gammaMoment(1, 1 / rate, 1, moment) ?? plainExpectation(moment)
    }
}

extension InverseGamma: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power] }
    func expectation(of moment: Moment) -> Double {
        gammaMoment(concentration, rate, -1, moment) ?? plainExpectation(moment)
    }
}

extension Weibull: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power] }
    func expectation(of moment: Moment) -> Double {
        gammaMoment(1, scale, 1 / concentration, moment) ?? plainExpectation(moment)
    }
}

extension Rayleigh: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power] }
    func expectation(of moment: Moment) -> Double {
        gammaMoment(1, scale * 2.squareRoot(), 0.5, moment) ?? plainExpectation(moment)
    }
}

extension Pareto: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power] }
    func expectation(of moment: Moment) -> Double {
        // ln(x/m) is exponential.
        switch moment {
        case .logarithm: return log(scale) + 1 / concentration
        case .squaredLogarithm:
            let centre = log(scale) + 1 / concentration
            return centre * centre + 1 / (concentration * concentration)
        case .power(let k):
            return k >= concentration ? .infinity : concentration / (concentration - k) * pow(scale, k)
        default: return plainExpectation(moment)
        }
    }
}

extension Beta: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .logComplement, .power] }
    func expectation(of moment: Moment) -> Double {
        let (a, b) = (concentration1, concentration0)
        switch moment {
        case .logarithm: return digamma(a) - digamma(a + b)
        case .squaredLogarithm:
            let centre = digamma(a) - digamma(a + b)
            return centre * centre + trigamma(a) - trigamma(a + b)
        case .logComplement: return digamma(b) - digamma(a + b)
        case .power(let k): return a + k <= 0 ? .infinity : exp(logBeta(a + k, b) - logBeta(a, b))
        default: return plainExpectation(moment)
        }
    }
}

extension Kumaraswamy: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power] }
    func expectation(of moment: Moment) -> Double {
        // xᵃ ~ Beta(1, b)
        let (a, b) = (concentration1, concentration0)
        switch moment {
        case .logarithm: return (digamma(1) - digamma(b + 1)) / a
        case .squaredLogarithm:
            let centre = digamma(1) - digamma(b + 1)
            return (centre * centre + trigamma(1) - trigamma(b + 1)) / (a * a)
        case .power(let k): return k <= -a ? .infinity : b * exp(logBeta(1 + k / a, b))
        default: return plainExpectation(moment)
        }
    }
}

extension FisherF: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power] }
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
        default: return plainExpectation(moment)
        }
    }
}

extension Uniform: MomentSource {
    static var knownMoments: Set<Moment.Kind> {
        [.logarithm, .squaredLogarithm, .logComplement, .power, .exponential, .deviation]
    }
    func expectation(of moment: Moment) -> Double {
        let width = upper - lower
        func average(_ integral: (Double) -> Double) -> Double { (integral(upper) - integral(lower)) / width }
        switch moment {
        case .logarithm: return average { xLogY($0, $0) - $0 }
        case .squaredLogarithm: return average { $0 == 0 ? 0 : $0 * (log($0) * log($0) - 2 * log($0) + 2) }
        case .logComplement: return average { -xLogY(1 - $0, 1 - $0) - $0 }
        case .power(let k) where k == -1: return lower <= 0 ? .infinity : log(upper / lower) / width
        case .power(let k): return k < -1 && lower <= 0 ? .infinity : average { pow($0, k + 1) / (k + 1) }
        case .exponential(let t):
            return t == 0 ? 1 : exp(t * lower) * expm1(t * width) / (t * width)
        case .deviation(let c): return average { 0.5 * ($0 - c) * abs($0 - c) }
        default: return plainExpectation(moment)
        }
    }
}

extension Laplace: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        switch moment {
        case .exponential(let t):
            let s = scale * t
            return abs(s) >= 1 ? .infinity : exp(t * location) / ((1 - s) * (1 + s))
        case .deviation(let c): return abs(location - c) + scale * exp(-abs(location - c) / scale)
        default: return plainExpectation(moment)
        }
    }
}

extension Logistic: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        switch moment {
        case .exponential(let t):
            let s = Double.pi * scale * t
            return abs(scale * t) >= 1 ? .infinity : s == 0 ? 1 : exp(t * location) * s / sin(s)
        case .deviation(let c):
            let z = abs(location - c) / scale
            return scale * (z + 2 * log1p(exp(-z)))
        default: return plainExpectation(moment)
        }
    }
}

extension Gumbel: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.exponential] }
    func expectation(of moment: Moment) -> Double {
        if case .exponential(let t) = moment {
            return scale * t >= 1 ? .infinity : exp(t * location + logGamma(1 - scale * t))
        }
        return plainExpectation(moment)
    }
}

extension ContinuousBernoulli: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.exponential] }
    func expectation(of moment: Moment) -> Double {
        if case .exponential(let t) = moment {
            // A ratio of two normalisers (e^s − 1)/s.
            func normaliser(_ s: Double) -> Double { abs(s) < 1e-8 ? 1 + 0.5 * s : expm1(s) / s }
            return normaliser(logOdds + t) / normaliser(logOdds)
        }
        return plainExpectation(moment)
    }
}

extension TruncatedNormal: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [] }
    func expectation(of moment: Moment) -> Double { plainExpectation(moment) }
}
