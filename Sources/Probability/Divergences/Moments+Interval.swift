// Expectations of distributions on an interval.

import Foundation

extension Uniform: MomentSource {
    static var knownMoments: Set<Moment.Kind> {
        [
            .logarithm, .squaredLogarithm, .logComplement, .power, .exponential, .deviation, .logSquare, .centredLogSquare,
            .logSum,
        ]
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
        case .logSquare(let c, let s):
            // ∫ ln(1 + z²) dz = z·ln(1 + z²) − 2z + 2·atan z
            return average { x in
                let z = (x - c) / s
                return s * (2 * z * log(hypot(1, z)) - 2 * z + 2 * atan(z))
            }
        case .centredLogSquare(let s): return expectation(of: .logSquare(centre: 0, scale: s))
        case .logSum(let s): return average { (s + $0) * log1p($0 / s) - $0 }
        default: return plainExpectation(moment)
        }
    }
}

extension Beta: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .logComplement, .power, .deviation] }
    func expectation(of moment: Moment) -> Double {
        let (a, b) = (concentration1, concentration0)
        switch moment {
        case .logarithm: return digamma(a) - digamma(a + b)
        case .squaredLogarithm:
            let centre = digamma(a) - digamma(a + b)
            return centre * centre + trigamma(a) - trigamma(a + b)
        case .logComplement: return digamma(b) - digamma(a + b)
        case .power(let k): return a + k <= 0 ? .infinity : exp(logBeta(a + k, b) - logBeta(a, b))
        case .deviation(let c):
            if c <= 0 || c >= 1 { return abs(mean - c) }
            let above = exp(logIncompleteBeta(a + 1, b, c, 1 - c).upper)
            return meanDeviation(c, upperPart: mean * above)
        default: return plainExpectation(moment)
        }
    }
}

extension Kumaraswamy: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm, .power, .deviation] }
    func expectation(of moment: Moment) -> Double {
        // xᵃ ~ Beta(1, b)
        let (a, b) = (concentration1, concentration0)
        switch moment {
        case .logarithm: return (digamma(1) - digamma(b + 1)) / a
        case .squaredLogarithm:
            let centre = digamma(1) - digamma(b + 1)
            return (centre * centre + trigamma(1) - trigamma(b + 1)) / (a * a)
        case .power(let k): return k <= -a ? .infinity : b * exp(logBeta(1 + k / a, b))
        case .deviation(let c):
            if c <= 0 || c >= 1 { return abs(mean - c) }
            let (x, y) = (pow(c, a), -expm1(a * log(c)))
            return meanDeviation(c, upperPart: mean * exp(logIncompleteBeta(1 + 1 / a, b, x, y).upper))
        default: return plainExpectation(moment)
        }
    }
}

extension ContinuousBernoulli: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        if case .exponential(let t) = moment {
            // A ratio of two normalisers (e^s − 1)/s.
            func normaliser(_ s: Double) -> Double { abs(s) < 1e-8 ? 1 + 0.5 * s : expm1(s) / s }
            return normaliser(logOdds + t) / normaliser(logOdds)
        }
        if case .deviation(let c) = moment {
            if c <= 0 || c >= 1 { return abs(mean - c) }
            // mean − c + 2·∫F up to c, F = (e^ηx − 1)/(e^η − 1).
            let eta = logOdds
            let integral = abs(eta) < 1e-4
                ? c * c / 2 + eta * (c * c * c / 6 - c * c / 4) : (expm1(eta * c) / eta - c) / expm1(eta)
            return mean - c + 2 * integral
        }
        return plainExpectation(moment)
    }
}

extension TruncatedNormal: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        switch moment {
        case .exponential(let t): return exp(logExponentialMoment(t))
        case .deviation(let c):
            // The parts on both sides of c are truncated normals too.
            guard c > lower, c < upper,
                let below = try? TruncatedNormal(location: location, scale: scale, lower: lower, upper: c),
                let above = try? TruncatedNormal(location: location, scale: scale, lower: c, upper: upper)
            else { return abs(mean - c) }
            return cdf(c) * (c - below.mean) + survival(c) * (above.mean - c)
        default: return plainExpectation(moment)
        }
    }
}

extension VonMises: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [] }
    func expectation(of moment: Moment) -> Double { plainExpectation(moment) }
}
