import Foundation
import Matrices

/// The multivariate normal distribution with independent coordinates, N(μ, diag σ²).
public struct DiagonalNormal: MultivariateDistribution, NormalTransport {
    public let mean: [Double]
    public let standardDeviation: [Double]

    /// - Throws: `DistributionError` where the two differ in length, a mean is not finite, or a standard deviation is
    ///   not finite and above 0.
    public init(mean: [Double], standardDeviation: [Double]) throws(DistributionError) {
        guard mean.count == standardDeviation.count else {
            throw .dimensionMismatch(
                distribution: Self.name, parameter: "standardDeviation", expected: mean.count,
                found: standardDeviation.count)
        }
        self.mean = mean
        self.standardDeviation = standardDeviation
        try checkParameters()
    }

    public static var name: String { "DiagonalNormal" }

    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("mean", mean, .real),
            DistributionParameter("standardDeviation", standardDeviation, .positive),
        ]
    }

    public var dimension: Int { mean.count }
    public var support: Support { .realVectors(dimension: dimension) }
    public var variance: [Double] { standardDeviation.map { $0 * $0 } }

    public var mode: [Double] { mean }
    public var covariance: Matrix<Double> { .diagonal(variance) }

    /// Σ_d ½·ln(2πe) + ln σ_d.
    public var entropy: Double {
        standardDeviation.reduce(0) { $0 + halfLogTwoPi + 0.5 + log($1) }
    }

    public func logDensity(_ x: [Double]) -> Double {
        checkWidth(x.count)
        return (0..<dimension).reduce(0) { sum, d in
            let z = (x[d] - mean[d]) / standardDeviation[d]
            return sum - 0.5 * z * z - log(standardDeviation[d]) - halfLogTwoPi
        }
    }

    public func sample(_ stream: inout RandomStream) -> [Double] {
        transport((0..<dimension).map { _ in stream.gaussian() })
    }

    public func transport(_ z: [Double]) -> [Double] {
        checkWidth(z.count)
        return (0..<dimension).map { mean[$0] + standardDeviation[$0] * z[$0] }
    }

    public func pathwiseGradient(at value: [Double], cotangent: [Double]) -> [[Double]] {
        [cotangent, (0..<dimension).map { cotangent[$0] * (value[$0] - mean[$0]) / standardDeviation[$0] }]
    }

    public func fill(_ rows: inout Matrix<Double>, _ stream: inout RandomStream) {
        var noise = NormalNoise(drawnFrom: &stream)
        fill(&rows, noise: &noise)
    }

    /// `rows` draws in bulk, `[rows, dimension]`, from noise that is addressed by position.
    public func sampleMatrix<Scalar: MatrixScalar>(
        _ type: Scalar.Type = Scalar.self, rows: Int, noise: inout NormalNoise
    ) -> Matrix<Scalar> {
        var result = Matrix<Scalar>(uninitialized: rows, dimension)
        fill(&result, noise: &noise)
        return result
    }

    private func fill<Scalar: MatrixScalar>(_ rows: inout Matrix<Scalar>, noise: inout NormalNoise) {
        checkWidth(rows.columns)
        noise.fill(&rows)
        let (mean, sigma) = (mean.map { Scalar($0) }, standardDeviation.map { Scalar($0) })
        let target = rows.mutablePointer()
        for row in 0..<rows.rows {
            for d in 0..<mean.count { target[row * mean.count + d] = mean[d] + sigma[d] * target[row * mean.count + d] }
        }
    }
}
