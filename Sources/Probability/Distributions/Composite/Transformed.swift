import Foundation

/// The distribution of f(x), x from a base distribution: log density ln p(f⁻¹(y)) − ln |det f′|.
public struct Transformed<Base: Distribution, Map: Transform>: Distribution where Base.Value == Map.Value {
    public let base: Base
    public let transform: Map

    public init(_ base: Base, _ transform: Map) { (self.base, self.transform) = (base, transform) }

    public static var name: String { "Transformed<\(Base.name)>" }
    /// Those of the base.
    public var parameters: [DistributionParameter] { base.parameters }

    /// The transform's image; for monotone maps of an interval, the image of the base's support.
    public var support: Support {
        if let map = transform as? any ScalarTransform { return map.image(of: base.support) }
        return transform.image
    }

    public func logDensity(_ y: Map.Value) -> Double {
        if let number = y as? Double, number.isNaN { return .nan }
        guard isInImage(y) else { return -.infinity }
        let x = transform.inverse(y)
        let value = base.logDensity(x) - transform.logDeterminant(x)
        return value.isNaN ? -.infinity : value
    }

    private func isInImage(_ y: Map.Value) -> Bool {
        if let y = y as? Double { return support.contains(y) }
        if let y = y as? [Double] { return support.contains(y) }
        return true
    }

    /// The base's entropy plus E[ln |det f′|], the latter by quadrature for maps of numbers; NaN for other vectors than
    /// those of maps with constant volume, where it has no closed form.
    public var entropy: Double {
        guard let base = base as? any ContinuousDistribution, let map = transform as? any ScalarTransform else {
            return .nan
        }
        return base.entropy + base.expectation { map.logDeterminant($0) }
    }

    public func sample(_ stream: inout RandomStream) -> Map.Value { transform.forward(base.sample(&stream)) }
}

extension Transformed: UnivariateDistribution where Base: ContinuousDistribution, Map: ScalarTransform {
    /// By quadrature over the base, to about 1e-9 of the spread.
    public var mean: Double { base.expectation { transform.forward($0) } }
    /// By quadrature over the base.
    public var variance: Double {
        let centre = mean
        return base.expectation { (transform.forward($0) - centre) * (transform.forward($0) - centre) }
    }

    /// By golden-section search over the base's probabilities: the highest density where there is one top, to about
    /// 1e-7 of the spread.
    public var mode: Double {
        // A coarse look first, so that a second, lower top does no harm.
        let grid = (1..<512).map { Double($0) / 512 }
        guard let best = grid.max(by: { logDensity(quantile($0)) < logDensity(quantile($1)) }) else { return .nan }
        var (a, b) = (quantile(best - 1.0 / 512), quantile(best + 1.0 / 512))
        let ratio = (5.0.squareRoot() - 1) / 2
        var (c, d) = (b - ratio * (b - a), a + ratio * (b - a))
        for _ in 0..<80 where b > a {
            if logDensity(c) >= logDensity(d) { (b, d, c) = (d, c, d - ratio * (d - a)) } else { (a, c, d) = (c, d, c + ratio * (b - c)) }
        }
        return 0.5 * (a + b)
    }

    public func cdf(_ y: Double) -> Double { tail(y, lower: transform.isIncreasing, base.cdf, base.survival, 0, 1) }
    public func survival(_ y: Double) -> Double {
        tail(y, lower: !transform.isIncreasing, base.cdf, base.survival, 1, 0)
    }
    public func logCdf(_ y: Double) -> Double {
        tail(y, lower: transform.isIncreasing, base.logCdf, base.logSurvival, -.infinity, 0)
    }
    public func logSurvival(_ y: Double) -> Double {
        tail(y, lower: !transform.isIncreasing, base.logCdf, base.logSurvival, 0, -.infinity)
    }

    private func tail(
        _ y: Double, lower: Bool, _ cdf: (Double) -> Double, _ survival: (Double) -> Double, _ below: Double,
        _ above: Double
    ) -> Double {
        guard case .interval(let start, let end) = support else { return .nan }
        if y.isNaN { return y }
        if y <= start { return below }
        if y >= end { return above }
        let x = transform.inverse(y)
        return lower ? cdf(x) : survival(x)
    }

    public func quantile(_ p: Double) -> Double {
        transform.forward(transform.isIncreasing ? base.quantile(p) : base.upperQuantile(p))
    }
    public func upperQuantile(_ q: Double) -> Double {
        transform.forward(transform.isIncreasing ? base.upperQuantile(q) : base.quantile(q))
    }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        base.fill(buffer, &stream)
        for index in buffer.indices { buffer[index] = transform.forward(buffer[index]) }
    }
}

extension Transformed: ContinuousDistribution where Base: ContinuousDistribution, Map: ScalarTransform {}

extension Transformed: ReparameterizedDistribution
where Base: ReparameterizedDistribution, Base.Value == Double, Map: ScalarTransform {
    /// The base's gradient, with the cotangent times dy/dx.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        let x = transform.inverse(value)
        return base.pathwiseGradient(at: x, cotangent: cotangent * transform.slope(x))
    }
}

extension Transformed {
    /// KL of the bases, which one invertible map of both leaves as it is, where `table` has their pair; in nats.
    ///
    /// - Throws: `DistributionError.noDivergence` where the maps differ or the pair is not known.
    public func klDivergence<Other>(
        to other: Transformed<Other, Map>, using table: KLDivergence = .standard
    ) throws -> Double {
        guard transform == other.transform else {
            throw DistributionError.noDivergence(from: Self.name, to: Transformed<Other, Map>.name)
        }
        return try table(base, other.base)
    }
}
