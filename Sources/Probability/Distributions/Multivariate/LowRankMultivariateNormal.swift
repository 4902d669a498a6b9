import Foundation
import Matrices

/// The multivariate normal distribution N(μ, W·Wᵀ + diag D) with a factor W of few columns.
///
/// By the matrix determinant and inversion lemmas on C = I + Wᵀ·D⁻¹·W `[r, r]`: O(d·r² + r³) to make, O(d·r) per value.
public struct LowRankMultivariateNormal: MultivariateDistribution, ReparameterizedDistribution {
    public let mean: [Double]
    /// W `[d, r]`.
    public let factor: Matrix<Double>
    /// D `[d]`, variances.
    public let diagonal: [Double]
    /// The Cholesky factor of C.
    private let capacitance: Matrix<Double>

    /// - Throws: `DistributionError` unless μ and W are finite, D is finite and above 0, and the sizes fit.
    public init(mean: [Double], factor: Matrix<Double>, diagonal: [Double]) throws(DistributionError) {
        let (d, r) = (mean.count, factor.columns)
        guard factor.rows == d else {
            throw .dimensionMismatch(distribution: Self.name, parameter: "factor", expected: d, found: factor.rows)
        }
        guard diagonal.count == d else {
            throw .dimensionMismatch(distribution: Self.name, parameter: "diagonal", expected: d, found: diagonal.count)
        }
        (self.mean, self.factor, self.diagonal) = (mean, factor, diagonal)
        try DistributionParameter("mean", mean, .real).check(in: Self.name)
        try DistributionParameter("factor", factor.elements, .real).check(in: Self.name)
        try DistributionParameter("diagonal", diagonal, .positive).check(in: Self.name)
        var c = Matrix<Double>(rows: r, columns: r)
        for i in 0..<r {
            for j in 0..<r {
                c[i, j] = (0..<d).reduce(i == j ? 1.0 : 0) { $0 + factor[$1, i] * factor[$1, j] / diagonal[$1] }
            }
        }
        capacitance = try Self.factor("factor", c, size: r)
    }

    public static var name: String { "LowRankMultivariateNormal" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("mean", mean, .real), DistributionParameter("factor", factor.elements, .real),
            DistributionParameter("diagonal", diagonal, .positive),
        ]
    }
    public var dimension: Int { mean.count }
    public var support: Support { .realVectors(dimension: dimension) }
    public var mode: [Double] { mean }
    public var variance: [Double] {
        (0..<dimension).map { i in factor.row(i).reduce(diagonal[i]) { $0 + $1 * $1 } }
    }
    public var covariance: Matrix<Double> {
        var result = Matrix<Double>.diagonal(diagonal)
        for i in 0..<dimension {
            for j in 0..<dimension { result[i, j] += zip(factor.row(i), factor.row(j)).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        return result
    }
    /// ln det(W·Wᵀ + diag D).
    public var logDeterminant: Double { diagonal.reduce(0) { $0 + log($1) } + 2 * capacitance.logDiagonalSum }
    /// d/2·ln(2πe) + ½·ln det.
    public var entropy: Double { Double(dimension) * (halfLogTwoPi + 0.5) + 0.5 * logDeterminant }

    public func logDensity(_ x: [Double]) -> Double {
        checkWidth(x.count)
        if x.contains(where: \.isInfinite) { return -.infinity }
        let difference = zip(x, mean).map { $0 - $1 }
        let scaled = zip(difference, diagonal).map { $0 / $1 }
        let projected = (0..<factor.columns).map { r in (0..<dimension).reduce(0) { $0 + factor[$1, r] * scaled[$1] } }
        let inside = capacitance.solvingLower(projected).reduce(0) { $0 + $1 * $1 }
        let square = zip(difference, scaled).reduce(0) { $0 + $1.0 * $1.1 } - inside
        return -0.5 * (square + logDeterminant) - Double(dimension) * halfLogTwoPi
    }

    /// μ + √D∘e + W·g with standard normal e `[d]`, g `[r]`.
    public func sample(_ stream: inout RandomStream) -> [Double] {
        let g = (0..<factor.columns).map { _ in stream.gaussian() }
        return (0..<dimension).map { i in
            let common = zip(factor.row(i), g).reduce(0) { $0 + $1.0 * $1.1 }
            return mean[i] + diagonal[i].squareRoot() * stream.gaussian() + common
        }
    }

    public func fill(_ rows: inout Matrix<Double>, _ stream: inout RandomStream) {
        checkWidth(rows.columns)
        var noise = NormalNoise(drawnFrom: &stream)
        let g: Matrix<Double> = noise.matrix(rows: rows.rows, columns: factor.columns)
        noise.fill(&rows)
        let (d, roots) = (dimension, diagonal.map { $0.squareRoot() })
        let target = rows.mutablePointer()
        for row in 0..<rows.rows { for j in 0..<d { target[row * d + j] = mean[j] + roots[j] * target[row * d + j] } }
        rows.add(g.multiplied(by: factor, .transposed))
    }

    /// x moves by ½·dΣ·Σ⁻¹(x − μ) where the covariance changes by dΣ: that velocity carries N(μ, Σ) to N(μ, Σ + dΣ), so the
    /// gradient is unbiased, though another one than that through √D∘e + W·g.
    public func pathwiseGradient(at value: [Double], cotangent: [Double]) -> [[Double]] {
        let s = precisionTimes(zip(value, mean).map { $0 - $1 })
        // dΣ = dW·Wᵀ + W·dWᵀ + diag dD
        let alongS = (0..<factor.columns).map { r in (0..<dimension).reduce(0) { $0 + factor[$1, r] * s[$1] } }
        let alongC = (0..<factor.columns).map { r in (0..<dimension).reduce(0) { $0 + factor[$1, r] * cotangent[$1] } }
        let byFactor = (0..<dimension).flatMap { i in
            (0..<factor.columns).map { r in 0.5 * (cotangent[i] * alongS[r] + s[i] * alongC[r]) }
        }
        return [cotangent, byFactor, zip(cotangent, s).map { 0.5 * $0 * $1 }]
    }

    /// Σ⁻¹·x, by the inversion lemma. O(d·r).
    func precisionTimes(_ x: [Double]) -> [Double] {
        let scaled = zip(x, diagonal).map { $0 / $1 }
        let projected = (0..<factor.columns).map { r in (0..<dimension).reduce(0) { $0 + factor[$1, r] * scaled[$1] } }
        let g = capacitance.solvingLowerTransposed(capacitance.solvingLower(projected))
        return (0..<dimension).map { i in scaled[i] - zip(factor.row(i), g).reduce(0) { $0 + $1.0 * $1.1 } / diagonal[i] }
    }
}
