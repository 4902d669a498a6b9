import Foundation
import Matrices

/// The inverse Wishart distribution: X⁻¹ ~ Wishart(ν, Ψ⁻¹). Density
/// |Ψ|^(ν/2)·|X|^−((ν+p+1)/2)·exp(−½·tr ΨX⁻¹)/(2^(νp/2)·Γ_p(ν/2)), ν > p − 1.
public struct InverseWishart: WishartFamily {
    public let degreesOfFreedom: Double
    /// The lower Cholesky factor of Ψ `[p, p]`.
    public let choleskyFactor: Matrix<Double>

    /// - Throws: `DistributionError` unless Ψ `[p, p]` is finite, symmetric and positive definite, and ν > p − 1.
    public init(degreesOfFreedom: Double, scale: Matrix<Double>) throws(DistributionError) {
        (self.degreesOfFreedom, choleskyFactor) = try (degreesOfFreedom, Self.checkedFactor(degreesOfFreedom, scale))
    }

    public static var name: String { "InverseWishart" }
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
        let scalePart = (p + 1) * choleskyFactor.logDiagonalSum - 0.5 * p * (p + 1) * log(2)
        return logMultivariateGamma(0.5 * degreesOfFreedom, dimension: size) + scalePart
            - 0.5 * (degreesOfFreedom + p + 1) * digammaSum + 0.5 * degreesOfFreedom * p
    }

    public func logDensity(_ x: Matrix<Double>) -> Double {
        precondition(x.rows == size && x.columns == size, "[\(x.rows), \(x.columns)] for an inverse Wishart of size \(size)")
        guard let factor = try? CholeskyFactorization(x).factor else { return -.infinity }
        let trace = frobeniusSquare(of: choleskyFactor, over: factor)
        return logNormaliser - (degreesOfFreedom + p + 1) * factor.logDiagonalSum - 0.5 * trace
    }

    /// The logarithm of what stands before the powers of X in the density.
    var logNormaliser: Double {
        degreesOfFreedom * choleskyFactor.logDiagonalSum - 0.5 * degreesOfFreedom * p * log(2)
            - logMultivariateGamma(0.5 * degreesOfFreedom, dimension: size)
    }

    /// From Bartlett's factor A of Wishart(ν, I): X = (A⁻¹·Mᵀ)ᵀ·(A⁻¹·Mᵀ) with Ψ = M·Mᵀ.
    public func sample(_ stream: inout RandomStream) -> Matrix<Double> {
        let a = bartlettFactor(degreesOfFreedom, size, &stream)
        var result = Matrix<Double>(rows: size, columns: size)
        inverseProduct(a.pointer, into: result.mutablePointer())
        return result
    }

    public func sample(_ count: Int, _ stream: inout RandomStream) -> [Matrix<Double>] {
        let size = size
        let factors = BulkBartlett(degreesOfFreedom: degreesOfFreedom, size: size, count: count, &stream)
        return matrixDraws(count, size: size) { index, x in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: size * size) { scratch in
                guard let a = scratch.baseAddress else { return }
                factors.write(index, to: a)
                inverseProduct(a, into: x)
            }
        }
    }

    /// M·(A·Aᵀ)⁻¹·Mᵀ of the lower-triangular `a`.
    private func inverseProduct(_ a: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>) {
        let (n, m) = (size, choleskyFactor.pointer)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: n * n) { b in
            // Row i of b: A⁻¹ applied to row i of M.
            for i in 0..<n {
                for k in 0..<n {
                    var sum = k <= i ? m[i * n + k] : 0
                    for j in 0..<k { sum -= a[k * n + j] * b[i * n + j] }
                    b[i * n + k] = sum / a[k * n + k]
                }
            }
            for i in 0..<n {
                for j in 0...i {
                    var sum = 0.0
                    for k in 0..<n { sum += b[i * n + k] * b[j * n + k] }
                    (x[i * n + j], x[j * n + i]) = (sum, sum)
                }
            }
        }
    }
}

extension InverseWishart: ReparameterizedDistribution {
    /// By ν: A of `sample` is a function of X, its diagonal moves as the roots of χ²(ν − i) do. By Ψ: X moves by
    /// ½(dΨ·Ψ⁻¹X + X·Ψ⁻¹dΨ), as for ``Wishart``. O(p³).
    public func pathwiseGradient(at value: Matrix<Double>, cotangent: Matrix<Double>) -> [[Double]] {
        let (s, m) = (cotangent.symmetricPart(), choleskyFactor)
        // X = M·Q·Mᵀ with Q⁻¹ = A·Aᵀ; dQ = −Q·(dA·Aᵀ + A·dAᵀ)·Q.
        let q = value.lowerColumnsSolved(by: m).transposed().lowerColumnsSolved(by: m)
        guard let a = try? CholeskyFactorization(CholeskyFactorization(q).inverse()).factor else { return undefinedGradient }
        let k = m.transposed().lowerColumnsSolved(by: a)
        let h = k.multiplied(by: s).multiplied(by: k, .transposed)
        let byDegrees = (0..<size).reduce(0.0) { sum, i in
            // The diagonal of −2·A⁻ᵀ·H.
            let column = a.solvingLowerTransposed((0..<size).map { h[$0, i] })
            return sum - 2 * column[i] * chiSlope(a[i, i], i)
        }
        return [[byDegrees], s.multiplied(by: value).solvedFromRight(by: m).symmetricPart().elements]
    }
}
