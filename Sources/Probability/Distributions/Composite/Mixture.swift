import Foundation
import Matrices

/// A mixture Σ wᵢ·pᵢ of distributions of one type: a value is drawn from a component drawn with the weights.
public struct Mixture<Component: Distribution>: Distribution {
    public let components: [Component]
    /// The component of one draw.
    public let weights: Categorical

    /// - Throws: `DistributionError` unless there is one weight for each component, and the weights are those of a
    ///   `Categorical`.
    public init(weights: [Double], components: [Component]) throws(DistributionError) {
        guard weights.count == components.count else {
            throw .dimensionMismatch(
                distribution: Self.name, parameter: "weights", expected: components.count, found: weights.count)
        }
        self.weights = try Self.part("probabilities", as: "weights") { () throws(DistributionError) in
            try Categorical(probabilities: weights)
        }
        self.components = components
    }

    public static var name: String { "Mixture<\(Component.name)>" }
    /// The weights, then each component's parameters.
    public var parameters: [DistributionParameter] {
        [DistributionParameter("weights", weights.probabilities, .simplex)] + components.flatMap(\.parameters)
    }
    /// That of the first component; for intervals and whole numbers the smallest that holds all.
    public var support: Support {
        components.dropFirst().reduce(components[0].support) { whole, component in
            switch (whole, component.support) {
            case (.interval(let a, let b), .interval(let c, let d)): .interval(lower: min(a, c), upper: max(b, d))
            case (.integers(let a, let b), .integers(let c, let d)):
                .integers(lower: min(a, c), upper: b.flatMap { b in d.map { max(b, $0) } })
            default: whole
            }
        }
    }

    /// Of numbers by adaptive quadrature to about 1e-9, of whole numbers by summation in O(their range). NaN for vectors,
    /// matrices and point masses: see `estimatedEntropy(samples:_:)`.
    public var entropy: Double {
        let used = usedComponents
        if used.count == 1 { return used[0].entropy }
        if let whole = self as? any ContinuousDistribution {
            return whole.integratedEntropy(cutAtQuantilesOf: used.compactMap { $0 as? any ContinuousDistribution })
        }
        if let whole = self as? any DiscreteDistribution {
            return whole.summedEntropy(over: used.compactMap { $0 as? any DiscreteDistribution })
        }
        return .nan
    }

    /// ln Σ wᵢ·pᵢ(x).
    public func logDensity(_ x: Component.Value) -> Double {
        logSumExp(joint(x))
    }

    private func joint(_ x: Component.Value) -> [Double] {
        zip(weights.logProbabilities, components).map { $0 == -.infinity ? $0 : $0 + $1.logDensity(x) }
    }

    /// P(component | x) of each component, `[components]`; NaN where x has density 0.
    public func responsibilities(_ x: Component.Value) -> [Double] {
        let joint = joint(x)
        let total = logSumExp(joint)
        return joint.map { exp($0 - total) }
    }

    public func sample(_ stream: inout RandomStream) -> Component.Value {
        components[weights.sample(&stream)].sample(&stream)
    }
}

extension Mixture: UnivariateDistribution where Component: UnivariateDistribution {
    private func weighted(_ value: (Component) -> Double) -> Double {
        zip(weights.probabilities, components).reduce(0) { $1.0 == 0 ? $0 : $0 + $1.0 * value($1.1) }
    }

