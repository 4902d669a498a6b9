// Rényi, Jensen–Shannon, Wasserstein and total-variation distances in closed form.

import Foundation
import Matrices

extension Normal {
    /// Rényi's divergence of order α > 0 in nats, (1/(α − 1))·ln E_Q[(p/q)ᵅ]; at α = 1 the Kullback–Leibler divergence.
    /// Infinite where ασ₂² + (1 − α)σ₁² ≤ 0 (Gil, Alajaji and Linder 2013, doi:10.1016/j.ins.2013.06.018).
    public func renyiDivergence(order alpha: Double, to other: Normal) -> Double {
        precondition(alpha > 0, "a divergence of order \(alpha)")
        if abs(alpha - 1) < 1e-9 { return klDivergence(to: other) }
        let mixed = alpha * other.variance + (1 - alpha) * variance
        guard mixed > 0 else { return .infinity }
        let shift = mean - other.mean
        let spread = log(other.standardDeviation / standardDeviation) + log(other.variance / mixed) / (2 * (alpha - 1))
        return spread + 0.5 * alpha * shift * shift / mixed
    }

    /// The 2-Wasserstein distance √((μ₁ − μ₂)² + (σ₁ − σ₂)²), in the unit of x.
    public func wasserstein2Distance(to other: Normal) -> Double {
        hypot(mean - other.mean, standardDeviation - other.standardDeviation)
    }

    /// ½·∫|p − q|: between the points where the densities cross. Between 0 and 1.
    public func totalVariation(to other: Normal) -> Double {
        if standardDeviation == other.standardDeviation {
            return erf(abs(mean - other.mean) / (8.squareRoot() * standardDeviation))
        }
        let (narrow, wide) = standardDeviation < other.standardDeviation ? (self, other) : (other, self)
        // Where the narrow one is higher lies between the roots of a quadratic in z, x = narrow.mean + narrow.σ·z.
        let r = wide.standardDeviation / narrow.standardDeviation
        let d = (narrow.mean - wide.mean) / narrow.standardDeviation
        // (z + d)²/r² + 2·ln r = z²
        let (a, b, c) = (r * r - 1, -2 * d, -(d * d + 2 * r * r * log(r)))
        let root = (b * b - 4 * a * c).squareRoot()
        // The larger root in magnitude first, the other from their product.
        let first = -0.5 * (b + (b < 0 ? -root : root))
        let roots = [first / a, c / first].sorted()
        let points = roots.map { narrow.mean + narrow.standardDeviation * $0 }
        func mass(_ d: Normal) -> Double {
            points[0] > d.mean ? d.survival(points[0]) - d.survival(points[1]) : d.cdf(points[1]) - d.cdf(points[0])
        }
        return max(0, mass(narrow) - mass(wide))
    }
}

extension DiagonalNormal {
    /// The sum of the coordinates' Rényi divergences, in nats.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func renyiDivergence(order alpha: Double, to other: DiagonalNormal) throws(DistributionError) -> Double {
        try checkDimension(other.dimension)
        var sum = 0.0
        for d in 0..<dimension {
            let (p, q) = (
                try Normal(mean: mean[d], standardDeviation: standardDeviation[d]),
                try Normal(mean: other.mean[d], standardDeviation: other.standardDeviation[d])
            )
            sum += p.renyiDivergence(order: alpha, to: q)
        }
        return sum
    }

    /// √(‖μ₁ − μ₂‖² + ‖σ₁ − σ₂‖²).
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func wasserstein2Distance(to other: DiagonalNormal) throws(DistributionError) -> Double {
        try checkDimension(other.dimension)
        let squares = (0..<dimension).reduce(0.0) { sum, d in
            let (m, s) = (mean[d] - other.mean[d], standardDeviation[d] - other.standardDeviation[d])
            return sum + m * m + s * s
        }
        return squares.squareRoot()
    }
}

