import CGSL
import Foundation

/// The normal distribution N(μ, σ²): density exp(−(x − μ)²/(2σ²)) / (σ√(2π)).
///
/// Distribution function and quantile by GSL's `gsl_cdf_ugaussian_*`, accurate in both tails.
public struct Normal: ContinuousDistribution, NormalTransport {
    public let mean: Double
    public let standardDeviation: Double

    /// - Throws: `DistributionError.invalidParameter` unless `mean` is finite and `standardDeviation` finite and
    ///   above 0.
    public init(mean: Double, standardDeviation: Double) throws(DistributionError) {
        self.mean = mean
        self.standardDeviation = standardDeviation
        for parameter in parameters { try parameter.check(in: Self.name) }
    }

    /// N(0, 1).
    public static let standard = Normal(unchecked: 0, 1)

    private init(unchecked mean: Double, _ standardDeviation: Double) {
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    public static var name: String { "Normal" }

    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("mean", [mean], .real),
            DistributionParameter("standardDeviation", [standardDeviation], .positive),
        ]
    }

    public var support: Support { .realLine }
    public var variance: Double { standardDeviation * standardDeviation }

    /// ½·ln(2πe) + ln σ.
    public var entropy: Double { Normal.halfLogTwoPi + 0.5 + log(standardDeviation) }

    public func logDensity(_ x: Double) -> Double {
        let z = (x - mean) / standardDeviation
        return -0.5 * z * z - log(standardDeviation) - Normal.halfLogTwoPi
    }

    public func cdf(_ x: Double) -> Double {
        GSL.prepare()
        return gsl_cdf_ugaussian_P((x - mean) / standardDeviation)
    }

    public func survival(_ x: Double) -> Double {
        GSL.prepare()
        return gsl_cdf_ugaussian_Q((x - mean) / standardDeviation)
    }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        GSL.prepare()
        return mean + standardDeviation * gsl_cdf_ugaussian_Pinv(p)
    }

    /// The x with P(X > x) = `q`; exact for tiny `q`, where `quantile(1 − q)` is not.
    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        GSL.prepare()
        return mean + standardDeviation * gsl_cdf_ugaussian_Qinv(q)
    }

    public func sample(_ stream: inout RandomStream) -> Double { transport(stream.gaussian()) }

    public func transport(_ z: Double) -> Double { mean + standardDeviation * z }

    /// ∂x/∂μ = 1, ∂x/∂σ = (x − μ)/σ.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent], [cotangent * (value - mean) / standardDeviation]]
    }

    /// ½·ln(2π).
    static let halfLogTwoPi = 0.5 * log(2 * Double.pi)
}
