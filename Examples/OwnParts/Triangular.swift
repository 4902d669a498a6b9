import Credence
import Foundation

/// The triangular distribution: the density rises in a straight line from `lower` to `mode` and falls to `upper`.
struct Triangular: ContinuousDistribution {
    let lower: Double
    let mode: Double
    let upper: Double

    /// - Throws: `DistributionError.invalidParameter` unless lower < upper are finite with `mode` from one to the other.
    init(lower: Double, mode: Double, upper: Double) throws(DistributionError) {
        (self.lower, self.mode, self.upper) = (lower, mode, upper)
        for parameter in parameters {
            for value in parameter.values where !parameter.constraint.contains(value) {
                throw .invalidParameter(
                    distribution: Self.name, parameter: parameter.name, value: value, expected: parameter.constraint)
            }
        }
    }

    static let name = "Triangular"
    var parameters: [DistributionParameter] {
        [
            DistributionParameter("lower", [lower], .real),
            DistributionParameter("upper", [upper], .greater(than: lower)),
            DistributionParameter("mode", [mode], .closedInterval(lower, upper)),
        ]
    }
    var support: Support { .interval(lower: lower, upper: upper) }
    private var width: Double { upper - lower }

    var mean: Double { (lower + mode + upper) / 3 }
    var variance: Double {
        (width * width - (mode - lower) * (upper - mode)) / 18
    }
    /// ½ + ln(width/2).
    var entropy: Double { 0.5 + log(width / 2) }

    func logDensity(_ x: Double) -> Double {
        guard x >= lower, x <= upper else { return x.isNaN ? .nan : -.infinity }
        if x == mode { return log(2 / width) }
        return x < mode
            ? log(2 * (x - lower) / (width * (mode - lower))) : log(2 * (upper - x) / (width * (upper - mode)))
    }

    // Each tail by its own formula: 1 − cdf would lose the digits of small tails.
    func cdf(_ x: Double) -> Double {
        guard x > lower else { return x.isNaN ? .nan : 0 }
        guard x < upper else { return 1 }
        return x <= mode ? (x - lower) * (x - lower) / (width * (mode - lower)) : 1 - survival(x)
    }

    func survival(_ x: Double) -> Double {
        guard x > lower else { return x.isNaN ? .nan : 1 }
        guard x < upper else { return 0 }
        return x >= mode ? (upper - x) * (upper - x) / (width * (upper - mode)) : 1 - cdf(x)
    }

    func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        let atMode = (mode - lower) / width
        return p <= atMode
            ? lower + (p * width * (mode - lower)).squareRoot() : upper - ((1 - p) * width * (upper - mode)).squareRoot()
    }

    func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        let aboveMode = (upper - mode) / width
        return q <= aboveMode
            ? upper - (q * width * (upper - mode)).squareRoot() : lower + ((1 - q) * width * (mode - lower)).squareRoot()
    }

    func sample(_ stream: inout RandomStream) -> Double { quantile(stream.openUniform()) }
}