extension Categorical {
    /// Rényi's divergence of order α > 0 in nats, (1/(α − 1))·ln Σ pᵢᵅqᵢ¹⁻ᵅ; at α = 1 the Kullback–Leibler divergence.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func renyiDivergence(order alpha: Double, to other: Categorical) throws(DistributionError) -> Double {
        precondition(alpha > 0, "a divergence of order \(alpha)")
        if abs(alpha - 1) < 1e-9 { return try klDivergence(to: other) }
        try checkClasses(other)
        let terms = zip(logProbabilities, other.logProbabilities).map { p, q -> Double in
            if p == -.infinity { return p }
            if q == -.infinity { return alpha > 1 ? .infinity : -.infinity }
            return alpha * p + (1 - alpha) * q
        }
        let total = terms.contains(.infinity) ? .infinity : logSumExp(terms)
        return max(0, total / (alpha - 1))
    }

    /// ½·KL(P‖M) + ½·KL(Q‖M), M = (P + Q)/2, in nats; between 0 and ln 2, its root is a metric.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func jensenShannonDivergence(to other: Categorical) throws(DistributionError) -> Double {
        try checkClasses(other)
        let sum = zip(probabilities, other.probabilities).reduce(0.0) { sum, pair in
            let (p, q) = pair
            let m = 0.5 * (p + q)
            return sum + 0.5 * (xLogY(p, p / max(m, .leastNonzeroMagnitude)) + xLogY(q, q / max(m, .leastNonzeroMagnitude)))
        }
        return min(log(2), max(0, sum))
    }

    /// ½·Σ|pᵢ − qᵢ|, between 0 and 1.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func totalVariation(to other: Categorical) throws(DistributionError) -> Double {
        try checkClasses(other)
        return 0.5 * zip(probabilities, other.probabilities).reduce(0) { $0 + abs($1.0 - $1.1) }
    }

    private func checkClasses(_ other: Categorical) throws(DistributionError) {
        guard classCount == other.classCount else {
            throw .dimensionMismatch(
                distribution: Self.name, parameter: "probabilities", expected: classCount, found: other.classCount)
        }
    }
}

extension Bernoulli {
    /// |p − q|.
    public func totalVariation(to other: Bernoulli) -> Double { abs(probability - other.probability) }
}

extension Exponential {
    /// Rényi's divergence of order α > 0 in nats; infinite where αλ₁ + (1 − α)λ₂ ≤ 0.
    public func renyiDivergence(order alpha: Double, to other: Exponential) -> Double {
        precondition(alpha > 0, "a divergence of order \(alpha)")
        if abs(alpha - 1) < 1e-9 { return klDivergence(to: other) }
        let mixed = alpha * rate + (1 - alpha) * other.rate
        return mixed > 0 ? log(rate / other.rate) + log(rate / mixed) / (alpha - 1) : .infinity
    }

    /// Between the rates' crossing point: |r^(−1/(r−1)) − r^(−r/(r−1))|, r the ratio of the rates.
    public func totalVariation(to other: Exponential) -> Double {
        let r = max(rate, other.rate) / min(rate, other.rate)
        if r == 1 { return 0 }
        let point = log(r) / (r - 1)
        return exp(-point) - exp(-r * point)
    }
}

extension Laplace {
    /// For equal scales 1 − e^−d/(2b), d = |μ₁ − μ₂|; nil for others, whose crossing points have no closed form here.
    public func totalVariation(to other: Laplace) -> Double? {
        scale == other.scale ? -expm1(-abs(location - other.location) / (2 * scale)) : nil
    }
}

extension Cauchy {
    /// For equal scales (2/π)·atan(d/(2γ)), d = |x₁ − x₂|; nil for others.
    public func totalVariation(to other: Cauchy) -> Double? {
        scale == other.scale ? 2 / Double.pi * atan(abs(location - other.location) / (2 * scale)) : nil
    }
}

extension Uniform {
    /// 1 − the overlap over the longer width.
    public func totalVariation(to other: Uniform) -> Double {
        let overlap = max(0, min(upper, other.upper) - max(lower, other.lower))
        return 1 - overlap / max(upper - lower, other.upper - other.lower)
    }
}
