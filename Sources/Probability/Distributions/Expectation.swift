// Expectations by quadrature.

import Foundation

extension ContinuousDistribution {
    /// E[g(x)] by Gauss and Legendre's rule of 32 points between quantiles that lie ever closer to the ends, on a
    /// logarithmic scale of the distance from an end: densities that are infinite there, and heavy tails, do no harm.
    ///
    /// For smooth g that grow slower than the tails fall, to about 1e-9 relative. About 1700 calls of `g`.
    public func expectation(_ g: (Double) -> Double) -> Double {
        guard case .interval(let lower, let upper) = support else { return .nan }
        let levels = [1e-30, 1e-24, 1e-18, 1e-14, 1e-11, 1e-8, 1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.15, 0.3, 0.5]
        // Beside a finite end other than 0 numbers have no digits for what is nearer.
        let low = lower.isInfinite || lower == 0 ? levels : Array(levels.dropFirst(3))
        let high = upper.isInfinite ? levels : Array(levels.dropFirst(3))
        let cuts = low.map(quantile) + high.reversed().dropFirst().map(upperQuantile)
        let centre = median
        let (below, above) = (lower.isFinite ? lower : centre, upper.isFinite ? upper : centre)
        var (sum, mass) = (0.0, 0.0)
        for (index, (a, b)) in zip(cuts, cuts.dropFirst()).enumerated() where b > a {
            // The middle parts, between the quantiles of 0.3 on both sides, stay linear.
            let end = index < low.count - 2 ? below : index > low.count - 1 ? above : .nan
            let ratio = a != end && b != end ? log((b - end) / (a - end)) : .nan
            for (node, weight) in legendreNodes {
                for t in [0.5 - 0.5 * node, 0.5 + 0.5 * node] {
                    let isLinear = ratio.isNaN
                    let x = isLinear ? a + t * (b - a) : end + (a - end) * exp(t * ratio)
                    let density = 0.5 * weight * (isLinear ? b - a : (x - end) * ratio) * exp(logDensity(x))
                    guard density > 0, density.isFinite else { continue }
                    sum += density * g(x)
                    mass += density
                }
            }
        }
        return sum / mass
    }
}
