// KL(P‖Q) between distributions of whole numbers.

import Foundation

/// p·ln(p/q) + (1 − p)·ln((1 − p)/(1 − q)).
func bernoulliDivergence(_ p: Double, _ q: Double) -> Double {
    if (q == 0 && p > 0) || (q == 1 && p < 1) { return .infinity }
    // Both terms as x·h((y − x)/x), h(e) = e − ln(1 + e): the linear parts cancel between them.
    let first = p == 0 ? q : -p * logOnePlusMinus((q - p) / p)
    let second = p == 1 ? 1 - q : -(1 - p) * logOnePlusMinus((p - q) / (1 - p))
    return max(0, first + second)
}

extension Bernoulli {
    /// p·ln(p/q) + (1 − p)·ln((1 − p)/(1 − q)), in nats.
    public func klDivergence(to other: Bernoulli) -> Double { bernoulliDivergence(probability, other.probability) }

    /// Σ over 0 and 1, in nats.
    public func klDivergence(to other: Poisson) -> Double {
        let p = probability
        if other.rate == 0 { return p > 0 ? .infinity : 0 }
        return max(0, xLogY(p, p) + xLog1pY(1 - p, -p) + other.rate - xLogY(p, other.rate))
    }
}

extension Binomial {
    /// n times that of one trial, in nats. For n₁ < n₂ the binomial coefficients do not cancel: an exact sum of n₁ terms.
    /// Infinite for n₁ > n₂ (unless p is 0).
    public func klDivergence(to other: Binomial) -> Double {
        if totalCount == other.totalCount { return Double(totalCount) * bernoulliDivergence(probability, other.probability) }
        return summedDivergence(to: other)
    }
}

extension DiscreteDistribution {
    /// Σ p·ln(p/q) over the values between two far quantiles, infinite where P reaches out of Q's support. O(P's range).
    func summedDivergence(to other: some DiscreteDistribution) -> Double {
        guard case .integers(let lower, let upper) = support, case .integers(let otherLower, let otherUpper) = other.support
        else { return .nan }
        // A Poisson distribution of rate 0 has one value.
        if variance > 0, let otherUpper, upper.map({ $0 > otherUpper && logDensity($0) > -.infinity }) ?? true { return .infinity }
        if lower < otherLower, logDensity(lower) > -.infinity { return .infinity }
        let first = max(lower, quantile(1e-30) - 1)
        let last = upper.map { min($0, upperQuantile(1e-30) + 1) } ?? upperQuantile(1e-30) + 1
        var sum = 0.0
        for k in first...last {
            let own = logDensity(k)
            guard own > -.infinity else { continue }
            let others = other.logDensity(k)
            if others == -.infinity { return .infinity }
            sum += exp(own) * (own - others)
        }
        return max(0, sum)
    }
}

extension Geometric {
    /// KL of one trial over p, in nats.
    public func klDivergence(to other: Geometric) -> Double {
        bernoulliDivergence(probability, other.probability) / probability
    }
}

extension NegativeBinomial {
    /// r times that of geometric counts for equal r; an exact sum otherwise, O(standard deviation). In nats.
    public func klDivergence(to other: NegativeBinomial) -> Double {
        if totalCount == other.totalCount {
            return totalCount * bernoulliDivergence(probability, other.probability) / (1 - probability)
        }
        return summedDivergence(to: other)
    }
}

extension Poisson {
    /// λ₁·ln(λ₁/λ₂) − λ₁ + λ₂, in nats.
    public func klDivergence(to other: Poisson) -> Double {
        if rate == 0 { return other.rate }
        return other.rate == 0 ? .infinity : -rate * logOnePlusMinus((other.rate - rate) / rate)
    }
}

extension Categorical {
    /// Σ pᵢ·ln(pᵢ/qᵢ), in nats; infinite where qᵢ is 0 and pᵢ is not.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: Categorical) throws(DistributionError) -> Double {
        guard classCount == other.classCount else {
            throw .dimensionMismatch(
                distribution: Self.name, parameter: "probabilities", expected: classCount, found: other.classCount)
        }
        let sum = (0..<classCount).reduce(0.0) { sum, i in
            let (p, q) = (probabilities[i], other.probabilities[i])
            // Gathered as p·h((q − p)/p), whose linear parts add up to 0.
            return sum + (p == 0 ? q : q == 0 ? .infinity : -p * logOnePlusMinus((q - p) / p))
        }
        return max(0, sum)
    }
}

extension OneHotCategorical {
    /// That of the indices, in nats.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: OneHotCategorical) throws(DistributionError) -> Double {
        try categorical.klDivergence(to: other.categorical)
    }
}

extension OneHotCategorical {
    /// That of the indices for counts of one draw, infinite for others; in nats.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: Multinomial) throws(DistributionError) -> Double {
        let one = try categorical.klDivergence(to: other.categorical)
        return other.totalCount == 1 ? one : .infinity
    }
}

extension Multinomial {
    /// That of the indices for counts of one draw, infinite for others; in nats.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: OneHotCategorical) throws(DistributionError) -> Double {
        let one = try categorical.klDivergence(to: other.categorical)
        return totalCount == 1 ? one : .infinity
    }

    /// n times that of one draw, in nats; infinite where n₁ differs from n₂.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: Multinomial) throws(DistributionError) -> Double {
        let one = try categorical.klDivergence(to: other.categorical)
        return totalCount == other.totalCount ? Double(totalCount) * one : .infinity
    }
}

extension Delta {
    /// 0 for equal values, else infinite.
    public func klDivergence(to other: Delta) -> Double { value == other.value ? 0 : .infinity }
}

extension Empirical {
    /// Σ p·ln(p/q) over this list's values, in nats; infinite where the other list lacks one.
    public func klDivergence(to other: Empirical) -> Double {
        pointDivergence { other.logDensity($0) }
    }

    /// Infinite unless all is at the other's value.
    public func klDivergence(to other: Delta) -> Double {
        pointDivergence { other.logDensity($0) }
    }

    private func pointDivergence(_ other: (Double) -> Double) -> Double {
        max(0, zip(values, probabilities).reduce(0) { $1.1 == 0 ? $0 : $0 + $1.1 * (log($1.1) - other($1.0)) })
    }
}

extension Delta {
    /// −ln of the value's probability in the list, in nats.
    public func klDivergence(to other: Empirical) -> Double { -other.logDensity(value) }
}
