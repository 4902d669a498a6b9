import CGSL
import Foundation
import Matrices

/// Student's t distribution with ν degrees of freedom: density ∝ (1 + z²/ν)^−(ν+1)/2, z = (x − location)/scale.
///
/// Tails by the incomplete beta function of this module, P(|T| > z) = I_{ν/(ν+z²)}(ν/2, ½); GSL's `gsl_cdf_tdist_*` has
/// fewer digits for large ν.
public struct StudentT: ContinuousDistribution, ReparameterizedDistribution {
    public let degreesOfFreedom: Double
    public let location: Double
    public let scale: Double

    /// - Throws: `DistributionError.invalidParameter` unless `degreesOfFreedom` and `scale` are finite and above 0, and
    ///   `location` is finite.
    public init(degreesOfFreedom: Double, location: Double = 0, scale: Double = 1) throws(DistributionError) {
        (self.degreesOfFreedom, self.location, self.scale) = (degreesOfFreedom, location, scale)
        try Self.check("degreesOfFreedom", degreesOfFreedom, .positive)
        try Self.check("location", location, .real)
        try Self.check("scale", scale, .positive)
    }

    public static var name: String { "StudentT" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("degreesOfFreedom", [degreesOfFreedom], .positive),
            DistributionParameter("location", [location], .real), DistributionParameter("scale", [scale], .positive),
        ]
    }
    public var support: Support { .realLine }
    /// The location for ν > 1, else NaN.
    public var mean: Double { degreesOfFreedom > 1 ? location : .nan }
    /// s²ν/(ν − 2) for ν > 2, infinite for 1 < ν ≤ 2, else NaN.
    public var variance: Double {
        let nu = degreesOfFreedom
        return nu > 2 ? scale * scale * (nu / (nu - 2)) : nu > 1 ? .infinity : .nan
    }
    public var mode: Double { location }

    /// (ν + 1)/2·(ψ((ν + 1)/2) − ψ(ν/2)) + ln(√ν·B(ν/2, ½)) + ln s, written without cancellation for large ν.
    public var entropy: Double {
        let a = 0.5 * degreesOfFreedom
        let difference = log1p(0.5 / a) + digammaMinusLog(a + 0.5) - digammaMinusLog(a)
        return (a + 0.5) * difference - logNormaliser + log(scale)
    }

    /// ln(Γ((ν + 1)/2)/(Γ(ν/2)·√(νπ))).
    private var logNormaliser: Double {
        logGammaHalfStep(0.5 * degreesOfFreedom) - 0.5 * (log(degreesOfFreedom) + log(Double.pi))
    }

    /// ln(z²/ν).
    private func logRatio(_ z: Double) -> Double { 2 * log(abs(z)) - log(degreesOfFreedom) }

    public func logDensity(_ x: Double) -> Double {
        let z = (x - location) / scale
        let squared = z * z / degreesOfFreedom
        let logKernel = squared > 1e16 ? logRatio(z) : log1p(squared)
        return logNormaliser - log(scale) - 0.5 * (degreesOfFreedom + 1) * logKernel
    }

    /// ln P(|T| > z) and ln P(|T| ≤ z), z ≥ 0.
    private func logTwoSided(_ z: Double) -> (outside: Double, inside: Double) {
        let a = 0.5 * degreesOfFreedom
        let ratio = z * z / degreesOfFreedom
        guard ratio < 1e200 else {
            // Far out only the leading term of the tail is left; z² may overflow, its logarithm does not.
            let outside = z.isNaN ? .nan : -a * logRatio(z) - logBeta(a, 0.5) - log(a)
            return (outside, logOneMinusExp(min(0, outside)))
        }
        let (lower, upper) = logIncompleteBeta(a, 0.5, 1 / (1 + ratio), ratio / (1 + ratio))
        return (lower, upper)
    }

    /// ln P(T > z).
    private func logTail(_ z: Double) -> Double {
        let outside = logTwoSided(abs(z)).outside - log(2)
        return z >= 0 ? outside : log1p(-exp(outside))
    }

    private func tail(_ z: Double) -> Double {
        let outside = 0.5 * exp(logTwoSided(abs(z)).outside)
        return z >= 0 ? outside : 1 - outside
    }

    public func cdf(_ x: Double) -> Double { tail(-(x - location) / scale) }
    public func survival(_ x: Double) -> Double { tail((x - location) / scale) }
    public func logCdf(_ x: Double) -> Double { logTail(-(x - location) / scale) }
    public func logSurvival(_ x: Double) -> Double { logTail((x - location) / scale) }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return p < 0.5 ? location - scale * upperHalf(p) : location + scale * upperHalf(1 - p)
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return q < 0.5 ? location + scale * upperHalf(q) : location - scale * upperHalf(1 - q)
    }

    /// The z ≥ 0 with P(T > z) = q ≤ ½, by Newton's method in ln z; near the middle on P(|T| ≤ z), which has the digits.
    private func upperHalf(_ q: Double) -> Double {
        if q == 0 { return .infinity }
        if q == 0.5 { return 0 }
        let usesInside = q > 0.25
        let target = usesInside ? log1p(-2 * q) : log(2 * q)
        let start = log(-normalQuantile(q))
        let v = invertMonotone(target: target, start: start) { v in
            let z = exp(v)
            let (outside, inside) = logTwoSided(z)
            let squared = z * z / degreesOfFreedom
            let logKernel = squared > 1e16 ? logRatio(z) : log1p(squared)
            let logDensity = log(2) + v + logNormaliser - 0.5 * (degreesOfFreedom + 1) * logKernel
            return usesInside ? (inside, exp(logDensity - inside)) : (outside, -exp(logDensity - outside))
        }
        return exp(v)
    }

    public func sample(_ stream: inout RandomStream) -> Double {
        let z = stream.gaussian()
        let g = stream.withGenerator { gsl_ran_gamma($0, 0.5 * degreesOfFreedom, 1) }
        return location + scale * z * (0.5 * degreesOfFreedom / g).squareRoot()
    }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let (location, scale, half) = (location, scale, 0.5 * degreesOfFreedom)
        fillGamma(buffer, concentration: half, scale: 1, &stream)
        nonisolated(unsafe) let target = buffer  // each part is changed by one call
        let noise = NormalNoise(drawnFrom: &stream)
        let size = 1 << 12
        Parallelism.forEachRange(of: buffer.count, size: size) { range in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { normals in
                guard let base = normals.baseAddress else { return }
                DoubleKernels.philoxNormal(
                    base, range.count, noise.seed, noise.stream, UInt64(range.lowerBound))
                for index in range {
                    target[index] = location + scale * normals[index - range.lowerBound]
                        * (half / target[index]).squareRoot()
                }
            }
        }
    }

    /// ∂x/∂ν by implicit reparameterisation: with u = ν/(ν + z²) ~ Beta(ν/2, ½), z² = ν(1 − u)/u.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        let z = (value - location) / scale
        let ratio = z * z / degreesOfFreedom
        let (u, v) = (1 / (1 + ratio), ratio / (1 + ratio))
        var slope = 0.0
        if z != 0 {
            let shape = betaConcentrationDerivatives(0.5 * degreesOfFreedom, 0.5, u, v).first
            // 2z·dz = (1 − u)/u·dν − ν/u²·du, du = ½·∂u/∂a·dν
            slope = (ratio - 0.5 * degreesOfFreedom / (u * u) * shape) / (2 * z)
        }
        return [[cotangent * scale * slope], [cotangent], [cotangent * z]]
    }
}
