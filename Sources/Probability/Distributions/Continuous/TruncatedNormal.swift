import Foundation

/// The normal distribution N(location, scale²) restricted to [lower, upper], either end possibly infinite.
///
/// Probabilities are integrals from the end nearer to the location, so intervals far in a tail (40 standard deviations
/// and more) and narrow ones keep their digits. `location` and `scale` are those before the restriction.
public struct TruncatedNormal: ContinuousDistribution, ReparameterizedDistribution {
    public let location: Double
    public let scale: Double
    public let lower: Double
    public let upper: Double

    /// - Throws: `DistributionError.invalidParameter` unless `location` is finite, `scale` finite and above 0, and
    ///   lower < upper (infinite ends allowed).
    public init(location: Double, scale: Double, lower: Double, upper: Double) throws(DistributionError) {
        (self.location, self.scale, self.lower, self.upper) = (location, scale, lower, upper)
        try Self.check("location", location, .real)
        try Self.check("scale", scale, .positive)
        guard lower < upper, lower < .infinity, upper > -.infinity else {
            let isLowerWrong = lower.isNaN || lower == .infinity
            throw .invalidParameter(
                distribution: Self.name, parameter: isLowerWrong ? "lower" : "upper", value: isLowerWrong ? lower : upper,
                expected: isLowerWrong ? .extendedReal : .greaterOrInfinite(than: lower))
        }
    }

    public static var name: String { "TruncatedNormal" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("location", [location], .real), DistributionParameter("scale", [scale], .positive),
            DistributionParameter("lower", [lower], .extendedReal), DistributionParameter("upper", [upper], .greaterOrInfinite(than: lower)),
        ]
    }
    public var support: Support { .interval(lower: lower, upper: upper) }

    private var alpha: Double { (lower - location) / scale }
    private var beta: Double { (upper - location) / scale }
    private var logMass: Double { Self.logInterval(alpha, beta) }

    /// ln E[e^tx] = μt + ½σ²t² + ln of the mass of N(μ + σ²t, σ²) in the interval over that of N(μ, σ²).
    func logExponentialMoment(_ t: Double) -> Double {
        let shift = scale * t
        return location * t + 0.5 * shift * shift + Self.logInterval(alpha - shift, beta - shift) - logMass
    }

    /// E[x], by quadrature of the density.
    public var mean: Double { location + scale * (anchor + centredMean) }
    /// By quadrature about the mean.
    public var variance: Double {
        let centre = anchor + centredMean
        return scale * scale * expectation { ($0 - centre) * ($0 - centre) }
    }

    /// The standardised point of highest density.
    private var anchor: Double { min(max(0, alpha), beta) }
    private var centredMean: Double {
        let start = anchor
        return expectation { $0 - start }
    }
    private func expectation(_ g: (Double) -> Double) -> Double {
        Self.relativeIntegral(alpha, beta, g) / Self.relativeIntegral(alpha, beta) { _ in 1 }
    }

    public var mode: Double { min(max(location, lower), upper) }

    /// ln(σZ√(2π)) + E[z²]/2.
    public var entropy: Double {
        let z = (mean - location) / scale
        return logMass + halfLogTwoPi + log(scale) + 0.5 * (variance / (scale * scale) + z * z)
    }

    public func logDensity(_ x: Double) -> Double {
        guard x >= lower, x <= upper else { return x.isNaN ? .nan : -.infinity }
        let z = (x - location) / scale
        return -0.5 * z * z - halfLogTwoPi - log(scale) - logMass
    }

    private func standardised(_ x: Double) -> Double { (min(max(x, lower), upper) - location) / scale }

    public func cdf(_ x: Double) -> Double { exp(logCdf(x)) }
    public func survival(_ x: Double) -> Double { exp(logSurvival(x)) }
    public func logCdf(_ x: Double) -> Double {
        x.isNaN ? .nan : x >= upper ? 0 : logShare(alpha, standardised(x), standardised(x), beta)
    }
    public func logSurvival(_ x: Double) -> Double {
        x.isNaN ? .nan : x <= lower ? 0 : logShare(standardised(x), beta, alpha, standardised(x))
    }

    /// The logarithm of the share of [a, b] in the whole; where it is most of it, from the rest [c, d].
    private func logShare(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
        let value = Self.logInterval(a, b) - logMass
        return value < -0.5 ? value : log1p(-exp(Self.logInterval(c, d) - logMass))
    }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return invert(p, upper: false)
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return invert(q, upper: true)
    }

    private func invert(_ p: Double, upper isUpper: Bool) -> Double {
        if p == 0 { return isUpper ? upper : lower }
        if p == 1 { return isUpper ? lower : upper }
        let (a, b, mass) = (alpha, beta, logMass)
        let solvesUpper = isUpper == (p < 0.5)
        let target = (p < 0.5 ? log(p) : log1p(-p)) + mass
        let start = a.isFinite && b.isFinite && b - a < 1 ? 0.5 * (a + b) : min(max(0, a + 1e-3), b)
        let z = invertMonotone(target: target, start: min(start, b), lower: a, upper: b) { z in
            let value = solvesUpper ? Self.logInterval(z, b) : Self.logInterval(a, z)
            let slope = exp(-0.5 * z * z - halfLogTwoPi - value)
            return (value, solvesUpper ? -slope : slope)
        }
        return min(max(location + scale * z, lower), upper)
    }

    /// Rejection by the shape of the interval (Robert 1995, doi:10.1007/BF00143942): from the normal itself, from an
    /// exponential in the tail, or from a uniform distribution where the interval is short.
    public func sample(_ stream: inout RandomStream) -> Double {
        let (a, b) = (alpha, beta)
        let z = a > 0 ? Self.tailDraw(a, b, &stream) : b < 0 ? -Self.tailDraw(-b, -a, &stream) : Self.draw(a, b, &stream)
        return min(max(location + scale * z, lower), upper)
    }

    /// ∂x/∂θ at a fixed probability F: with φ the density, dz = (1 − F)·φ(α)/φ(z)·dα + F·φ(β)/φ(z)·dβ.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        let (a, b, z) = (alpha, beta, standardised(value))
        let byAlpha = a.isFinite ? exp(logSurvival(value) + 0.5 * (z * z - a * a)) : 0
        let byBeta = b.isFinite ? exp(logCdf(value) + 0.5 * (z * z - b * b)) : 0
        let moved = (a.isFinite ? byAlpha * a : 0) + (b.isFinite ? byBeta * b : 0)
        return [
            [cotangent * (1 - byAlpha - byBeta)], [cotangent * (z - moved)], [cotangent * byAlpha], [cotangent * byBeta],
        ]
    }
}

