import CGSL
import Foundation
import Matrices

/// The Wishart distribution of a symmetric positive definite matrix `[p, p]`: Σ of ν products x·xᵀ, x ~ N(0, V).
///
/// Density |X|^((ν−p−1)/2)·exp(−½·tr V⁻¹X)/(2^(νp/2)·|V|^(ν/2)·Γ_p(ν/2)). ν may be any number above p − 1.
public struct Wishart: WishartFamily {
    public let degreesOfFreedom: Double
    /// The lower Cholesky factor of V `[p, p]`.
    public let choleskyFactor: Matrix<Double>

    /// - Throws: `DistributionError` unless V `[p, p]` is finite, symmetric and positive definite, and ν > p − 1.
    public init(degreesOfFreedom: Double, scale: Matrix<Double>) throws(DistributionError) {
        (self.degreesOfFreedom, choleskyFactor) = try (degreesOfFreedom, Self.checkedFactor(degreesOfFreedom, scale))
    }

    public static var name: String { "Wishart" }
    /// νV.
    public var mean: Matrix<Double> { degreesOfFreedom * scale }
    /// ν(Vᵢⱼ² + Vᵢᵢ·Vⱼⱼ).
    public var variance: Matrix<Double> {
        let v = scale
        var result = v
        for i in 0..<size { for j in 0..<size { result[i, j] = degreesOfFreedom * (v[i, j] * v[i, j] + v[i, i] * v[j, j]) } }
        return result
    }
    /// (ν − p − 1)V where that is not negative; else NaN.
    public var mode: Matrix<Double> {
        degreesOfFreedom >= p + 1 ? (degreesOfFreedom - p - 1) * scale : .undefined(size: size)
    }

    /// E[ln det X].
    public var expectedLogDeterminant: Double { digammaSum + p * log(2) + 2 * choleskyFactor.logDiagonalSum }

    /// (p + 1)/2·ln|V| + p(p + 1)/2·ln 2 + ln Γ_p(ν/2) − (ν − p − 1)/2·Σψ + νp/2.
    public var entropy: Double {
        let normaliser = (p + 1) * choleskyFactor.logDiagonalSum + 0.5 * p * (p + 1) * log(2)
        return normaliser + logMultivariateGamma(0.5 * degreesOfFreedom, dimension: size)
            - 0.5 * (degreesOfFreedom - p - 1) * digammaSum + 0.5 * degreesOfFreedom * p
    }

    public func logDensity(_ x: Matrix<Double>) -> Double {
        precondition(x.rows == size && x.columns == size, "[\(x.rows), \(x.columns)] for a Wishart of size \(size)")
        guard let factor = try? CholeskyFactorization(x).factor else { return -.infinity }
        // tr V⁻¹X = ‖L⁻¹·M‖² with V = L·Lᵀ, X = M·Mᵀ
        let trace = frobeniusSquare(of: factor, over: choleskyFactor)
        return logNormaliser + (degreesOfFreedom - p - 1) * factor.logDiagonalSum - 0.5 * trace
    }

    /// The logarithm of what stands before the powers of X in the density.
    var logNormaliser: Double {
        -degreesOfFreedom * choleskyFactor.logDiagonalSum - 0.5 * degreesOfFreedom * p * log(2)
            - logMultivariateGamma(0.5 * degreesOfFreedom, dimension: size)
    }

    /// Bartlett's decomposition: L·A·Aᵀ·Lᵀ, A lower triangular with χ on its diagonal and N(0, 1) below.
    public func sample(_ stream: inout RandomStream) -> Matrix<Double> {
        bartlettFactor(degreesOfFreedom, size, &stream).multiplied(fromLeftBy: choleskyFactor).timesOwnTranspose()
    }

    public func sample(_ count: Int, _ stream: inout RandomStream) -> [Matrix<Double>] {
        let (size, l) = (size, choleskyFactor)
        let factors = BulkBartlett(degreesOfFreedom: degreesOfFreedom, size: size, count: count, &stream)
        return matrixDraws(count, size: size) { index, x in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * size * size) { scratch in
                guard let a = scratch.baseAddress else { return }
                let m = a + size * size
                factors.write(index, to: a)
                lowerProduct(l.pointer, a, m, size)
                for i in 0..<size {
                    for j in 0...i {
                        var sum = 0.0
                        for k in 0...j { sum += m[i * size + k] * m[j * size + k] }
                        (x[i * size + j], x[j * size + i]) = (sum, sum)
                    }
                }
            }
        }
    }
}

extension Wishart: ReparameterizedDistribution {
    /// By ν: Bartlett's A is a function of X, its diagonal moves as the roots of χ²(ν − i) do. By V: X moves by
    /// ½(dV·V⁻¹X + X·V⁻¹dV), the congruence that carries Wishart(ν, V) to Wishart(ν, V + dV); the gradient is that of V's
    /// elements moving together with their mirror images. O(p³).
    public func pathwiseGradient(at value: Matrix<Double>, cotangent: Matrix<Double>) -> [[Double]] {
        guard let m = try? CholeskyFactorization(value).factor else { return undefinedGradient }
        let s = cotangent.symmetricPart()
        // M = L·A, so that dX = L·dA·Mᵀ + its transpose.
        let a = m.lowerColumnsSolved(by: choleskyFactor)
        let byA = choleskyFactor.multiplied(.transposed, by: s.multiplied(by: m))
        let byDegrees = (0..<size).reduce(0) { $0 + 2 * byA[$1, $1] * chiSlope(a[$1, $1], $1) }
        return [[byDegrees], s.multiplied(by: value).solvedFromRight(by: choleskyFactor).symmetricPart().elements]
    }
}
