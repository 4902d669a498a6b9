import CGSL
import Foundation
import Matrices

/// The multivariate t distribution with ν degrees of freedom, location μ and scale matrix S = L·Lᵀ (not the covariance,
/// which is S·ν/(ν − 2)): density ∝ (1 + (x − μ)ᵀ·S⁻¹·(x − μ)/ν)^−(ν+d)/2.
public struct MultivariateStudentT: MultivariateDistribution, ReparameterizedDistribution {
    public let degreesOfFreedom: Double
    public let location: [Double]
    /// L `[d, d]`, lower triangular with positive diagonal.
    public let choleskyFactor: Matrix<Double>
    private let logNormaliser: Double

    /// From the scale matrix S, of which the lower triangle is used.
    ///
    /// - Throws: `DistributionError` unless ν is finite and above 0, μ is finite and S `[d, d]` is finite, symmetric and
    ///   positive definite.
    public init(degreesOfFreedom: Double, location: [Double], scale: Matrix<Double>) throws(DistributionError) {
        try self.init(degreesOfFreedom, location, Self.factor("scale", scale, size: location.count))
    }

    /// From L.
    ///
    /// - Throws: `DistributionError` unless L `[d, d]` is lower triangular with a positive diagonal.
    public init(
        degreesOfFreedom: Double, location: [Double], choleskyFactor: Matrix<Double>
    ) throws(DistributionError) {
        try Self.checkFactor("choleskyFactor", choleskyFactor, size: location.count)
        try self.init(degreesOfFreedom, location, choleskyFactor)
    }

    private init(_ nu: Double, _ location: [Double], _ factor: Matrix<Double>) throws(DistributionError) {
        try Self.check("degreesOfFreedom", nu, .positive)
        try DistributionParameter("location", location, .real).check(in: Self.name)
        (degreesOfFreedom, self.location, choleskyFactor) = (nu, location, factor)
        let d = Double(location.count)
        logNormaliser = logRisingFactorial(0.5 * nu, 0.5 * d) - 0.5 * d * log(nu * Double.pi) - factor.logDiagonalSum
    }

    public static var name: String { "MultivariateStudentT" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("degreesOfFreedom", [degreesOfFreedom], .positive),
            DistributionParameter("location", location, .real),
            DistributionParameter("choleskyFactor", choleskyFactor.elements, .lowerCholesky),
        ]
    }
    public var dimension: Int { location.count }
    public var support: Support { .realVectors(dimension: dimension) }
    public var mode: [Double] { location }
    /// μ for ν > 1, else NaN.
    public var mean: [Double] { degreesOfFreedom > 1 ? location : location.map { _ in .nan } }
    /// ν/(ν − 2) for ν > 2, infinite for 1 < ν ≤ 2, else NaN.
    private var spread: Double {
        degreesOfFreedom > 2 ? degreesOfFreedom / (degreesOfFreedom - 2) : degreesOfFreedom > 1 ? .infinity : .nan
    }
    public var variance: [Double] {
        (0..<dimension).map { i in spread * choleskyFactor.row(i).reduce(0) { $0 + $1 * $1 } }
    }
    /// S·ν/(ν − 2).
    public var covariance: Matrix<Double> { spread * choleskyFactor.timesOwnTranspose() }

    /// (ν + d)/2·(ψ((ν + d)/2) − ψ(ν/2)) less the logarithm of the normaliser.
    public var entropy: Double {
        let (a, b) = (0.5 * degreesOfFreedom, 0.5 * (degreesOfFreedom + Double(dimension)))
        let difference = log1p(0.5 * Double(dimension) / a) + digammaMinusLog(b) - digammaMinusLog(a)
        return b * difference - logNormaliser
    }

    private func logDensity(square: Double) -> Double {
        logNormaliser - 0.5 * (degreesOfFreedom + Double(dimension)) * log1p(square / degreesOfFreedom)
    }

    public func logDensity(_ x: [Double]) -> Double {
        checkWidth(x.count)
        if x.contains(where: \.isInfinite) { return -.infinity }
        let z = choleskyFactor.solvingLower(zip(x, location).map { $0 - $1 })
        return logDensity(square: z.reduce(0) { $0 + $1 * $1 })
    }

    /// In blocks of rows: one triangular solve (BLAS `trsm`) each.
    public func logDensities(_ rows: Matrix<Double>) -> [Double] {
        checkWidth(rows.columns)
        return lowerSquares(rows, location, choleskyFactor).map { logDensity(square: $0) }
    }

    /// μ + L·z·√(ν/χ²), z standard normal, χ² chi-squared with ν degrees of freedom.
    public func sample(_ stream: inout RandomStream) -> [Double] {
        let z = (0..<dimension).map { _ in stream.gaussian() }
        let g = stream.withGenerator { gsl_ran_gamma($0, 0.5 * degreesOfFreedom, 1) }
        let stretch = (0.5 * degreesOfFreedom / g).squareRoot()
        return zip(choleskyFactor.lowerTimes(z), location).map { $1 + stretch * $0 }
    }

    /// Normal rows (one product with L) and gamma numbers, both by the vector kernels.
    public func fill(_ rows: inout Matrix<Double>, _ stream: inout RandomStream) {
        checkWidth(rows.columns)
        fillWithTransportedNoise(&rows, location.map { _ in 0 }, choleskyFactor, &stream)
        let (d, count) = (dimension, rows.rows)
        var squares = [Double](repeating: 0, count: count)
        squares.withUnsafeMutableBufferPointer {
            fillGamma($0, concentration: 0.5 * degreesOfFreedom, scale: 2 / degreesOfFreedom, &stream)
        }
        let (location, stretches) = (location, squares.map { 1 / $0.squareRoot() })
        rows.withUnsafeMutableElements { elements in
            nonisolated(unsafe) let target = elements  // each piece writes its own rows
            Parallelism.forEachRange(of: count, size: max(16, 32_768 / max(1, d))) { range in
                for row in range {
                    for j in 0..<d { target[row * d + j] = location[j] + stretches[row] * target[row * d + j] }
                }
            }
        }
    }

    /// With u = L⁻¹(x − μ): by μ the cotangent c, by Lᵢⱼ cᵢ·uⱼ; by ν u keeps its direction, and ‖u‖²/d ~ F(d, ν) its
    /// probability.
    public func pathwiseGradient(at value: [Double], cotangent: [Double]) -> [[Double]] {
        checkWidth(value.count)
        let shift = zip(value, location).map { $0 - $1 }
        let u = choleskyFactor.solvingLower(shift)
        let ratio = u.reduce(0) { $0 + $1 * $1 } / Double(dimension)
        var byDegrees = 0.0
        if ratio > 0, let f = try? FisherF(degreesOfFreedom1: Double(dimension), degreesOfFreedom2: degreesOfFreedom) {
            let along = zip(cotangent, shift).reduce(0) { $0 + $1.0 * $1.1 }
            byDegrees = f.pathwiseGradient(at: ratio, cotangent: 0.5 * along / ratio)[1][0]
        }
        let byFactor = cotangent.enumerated().flatMap { i, c in u.enumerated().map { $0.offset <= i ? c * $0.element : 0 } }
        return [[byDegrees], cotangent, byFactor]
    }
}
