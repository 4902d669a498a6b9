// What whole-number distributions share: quantiles by search on their distribution functions, entropies by summation,
// and draws by inversion.

import Foundation

/// A distribution function that misses p by rounding alone counts as having reached it.
private let quantileSlack = 1e-14

extension DiscreteDistribution {
    /// The ends of the support.
    private var bounds: (lower: Int, upper: Int) {
        guard case .integers(let lower, let upper) = support else { return (0, .max) }
        return (lower, upper ?? .max)
    }

    public func quantile(_ p: Double) -> Int {
        let (lower, upper) = bounds
        guard p > 0 else { return p.isNaN ? upper : lower }
        guard p < 1 else { return upper }
        return smallest(from: lower, through: upper, near: mean + standardDeviation * normalQuantile(p)) {
            cdf($0) >= p * (1 - quantileSlack)
        }
    }

    public func upperQuantile(_ q: Double) -> Int {
        let (lower, upper) = bounds
        guard q > 0 else { return upper }
        guard q < 1 else { return q.isNaN ? upper : lower }
        return smallest(from: lower, through: upper, near: mean - standardDeviation * normalQuantile(q)) {
            survival($0) <= q * (1 + quantileSlack)
        }
    }

    /// The smallest k for which `holds`, which is monotone: steps that double from a guess, then bisection.
    private func smallest(from lower: Int, through upper: Int, near guess: Double, _ holds: (Int) -> Bool) -> Int {
        let clamped = min(max(guess, Double(lower)), min(Double(upper), 9e18))
        var high = clamped.isFinite ? Int(clamped) : lower
        var low: Int
        var step = max(1, clamped.isFinite ? Int(min(standardDeviation * 0.25, 1e15)) : 1)
        if holds(high) {
            low = high
            repeat {
                if low == lower { return bisect(lower - 1, min(high, upper), holds) }
                high = low
                low = low - lower > step ? low - step : lower
                step = step > Int.max / 2 ? step : step * 2
            } while holds(low)
        } else {
            low = high
            repeat {
                if high == upper { return upper }
                low = high
                high = upper - high > step ? high + step : upper
                step = step > Int.max / 2 ? step : step * 2
            } while !holds(high)
        }
        return bisect(low, high, holds)
    }

    /// The smallest k in (low, high] for which `holds`; it holds at `high`.
    private func bisect(_ low: Int, _ high: Int, _ holds: (Int) -> Bool) -> Int {
        var (low, high) = (low, high)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if holds(middle) { high = middle } else { low = middle }
        }
        return high
    }

    /// −Σ p ln p over the support between two far quantiles. Where the standard deviation is large and both ends lie far
    /// from the ends of the support, the sum is taken in steps of a twentieth of it: for such smooth terms the error
    /// falls as exp(−2π²·20²).
    func summedEntropy() -> Double {
        let (lower, upper) = bounds
        let first = quantile(1e-20)
        let last = upperQuantile(1e-20)
        let isFree = first > lower && last < upper && skewIsSmall
        let step = isFree ? max(1, Int(standardDeviation / 20)) : 1
        var sum = 0.0
        var k = first
        while k <= last {
            let logMass = logDensity(k)
            if logMass > -745 { sum -= exp(logMass) * logMass }
            k += step
        }
        return sum * Double(step)
    }

    /// Whether the masses are close to a smooth bell, so that summing in steps is exact.
    private var skewIsSmall: Bool { mean > 6 * standardDeviation }

    /// A draw by inversion from the mode outwards. O(standard deviation) multiplications.
    ///
    /// - Parameter ratio: P(k + 1)/P(k).
    func drawnByInversion(_ uniform: Double, from mode: Int, _ ratio: (Int) -> Double) -> Int {
        let (lower, upper) = bounds
        var remaining = uniform
        var (below, above) = (mode, mode)
        let massAtMode = exp(logDensity(mode))
        var (massBelow, massAbove) = (massAtMode, massAtMode)
        remaining -= massAtMode
        if remaining < 0 { return mode }
        while below > lower || above < upper {
            if above < upper {
                massAbove *= ratio(above)
                above += 1
                remaining -= massAbove
                if remaining < 0 { return above }
            }
            if below > lower {
                massBelow /= ratio(below - 1)
                below -= 1
                remaining -= massBelow
                if remaining < 0 { return below }
            }
            // What rounding leaves over belongs to no value; the sum has converged.
            if massAbove < 1e-20, massBelow < 1e-20 { break }
        }
        return mode
    }
}
