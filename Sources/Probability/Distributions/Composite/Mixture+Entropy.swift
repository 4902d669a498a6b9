// Entropies of mixtures, which have no closed form.

import Foundation

extension Distribution {
    /// The entropy as the mean of −ln p over `samples` draws, in nats, with its standard error: where `entropy` is NaN.
    public func estimatedEntropy(
        samples: Int, _ stream: inout RandomStream
    ) -> (value: Double, standardError: Double) {
        let estimate = MonteCarloDivergence(sample(samples, &stream).map { -logDensity($0) })
        return (estimate.value, estimate.standardError)
    }
}

extension ContinuousDistribution {
    /// −∫ p·ln p by adaptive quadrature, cut at quantiles of `parts`, so that narrow ones are not missed; to about 1e-9,
    /// or 1e-7 where a part's width is 1e-7 of its distance from 0. NaN where the integral does not settle.
    func integratedEntropy(cutAtQuantilesOf parts: [any ContinuousDistribution]) -> Double {
        let levels = [1e-20, 1e-15, 1e-11, 1e-8, 1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5]
        let ends = parts.flatMap { part in levels.flatMap { [part.quantile($0), part.upperQuantile($0)] } }
        let cuts = Set(ends.filter(\.isFinite)).sorted()
        let entropy = try? adaptiveIntegral(cuts) { x in
            let logDensity = logDensity(x)
            return logDensity.isFinite ? -logDensity * exp(logDensity) : 0
        }
        return entropy?.value ?? .nan
    }
}

extension DiscreteDistribution {
    /// −Σ p·ln p over the values between the far quantiles of `parts`. O(their distance).
    func summedEntropy(over parts: [any DiscreteDistribution]) -> Double {
        let first = parts.map { $0.quantile(1e-25) }.min() ?? 0
        let last = parts.map { $0.upperQuantile(1e-25) }.max() ?? 0
        var sum = 0.0
        for k in first...max(first, last) {
            let logMass = logDensity(k)
            if logMass > -.infinity { sum -= exp(logMass) * logMass }
        }
        return sum
    }
}
