import Foundation
import Matrices
import Probability

/// The full-rank normal guide N(μ, L·Lᵀ): μ, the entries of L below its diagonal, and the logarithms of its diagonal
/// are the parameters.
///
/// Follows correlations; O(D²) a draw and in memory.
public final class FullRankGuide<Scalar: MatrixScalar>: VariationalGuide {
    public let dimension: Int
    /// μ `[1, D]`.
    public let location: Parameter<Scalar>
    /// ln of L's diagonal, `[1, D]`.
    public let logScale: Parameter<Scalar>
    /// `[D, D]`, of which only the part below the diagonal is used.
    public let lower: Parameter<Scalar>
    private let mask: Matrix<Scalar>
    private let identity: Matrix<Scalar>

    /// N(mean, standardDeviation²) in every coordinate to begin with; `mean` `[D]`, zeros by default.
    public init(dimension: Int, mean: [Scalar]? = nil, standardDeviation: Scalar = 0.1) {
        self.dimension = dimension
        (location, logScale) = Self.start(dimension: dimension, mean: mean, standardDeviation: standardDeviation)
        lower = Parameter(name: "lower", value: Matrix(rows: dimension, columns: dimension))
        var (mask, identity) = (lower.value, lower.value)
        for row in 0..<dimension {
            for column in 0..<row { mask[row, column] = 1 }
            identity[row, row] = 1
        }
        (self.mask, self.identity) = (mask, identity)
    }

    public var parameters: [Parameter<Scalar>] { [location, logScale, lower] }

    /// L `[D, D]`.
    private func factor(on tape: Tape<Scalar>) -> Variable<Scalar> {
        let diagonal = tape.parameter(logScale).exp().tiled(dimension)
            .multipliedElementwise(by: tape.constant(identity))
        return tape.parameter(lower).multipliedElementwise(by: tape.constant(mask)) + diagonal
    }

    public func draw(from noise: Matrix<Scalar>, on tape: Tape<Scalar>) -> GuideDraws<Scalar> {
        let l = factor(on: tape)
        let values = tape.constant(noise).multiplied(by: l, .transposed).adding(row: tape.parameter(location))
        let logDensities = logDensities(noise, logScales: tape.parameter(logScale), on: tape)
        // ∂ln q/∂x = −L⁻ᵀ·z, row by row; the diagonal is an exponential, so only its underflow could be singular.
        let solved = try? l.value.solvingTriangle(.lower, .transposed, noise.transposed())
        let slopes = -1 * (solved?.transposed() ?? Matrix(rows: noise.rows, columns: dimension, repeating: .nan))
        return GuideDraws(
            values: values, logDensities: logDensities,
            pathwiseLogDensities: pathwise(logDensities, of: values, slopes: slopes))
    }

    public func entropy(on tape: Tape<Scalar>) -> Variable<Scalar> {
        tape.parameter(logScale).sum().affine(factor: 1, constant: normalEntropyConstant(dimension))
    }

    /// ½(Σ_ij (L_ij/s_i)² + Σ_i ((μ_i − m_i)/s_i)² − D) − Σ_i (ln L_ii − ln s_i).
    public func divergence(
        fromNormalWithMean mean: Matrix<Scalar>, standardDeviation: Matrix<Scalar>, on tape: Tape<Scalar>
    ) -> Variable<Scalar> {
        precondition(mean.count == dimension && standardDeviation.count == dimension, "a prior of another length")
        let one = Matrix<Scalar>(rows: 1, columns: dimension, repeating: 1)
        let precision = tape.constant(one.dividedElementwise(by: standardDeviation))
        let scaled = factor(on: tape).scalingRows(by: precision.transposed())
        let shift = (tape.parameter(location) - tape.constant(mean)).multipliedElementwise(by: precision)
        let squares = scaled.squared().sum() + shift.squared().sum()
        let logRatio = tape.parameter(logScale) - tape.constant(standardDeviation.log())
        return squares.affine(factor: 0.5, constant: -Scalar(dimension) / 2) - logRatio.sum()
    }

    public var mean: [Double] { location.value.elements.map { Double($0) } }

    public var covariance: Matrix<Double> {
        let l = factor(on: Tape()).value.elements.map { Double($0) }
        let factor = Matrix<Double>(rows: dimension, columns: dimension, elements: l)
        return factor.multiplied(by: factor, .transposed)
    }
}
