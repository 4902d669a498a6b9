// The highest point of a mixture: uphill from each component's own mode.

import Foundation

extension Mixture {
    /// The highest of `tops`, the first one where values tie; nil of none.
    func best<Top>(_ tops: [Top], _ value: (Top) -> Double) -> Top? {
        tops.reduce(nil as Top?) { best, top in
            guard let best else { return top }
            return value(top) > value(best) ? top : best
        }
    }

    /// Those that a draw can come from.
    var usedComponents: [Component] { zip(components, weights.probabilities).filter { $1 > 0 }.map(\.0) }
}

extension ContinuousDistribution {
    /// The top that is reached uphill from the mode of `part`, nil where it has none.
    func top(near part: any ContinuousDistribution) -> Double? {
        let start = part.mode
        guard !start.isNaN else { return nil }
        let width = part.quantile(0.75) - part.quantile(0.25)
        return climb(from: start, step: 0.02 * width) { logDensity($0) }
    }
}

extension DiscreteDistribution {
    /// The top that is reached uphill from the mode of `part` in steps of 1; the lower end of a level top.
    func top(near part: any DiscreteDistribution) -> Int {
        var (k, value) = (part.mode, logDensity(part.mode))
        for step in [1, -1] {
            while case let next = logDensity(k + step), next > value || step < 0 && next == value, next > -.infinity {
                (k, value) = (k + step, next)
            }
        }
        return k
    }
}

extension MultivariateDistribution {
    /// The top uphill from `start`: by the gradient in unconstrained coordinates for densities that have one over ℝᵈ, a
    /// simplex or equal intervals, by moving one count for counts; `start` itself for others.
    func top(from start: [Double]) -> [Double] {
        guard start.allSatisfy(\.isFinite) else { return start }
        if case .counts = support { return topOfCounts(from: start) }
        guard let density = self as? any MultivariateDistribution & DifferentiableDensity,
            let map = UnconstrainedMap(support, count: dimension)
        else { return start }
        return density.climbed(from: start, map)
    }

    private func topOfCounts(from start: [Double]) -> [Double] {
        var (best, value) = (start, logDensity(start))
        while true {
            let last = best
            for from in start.indices where last[from] > 0 {
                for to in start.indices where to != from {
                    var next = last
                    next[from] -= 1
                    next[to] += 1
                    let density = logDensity(next)
                    if density > value { (best, value) = (next, density) }
                }
            }
            if best == last { return best }
        }
    }
}

extension MultivariateDistribution where Self: DifferentiableDensity {
    fileprivate func climbed(from start: [Double], _ map: UnconstrainedMap) -> [Double] {
        let position = map.transform.inverse(start)
        guard position.allSatisfy(\.isFinite) else { return start }
        // The density of the value itself: no log-determinant.
        let found = climb(from: position, step: 0.1) { logDensity(map.transform.forward($0)) } gradient: {
            map.transform.pullback($0, cotangent: score(map.transform.forward($0)), logDeterminantWeight: 0)
        }
        return found == position ? start : map.transform.forward(found)
    }
}