extension TruncatedNormal {
    /// ln(Φ(b) − Φ(a)).
    fileprivate static func logInterval(_ a: Double, _ b: Double) -> Double {
        guard a < b else { return -.infinity }
        let anchor = min(max(0, a), b)
        return -0.5 * anchor * anchor - halfLogTwoPi + log(relativeIntegral(a, b) { _ in 1 })
    }

    /// ∫ exp(−(z² − m²)/2)·g(z) dz over [a, b], m its point nearest 0.
    fileprivate static func relativeIntegral(_ a: Double, _ b: Double, _ g: (Double) -> Double) -> Double {
        if a >= 0 { return tail(a, b, g) }
        if b <= 0 { return tail(-b, -a) { g(-$0) } }
        return tail(0, b, g) + tail(0, -a) { g(-$0) }
    }

    private static func tail(_ start: Double, _ end: Double, _ g: (Double) -> Double) -> Double {
        let length = min(end - start, tailLength(slope: start, curvature: 1))
        return tailIntegral(length) { -$0 * (start + 0.5 * $0) } weight: { g(start + $0) }
    }

    /// A draw from an interval that holds 0.
    fileprivate static func draw(_ a: Double, _ b: Double, _ stream: inout RandomStream) -> Double {
        if b - a < 2.5 {
            while true {
                let z = a + (b - a) * stream.uniform()
                if log(stream.openUniform()) <= -0.5 * z * z { return z }
            }
        }
        while true {
            let z = stream.gaussian()
            if z >= a, z <= b { return z }
        }
    }

    /// A draw from [a, b], a > 0.
    fileprivate static func tailDraw(_ a: Double, _ b: Double, _ stream: inout RandomStream) -> Double {
        let rate = 0.5 * (a + (a * a + 4).squareRoot())
        if (b - a) * rate < 1 {
            while true {
                let u = (b - a) * stream.uniform()
                if log(stream.openUniform()) <= -u * (a + 0.5 * u) { return a + u }
            }
        }
        while true {
            let z = a - log(stream.openUniform()) / rate
            guard z <= b else { continue }
            let difference = z - rate
            if log(stream.openUniform()) <= -0.5 * difference * difference { return z }
        }
    }
}
