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
    /// ln(1 + ((x − c)/s)²), ln(1 + (x/s)²), ln(1 + x/s).
    case logSquare(centre: Double, scale: Double), centredLogSquare(scale: Double), logSum(scale: Double)

    /// The functions without their numbers.
    enum Kind: Sendable {
        case first, second, logarithm, squaredLogarithm, logComplement, power, exponential, deviation
        case logSquare, centredLogSquare, logSum
    }

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
        case .logSquare: .logSquare
        case .centredLogSquare: .centredLogSquare
        case .logSum: .logSum
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

    /// E|x − c| = 2·E[x; x > c] − E x + c·(F(c) − P(X > c)), from the part of the mean above c.
    func meanDeviation(_ c: Double, upperPart: Double) -> Double {
        mean.isFinite ? max(0, 2 * upperPart - mean + c * (cdf(c) - survival(c))) : .infinity
    }
}
