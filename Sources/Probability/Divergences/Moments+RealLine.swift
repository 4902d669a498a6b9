// Expectations of distributions on the real line.

import CGSL
import Foundation

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
    static var knownMoments: Set<Moment.Kind> { [.exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        if case .exponential(let t) = moment {
            return scale * t >= 1 ? .infinity : exp(t * location + logGamma(1 - scale * t))
        }
        if case .deviation(let c) = moment {
            // mean − c + 2·∫F up to c, ∫ exp(−e^−z) dz = E₁(e^−z).
            GSL.prepare()
            let hazard = exp(-(c - location) / scale)
            return max(0, mean - c + (hazard > 700 ? 0 : 2 * scale * gsl_sf_expint_E1(hazard)))
        }
        return plainExpectation(moment)
    }
}

extension StudentT: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.exponential, .deviation] }
    func expectation(of moment: Moment) -> Double {
        let nu = degreesOfFreedom
        switch moment {
        case .deviation(let c):
            guard nu > 1 else { return .infinity }
            // ∫ z·f from z to ∞ is (ν + z²)/(ν − 1)·f(z).
            let z = (c - location) / scale
            let density = exp(logDensity(c)) * scale
            return 2 * scale * (nu + z * z) / (nu - 1) * density + (c - location) * (cdf(c) - survival(c))
        case .exponential(let t): return t == 0 ? 1 : .infinity
        case .second where nu <= 2: return .infinity
        default: return plainExpectation(moment)
        }
    }
}

extension Cauchy: MomentSource {
    static var knownMoments: Set<Moment.Kind> { [.exponential, .deviation, .logSquare] }
    func expectation(of moment: Moment) -> Double {
        // ln((x − c)² + s²) is harmonic above the line, so that its mean is its value at location + i·scale.
        if case .logSquare(let c, let s) = moment { return 2 * log(hypot((location - c) / s, 1 + scale / s)) }
        return .infinity
    }
}
