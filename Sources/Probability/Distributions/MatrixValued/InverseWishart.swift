import Foundation
import Matrices

/// The inverse Wishart distribution: X⁻¹ ~ Wishart(ν, Ψ⁻¹). Density
/// |Ψ|^(ν/2)·|X|^−((ν+p+1)/2)·exp(−½·tr ΨX⁻¹)/(2^(νp/2)·Γ_p(ν/2)), ν > p − 1.
public struct InverseWishart: MatrixDistribution {
    public let degreesOfFreedom: Double
    /// The lower Cholesky factor of Ψ `[p, p]`.
    public let choleskyFactor: Matrix<Double>

    /// - Throws: `DistributionError` unless Ψ `[p, p]` is finite, symmetric and positive definite, and ν > p − 1.
    public init(degreesOfFreedom: Double, scale: Matrix<Double>) throws(DistributionError) {
        try Self.check("degreesOfFreedom", degreesOfFreedom, .greater(than: Double(scale.rows) - 1))
        self.degreesOfFreedom = degreesOfFreedom
        choleskyFactor = try Self.factor("scale", scale, size: scale.rows)
    }

    public static var name: String { "InverseWishart" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("degreesOfFreedom", [degreesOfFreedom], .greater(than: Double(size) - 1)),
            DistributionParameter("scale", scale.elements, .positiveDefinite),
        ]
    }
    public var size: Int { choleskyFactor.rows }
    public var support: Support { .positiveDefinite(size: size) }
    /// Ψ.
    public var scale: Matrix<Double> { choleskyFactor.timesOwnTranspose() }
    private var p: Double { Double(size) }
    /// Ψ/(ν − p − 1), infinite on the diagonal and NaN elsewhere for ν ≤ p + 1.
    public var mean: Matrix<Double> {
        let excess = degreesOfFreedom - p - 1
        return excess > 0 ? (1 / excess) * scale : divergent
    }
    /// ((ν − p + 1)Ψᵢⱼ² + (ν − p − 1)Ψᵢᵢ·Ψⱼⱼ)/((ν − p)(ν − p − 1)²(ν − p − 3)), for ν > p + 3; infinite on the diagonal and
    /// NaN elsewhere otherwise.
    public var variance: Matrix<Double> {
        let m = degreesOfFreedom - p
        guard m > 3 else { return divergent }
        let s = scale
        var result = s
        for i in 0..<size {
            for j in 0..<size {
                let numerator = (m + 1) * s[i, j] * s[i, j] + (m - 1) * s[i, i] * s[j, j]
                result[i, j] = numerator / (m * (m - 1) * (m - 1) * (m - 3))
            }
        }
        return result
    }
    private var divergent: Matrix<Double> {
        var result = Matrix<Double>.undefined(size: size)
        for i in 0..<size { result[i, i] = .infinity }
        return result
    }
    /// Ψ/(ν + p + 1).
    public var mode: Matrix<Double> { (1 / (degreesOfFreedom + p + 1)) * scale }

    /// ln Γ_p(ν/2) + (p + 1)/2·ln|Ψ/2| − (ν + p + 1)/2·Σ_{j<p} ψ((ν − j)/2) + νp/2.
    public var entropy: Double {
        let digammas = (0..<size).reduce(0.0) { $0 + digamma(0.5 * (degreesOfFreedom - Double($1))) }
        let scalePart = (p + 1) * choleskyFactor.logDiagonalSum - 0.5 * p * (p + 1) * log(2)
        return logMultivariateGamma(0.5 * degreesOfFreedom, dimension: size) + scalePart
            - 0.5 * (degreesOfFreedom + p + 1) * digammas + 0.5 * degreesOfFreedom * p
    }

    public func logDensity(_ x: Matrix<Double>) -> Double {
        precondition(x.rows == size && x.columns == size, "[\(x.rows), \(x.columns)] for an inverse Wishart of size \(size)")
        guard let factor = try? CholeskyFactorization(x).factor else { return -.infinity }
        let trace = frobeniusSquare(of: choleskyFactor, over: factor)
        let powers = degreesOfFreedom * choleskyFactor.logDiagonalSum - (degreesOfFreedom + p + 1) * factor.logDiagonalSum
        return powers - 0.5 * trace - 0.5 * degreesOfFreedom * p * log(2)
            - logMultivariateGamma(0.5 * degreesOfFreedom, dimension: size)
    }

    /// From Bartlett's factor A of Wishart(ν, I): X = (A⁻¹·Mᵀ)ᵀ·(A⁻¹·Mᵀ) with Ψ = M·Mᵀ.
    public func sample(_ stream: inout RandomStream) -> Matrix<Double> {
        let a = bartlettFactor(degreesOfFreedom, size, &stream)
        // Column i of B = A⁻¹·Mᵀ is A⁻¹ applied to row i of M.
        let columns = (0..<size).map { a.solvingLower(choleskyFactor.row($0)) }
        var result = Matrix<Double>(rows: size, columns: size)
        for i in 0..<size {
            for j in 0...i {
                let value = zip(columns[i], columns[j]).reduce(0) { $0 + $1.0 * $1.1 }
                result[i, j] = value
                result[j, i] = value
            }
        }
        return result
    }
}
