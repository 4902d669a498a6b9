// −E_P[ln q(x)] in closed form, from the expectations of P.

import Foundation

/// A distribution whose log density is a sum of functions of `Moment`.
protocol CrossEntropyTarget: ContinuousDistribution {
    /// The expectations that `crossEntropy` asks for, besides the first two powers.
    static var requiredMoments: Set<Moment.Kind> { get }
    /// −E[ln q(x)], for an x that lies in the support.
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double
}

extension CrossEntropyTarget {
    /// KL(P‖Q) where P has the expectations, nil where not. Infinite where P reaches out of Q's support, whatever else is
    /// known.
    func divergence(from p: any ContinuousDistribution) -> Double? {
        guard case .interval(let low, let high) = p.support, case .interval(let lower, let upper) = support else { return nil }
        if low < lower || high > upper { return .infinity }
        guard let source = p as? any MomentSource, type(of: source).knows(Self.requiredMoments) else { return nil }
        let value = crossEntropy { source.expectation(of: $0) } - source.entropy
        return value < 0 ? 0 : value
    }
}

extension MomentSource {
    static func knows(_ required: Set<Moment.Kind>) -> Bool { required.isSubset(of: knownMoments) }
}

extension Normal: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        let (first, second) = (expectation(.first), expectation(.second))
        if second == .infinity { return second }
        let variance = second - first * first
        let shift = (first - mean) / standardDeviation
        return halfLogTwoPi + log(standardDeviation) + 0.5 * (variance / self.variance + shift * shift)
    }
}

extension LogNormal: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logarithm, .squaredLogarithm] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        let first = expectation(.logarithm)
        let shift = (first - location) / scale
        let variance = (expectation(.squaredLogarithm) - first * first) / (scale * scale)
        return halfLogTwoPi + log(scale) + first + 0.5 * (variance + shift * shift)
    }
}

extension HalfNormal: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        log(scale) - 0.5 * log(2 / Double.pi) + 0.5 * expectation(.second) / (scale * scale)
    }
}

extension TruncatedNormal: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        let (first, second) = (expectation(.first), expectation(.second))
        if second == .infinity { return second }
        let variance = (second - first * first) / (scale * scale)
        let shift = (first - location) / scale
        // −ln q at the location's own distance 0, where it need not lie in the interval.
        let z = (mode - location) / scale
        return -logDensity(mode) - 0.5 * z * z + 0.5 * (variance + shift * shift)
    }
}

extension Exponential: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double { rate * expectation(.first) - log(rate) }
}

extension Gamma: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logarithm] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        logGamma(concentration) - concentration * log(rate) - (concentration - 1) * expectation(.logarithm)
            + rate * expectation(.first)
    }
}

extension ChiSquared: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logarithm] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        let half = 0.5 * degreesOfFreedom
        return logGamma(half) + half * log(2) - (half - 1) * expectation(.logarithm) + 0.5 * expectation(.first)
    }
}

extension InverseGamma: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logarithm, .power] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        logGamma(concentration) - concentration * log(rate) + (concentration + 1) * expectation(.logarithm)
            + rate * expectation(.power(-1))
    }
}

extension Weibull: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logarithm, .power] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        let k = concentration
        return k * log(scale) - log(k) - (k - 1) * expectation(.logarithm) + pow(scale, -k) * expectation(.power(k))
    }
}

extension Rayleigh: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logarithm] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        2 * log(scale) - expectation(.logarithm) + 0.5 * expectation(.second) / (scale * scale)
    }
}

extension Pareto: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logarithm] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        (concentration + 1) * expectation(.logarithm) - log(concentration) - concentration * log(scale)
    }
}

extension Beta: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logarithm, .logComplement] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        logBeta(concentration1, concentration0) - (concentration1 - 1) * expectation(.logarithm)
            - (concentration0 - 1) * expectation(.logComplement)
    }
}

extension Uniform: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double { log(upper - lower) }
}

extension ContinuousBernoulli: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double { -logDensity(0) - logOdds * expectation(.first) }
}

extension Laplace: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.deviation] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        log(2 * scale) + expectation(.deviation(location)) / scale
    }
}

extension Gumbel: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.exponential] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        let exponential = expectation(.exponential(-1 / scale))
        if exponential == .infinity { return exponential }
        return log(scale) + (expectation(.first) - location) / scale + exp(location / scale) * exponential
    }
}

extension Cauchy: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logSquare] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        log(Double.pi * scale) + expectation(.logSquare(centre: location, scale: scale))
    }
}

extension HalfCauchy: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.centredLogSquare] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        log(0.5 * Double.pi * scale) + expectation(.centredLogSquare(scale: scale))
    }
}

extension StudentT: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logSquare] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        let width = scale * degreesOfFreedom.squareRoot()
        return -logDensity(location)
            + 0.5 * (degreesOfFreedom + 1) * expectation(.logSquare(centre: location, scale: width))
    }
}

extension FisherF: CrossEntropyTarget {
    static var requiredMoments: Set<Moment.Kind> { [.logarithm, .logSum] }
    func crossEntropy(_ expectation: (Moment) -> Double) -> Double {
        let (a, b) = (0.5 * degreesOfFreedom1, 0.5 * degreesOfFreedom2)
        return logBeta(a, b) - a * log(a / b) - (a - 1) * expectation(.logarithm)
            + (a + b) * expectation(.logSum(scale: b / a))
    }
}
