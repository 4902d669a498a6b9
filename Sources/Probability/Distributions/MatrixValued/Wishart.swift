import CGSL
import Foundation
import Matrices

/// The Wishart distribution of a symmetric positive definite matrix `[p, p]`: Σ of ν products x·xᵀ, x ~ N(0, V).
///
/// Density |X|^((ν−p−1)/2)·exp(−½·tr V⁻¹X)/(2^(νp/2)·|V|^(ν/2)·Γ_p(ν/2)). ν may be any number above p − 1.
public struct Wishart: MatrixDistribution {
    public let degreesOfFreedom: Double
    /// The lower Cholesky factor of V `[p, p]`.
    public let choleskyFactor: Matrix<Double>

    /// - Throws: `DistributionError` unless V `[p, p]` is finite, symmetric and positive definite, and ν > p − 1.
    public init(degreesOfFreedom: Double, scale: Matrix<Double>) throws(DistributionError) {
        try Self.check("degreesOfFreedom", degreesOfFreedom, .greater(than: Double(scale.rows) - 1))
        self.degreesOfFreedom = degreesOfFreedom
        choleskyFactor = try Self.factor("scale", scale, size: scale.rows)
    }

    public static var name: String { "Wishart" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("degreesOfFreedom", [degreesOfFreedom], .greater(than: Double(size) - 1)),
            DistributionParameter("scale", scale.elements, .positiveDefinite),
        ]
    }
    public var size: Int { choleskyFactor.rows }
    public var support: Support { .positiveDefinite(size: size) }
    /// V.
    public var scale: Matrix<Double> { choleskyFactor.timesOwnTranspose() }
    private var p: Double { Double(size) }
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

    /// Σ_{j<p} ψ((ν − j)/2).
    var digammaSum: Double { (0..<size).reduce(0) { $0 + digamma(0.5 * (degreesOfFreedom - Double($1))) } }

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
        let powers = (degreesOfFreedom - p - 1) * factor.logDiagonalSum - 0.5 * trace
        return powers - degreesOfFreedom * choleskyFactor.logDiagonalSum - 0.5 * degreesOfFreedom * p * log(2)
            - logMultivariateGamma(0.5 * degreesOfFreedom, dimension: size)
    }

    /// Bartlett's decomposition: L·A·Aᵀ·Lᵀ, A lower triangular with χ on its diagonal and N(0, 1) below.
    public func sample(_ stream: inout RandomStream) -> Matrix<Double> {
        bartlettFactor(degreesOfFreedom, size, &stream).multiplied(fromLeftBy: choleskyFactor).timesOwnTranspose()
    }
}

/// ‖L⁻¹·M‖², both lower triangular.
func frobeniusSquare(of m: Matrix<Double>, over l: Matrix<Double>) -> Double {
    (0..<m.columns).reduce(0) { sum, column in
        let z = l.solvingLower((0..<m.rows).map { m[$0, column] })
        return z.reduce(sum) { $0 + $1 * $1 }
    }
}

/// A of Bartlett's decomposition: the diagonal √χ²(ν − i), N(0, 1) below.
func bartlettFactor(_ degreesOfFreedom: Double, _ size: Int, _ stream: inout RandomStream) -> Matrix<Double> {
    var a = Matrix<Double>(rows: size, columns: size)
    for i in 0..<size {
        for j in 0..<i { a[i, j] = stream.gaussian() }
        a[i, i] = stream.withGenerator { gsl_ran_gamma($0, 0.5 * (degreesOfFreedom - Double(i)), 2) }.squareRoot()
    }
    return a
}

extension Matrix where Scalar == Double {
    /// factor·self, both lower triangular.
    func multiplied(fromLeftBy factor: Matrix) -> Matrix {
        var result = Matrix(rows: rows, columns: columns)
        for i in 0..<rows {
            for j in 0...i {
                var sum = 0.0
                for k in j...i { sum += factor[i, k] * self[k, j] }
                result[i, j] = sum
            }
        }
        return result
    }
}
