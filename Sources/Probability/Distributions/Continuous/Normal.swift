import Foundation

/// The normal distribution N(μ, σ²): density exp(−(x − μ)²/(2σ²)) / (σ√(2π)).
///
/// Distribution function by the C library's `erfc`, quantile by GSL's `gsl_cdf_ugaussian_Pinv`, both accurate in both
/// tails. Bulk draws come from `NormalNoise`.
public struct Normal: ContinuousDistribution, NormalTransport {
    public let mean: Double
    public let standardDeviation: Double

    /// - Throws: `DistributionError.invalidParameter` unless `mean` is finite and `standardDeviation` finite and
    ///   above 0.
    public init(mean: Double, standardDeviation: Double) throws(DistributionError) {
        self.mean = mean
        self.standardDeviation = standardDeviation
        try Self.check("mean", mean, .real)
        try Self.check("standardDeviation", standardDeviation, .positive)
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
    public var mode: Double { mean }
    public var variance: Double { standardDeviation * standardDeviation }

    /// ½·ln(2πe) + ln σ.
    public var entropy: Double { halfLogTwoPi + 0.5 + log(standardDeviation) }

    public func logDensity(_ x: Double) -> Double {
        let z = (x - mean) / standardDeviation
        return -0.5 * z * z - log(standardDeviation) - halfLogTwoPi
    }

    public func cdf(_ x: Double) -> Double { normalCdf((x - mean) / standardDeviation) }

    public func survival(_ x: Double) -> Double { normalCdf(-(x - mean) / standardDeviation) }

    public func logCdf(_ x: Double) -> Double { logNormalCdf((x - mean) / standardDeviation) }

    public func logSurvival(_ x: Double) -> Double { logNormalCdf(-(x - mean) / standardDeviation) }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        return mean + standardDeviation * normalQuantile(p)
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        return mean - standardDeviation * normalQuantile(q)
    }

    public func logDensities(
        _ values: UnsafeBufferPointer<Double>, into result: UnsafeMutableBufferPointer<Double>
    ) {
        let (mean, scale, constant) = (mean, 1 / standardDeviation, -log(standardDeviation) - halfLogTwoPi)
        forEachPiece(values, result) { values, result in
            for index in values.indices {
                let z = (values[index] - mean) * scale
                result[index] = constant - 0.5 * (z * z)
            }
        }
    }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream) {
        let (mean, scale) = (mean, standardDeviation)
        fillFromNormals(buffer, &stream) { part in
            for index in part.indices { part[index] = mean + scale * part[index] }
        }
    }

    public func sample(_ stream: inout RandomStream) -> Double { transport(stream.gaussian()) }

    public func transport(_ z: Double) -> Double { mean + standardDeviation * z }

    /// ∂x/∂μ = 1, ∂x/∂σ = (x − μ)/σ.
    public func pathwiseGradient(at value: Double, cotangent: Double) -> [[Double]] {
        [[cotangent], [cotangent * (value - mean) / standardDeviation]]
    }
}
