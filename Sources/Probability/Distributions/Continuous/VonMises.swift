import CGSL
import Foundation

/// The von Mises distribution of an angle, in radians: density exp(κ·cos(x − μ))/(2πI₀(κ)) on [μ − π, μ + π].
///
/// Angles outside that interval have density 0: use `wrapped(_:)` first. `mean` and `variance` are those of the number x
/// on the interval; `circularVariance` is 1 − |E e^ix|. The distribution function is integrated from x into its tail by
/// Gauss and Legendre's rule, so that tails keep their digits.
public struct VonMises: ContinuousDistribution, ReparameterizedDistribution {
    /// μ, in radians.
    public let location: Double
    /// κ.
    public let concentration: Double

    /// - Throws: `DistributionError.invalidParameter` unless `location` is finite and `concentration` finite and above
    ///   0.
    public init(location: Double, concentration: Double) throws(DistributionError) {
        (self.location, self.concentration) = (location, concentration)
        try Self.check("location", location, .real)
        try Self.check("concentration", concentration, .positive)
    }

    public static var name: String { "VonMises" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("location", [location], .real),
            DistributionParameter("concentration", [concentration], .positive),
        ]
    }
    public var support: Support { .interval(lower: location - Double.pi, upper: location + Double.pi) }
    public var mean: Double { location }
    public var mode: Double { location }

    /// The angle in [μ − π, μ + π] that differs from `angle` by a multiple of 2π.
    public func wrapped(_ angle: Double) -> Double {
        location + (angle - location).remainder(dividingBy: 2 * Double.pi)
    }

    /// ln(I₀(κ)·e^−κ).
    private var logScaledBessel: Double {
        GSL.prepare()
        return log(gsl_sf_bessel_I0_scaled(concentration))
    }

    /// 1 − I₁(κ)/I₀(κ), in [0, 1).
    public var circularVariance: Double {
        let k = concentration
        if k > 500 {
            // The asymptotic series of 1 − I₁/I₀, where the difference would cancel.
            let h = 1 / k
            return h * (0.5 + h * (0.125 + h * (0.125 + h * (25.0 / 128 + h * (13.0 / 32 + h * (1073.0 / 1024))))))
        }
        GSL.prepare()
        return 1 - gsl_sf_bessel_I1_scaled(k) / gsl_sf_bessel_I0_scaled(k)
    }

    /// E[(x − μ)²] on the interval.
    public var variance: Double {
        let k = concentration
        // κ(cos t − 1) = −2κ·sin²(t/2), until it is too deep to count.
        let depth = tailDepth / (2 * k)
        let length = depth >= 1 ? Double.pi : 2 * asin(depth.squareRoot())
        let moment = tailIntegral(length) { -2 * k * sin(0.5 * $0) * sin(0.5 * $0) } weight: { $0 * $0 }
        return moment / Double.pi * exp(-logScaledBessel)
    }

    /// ln(2πI₀(κ)) − κ·I₁(κ)/I₀(κ).
    public var entropy: Double { 2 * halfLogTwoPi + logScaledBessel + concentration * circularVariance }

    public func logDensity(_ x: Double) -> Double {
        let t = x - location
        guard abs(t) <= Double.pi * (1 + 1e-15) else { return x.isNaN ? .nan : -.infinity }
        let s = sin(0.5 * t)
        return -2 * concentration * s * s - 2 * halfLogTwoPi - logScaledBessel
    }

    /// ln P(T ≤ −t), t in [0, π], for the centred angle T.
    private func logTail(_ t: Double) -> Double {
        guard t < Double.pi else { return t.isNaN ? .nan : -.infinity }
        return logDensity(location + t) + log(tailPart(t) { _ in 1 })
    }

    /// ∫ f(s)/f(t)·g(s) ds over the tail s from t to π.
    private func tailPart(_ t: Double, _ g: (Double) -> Double) -> Double {
        let k = concentration
        let floor = cos(t) - tailDepth / k
        let length = floor <= -1 ? Double.pi - t : acos(floor) - t
        // cos(t + u) − cos t = −2·sin(t + u/2)·sin(u/2)
        return tailIntegral(length) { -2 * k * sin(t + 0.5 * $0) * sin(0.5 * $0) } weight: { g(t + $0) }
    }

    public func logCdf(_ x: Double) -> Double {
        let t = x - location
        if t <= 0 { return logTail(-t) }
        return log1p(-exp(logTail(t)))
    }

    public func logSurvival(_ x: Double) -> Double {
        let t = x - location
        if t >= 0 { return logTail(t) }
        return log1p(-exp(logTail(-t)))
    }

    public func cdf(_ x: Double) -> Double { exp(logCdf(x)) }
    public func survival(_ x: Double) -> Double { exp(logSurvival(x)) }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return p < 0.5 ? location - upperHalf(p) : location + upperHalf(1 - p)
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return q < 0.5 ? location + upperHalf(q) : location - upperHalf(1 - q)
    }

    /// The t in [0, π] with P(T > t) = q ≤ ½.
    private func upperHalf(_ q: Double) -> Double {
        if q == 0 { return Double.pi }
        if q == 0.5 { return 0 }
        let start = min(3, -normalQuantile(q) / concentration.squareRoot())
        return invertMonotone(target: log(q), start: start, lower: 0, upper: Double.pi) { t in
            let value = logTail(t)
            return (value, -exp(logDensity(location + t) - value))
        }
    }

    /// Best and Fisher 1979 (doi:10.2307/2346732): rejection from a wrapped Cauchy distribution. GSL has no sampler.
    public func sample(_ stream: inout RandomStream) -> Double {
        let k = concentration
        if k > 1e6 { return location + stream.gaussian() / k.squareRoot() }
        if k < 1e-6 { return location + Double.pi * (2 * stream.uniform() - 1) }
        let tau = 1 + (1 + 4 * k * k).squareRoot()
        let rho = (tau - (2 * tau).squareRoot()) / (2 * k)
        let r = (1 + rho * rho) / (2 * rho)
        while true {
            let z = cos(Double.pi * stream.openUniform())
            let f = (1 + r * z) / (r + z)
            let c = k * (r - f)
            let u = stream.openUniform()
            guard c * (2 - c) > u || log(c / u) + 1 >= c else { continue }
            let angle = acos(min(1, max(-1, f)))
            return location + (stream.uniform() < 0.5 ? -angle : angle)
        }
    }

    /// ∂x/∂μ = 1; ∂x/∂κ by implicit reparameterisation, ∂F/∂κ = ∫(cos t − I₁/I₀)·f dt.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        let t = value - location
        let shift = circularVariance - 1
        let part = tailPart(min(abs(t), Double.pi)) { cos($0) + shift }
        return [[cotangent], [cotangent * (t >= 0 ? part : -part)]]
    }
}
