import Foundation

/// The generalised Pareto distribution fitted to exceedances by the weighted estimate of Zhang and Stephens 2009
/// (doi:10.1198/tech.2009.08017): the posterior mean of b = −k/σ over a grid of its profile likelihood.
///
/// Survival function (1 + shape·x/scale)^(−1/shape) for x > 0; heavy tails have a positive shape, and moments of order
/// 1/shape and above do not exist.
public struct GeneralizedParetoFit: Sendable, Hashable {
    public let shape: Double
    /// Above 0.
    public let scale: Double

    /// Fits `exceedances`, numbers above 0 in ascending order, at least 5 of them. The shape is pulled towards 1/2 as
    /// by `priorDraws` draws there (Vehtari et al. 2024, appendix C); the scale is not.
    ///
    /// `nil` where there is no fit: too few, not ascending or not positive, or all so small that their spread is lost.
    /// O(n^1.5).
    public init?(exceedances: [Double], priorDraws: Double = 10) {
        let n = exceedances.count
        guard n >= 5, let first = exceedances.first, let last = exceedances.last, first >= 0, last > 0, last.isFinite,
            zip(exceedances, exceedances.dropFirst()).allSatisfy({ $0 <= $1 })
        else { return nil }
        let quartile = exceedances[Int(Double(n) / 4 + 0.5) - 1]
        guard quartile > 0 else { return nil }
        let points = 30 + Int(Double(n).squareRoot())
        func shape(_ b: Double) -> Double { exceedances.reduce(0) { $0 + log1p(-b * $1) } / Double(n) }
        let grid = (1...points).map { point in
            // The paper's prior for b, spread by 3 times the quartile.
            (1 - (Double(points) / (Double(point) - 0.5)).squareRoot()) / (3 * quartile) + 1 / last
        }
        let logLikelihoods = grid.map { b in
            let k = shape(b)
            return Double(n) * (log(-b / k) - k - 1)
        }
        let total = logSumExp(logLikelihoods)
        guard total.isFinite else { return nil }
        // Grid points of negligible weight only bring rounding.
        let weights = logLikelihoods.map { exp($0 - total) }.map { $0 >= 10 * Double.ulpOfOne ? $0 : 0 }
        let sum = weights.reduce(0, +)
        let b = zip(grid, weights).reduce(0) { $0 + $1.0 * $1.1 / sum }
        let k = shape(b)
        let scale = -k / b
        guard k.isFinite, scale.isFinite, scale > 0 else { return nil }
        self.scale = scale
        self.shape = (Double(n) * k + priorDraws / 2) / (Double(n) + priorDraws)
    }

    /// The quantile at `p` in [0, 1].
    public func quantile(_ p: Double) -> Double {
        shape == 0 ? -scale * log1p(-p) : scale * expm1(-shape * log1p(-p)) / shape
    }
}