    public var mean: Double { weighted(\.mean) }
    /// Σ w(σ² + (μ − mean)²).
    public var variance: Double {
        let centre = mean
        return weighted { $0.variance + ($0.mean - centre) * ($0.mean - centre) }
    }
    /// The highest of the tops that are reached uphill from the components' own modes.
    public var mode: Component.Value {
        let used = usedComponents
        let tops: [Component.Value]
        if let whole = self as? any ContinuousDistribution {
            tops = used.compactMap { ($0 as? any ContinuousDistribution).flatMap(whole.top) as? Component.Value }
        } else if let whole = self as? any DiscreteDistribution {
            tops = used.compactMap { ($0 as? any DiscreteDistribution).map(whole.top) as? Component.Value }
        } else {
            tops = used.map(\.mode)
        }
        return best(tops.sorted(), logDensity) ?? used[0].mode
    }
    public func cdf(_ x: Component.Value) -> Double { weighted { $0.cdf(x) } }
    public func survival(_ x: Component.Value) -> Double { weighted { $0.survival(x) } }
    public func logCdf(_ x: Component.Value) -> Double {
        logSumExp(zip(weights.logProbabilities, components).map { $0 + $1.logCdf(x) })
    }
    public func logSurvival(_ x: Component.Value) -> Double {
        logSumExp(zip(weights.logProbabilities, components).map { $0 + $1.logSurvival(x) })
    }

    /// By bisection between the components' own quantiles.
    public func quantile(_ p: Double) -> Component.Value {
        bracketed(components.map { $0.quantile(p) }) { cdf($0) >= p }
    }
    public func upperQuantile(_ q: Double) -> Component.Value {
        bracketed(components.map { $0.upperQuantile(q) }) { survival($0) <= q }
    }

    private func bracketed(_ ends: [Component.Value], _ holds: (Component.Value) -> Bool) -> Component.Value {
        let used = zip(ends, weights.probabilities).filter { $1 > 0 }.map(\.0)
        guard let low = used.min(), let high = used.max(), low < high else { return used.first ?? ends[0] }
        if let low = low as? Double, let high = high as? Double {
            let found = bisected(low, high) { ($0 as? Component.Value).map(holds) ?? true }
            return found as? Component.Value ?? ends[0]
        }
        if let low = low as? Int, let high = high as? Int {
            var (below, above) = (low - 1, high)
            while above - below > 1 {
                let middle = below + (above - below) / 2
                if (middle as? Component.Value).map(holds) ?? true { above = middle } else { below = middle }
            }
            return above as? Component.Value ?? ends[0]
        }
        return used.sorted().first(where: holds) ?? high
    }

    /// The smallest number for which `holds`, to the last bit: halves the interval, then its number of floats.
    private func bisected(_ low: Double, _ high: Double, _ holds: (Double) -> Bool) -> Double {
        if holds(low) { return low }
        var (below, above) = (low, high)
        while true {
            let middle = below.isInfinite || above.isInfinite ? (below.isInfinite ? above - max(1, abs(above)) : below + max(1, abs(below))) : below + 0.5 * (above - below)
            guard middle > below, middle < above else { return above }
            if holds(middle) { above = middle } else { below = middle }
        }
    }
}

extension Mixture: ContinuousDistribution where Component: ContinuousDistribution {}
extension Mixture: DiscreteDistribution where Component: DiscreteDistribution {}

extension Mixture: MultivariateDistribution where Component: MultivariateDistribution {
    public var dimension: Int { components[0].dimension }
    public var mean: [Double] {
        (0..<dimension).map { i in zip(weights.probabilities, components).reduce(0) { $0 + $1.0 * $1.1.mean[i] } }
    }
    public var variance: [Double] {
        let covariance = covariance
        return (0..<dimension).map { covariance[$0, $0] }
    }
    /// Σ w(Σᵢ + (μᵢ − mean)(μᵢ − mean)ᵀ).
    public var covariance: Matrix<Double> {
        let centre = mean
        var result = Matrix<Double>(rows: dimension, columns: dimension)
        for (weight, component) in zip(weights.probabilities, components) {
            let (own, shift) = (component.covariance, zip(component.mean, centre).map { $0 - $1 })
            for i in 0..<dimension {
                for j in 0..<dimension { result[i, j] += weight * (own[i, j] + shift[i] * shift[j]) }
            }
        }
        return result
    }
    /// The highest of the tops that are reached uphill from the components' own modes; of those themselves where the density
    /// has no gradient. NaN where no component has a mode.
    public var mode: [Double] {
        let modes = usedComponents.map(\.mode)
        return best(modes.filter { !$0.contains(where: \.isNaN) }.map { top(from: $0) }, logDensity) ?? modes[0]
    }
}
