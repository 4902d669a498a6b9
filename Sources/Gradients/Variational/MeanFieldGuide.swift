import Foundation
import Matrices
import Probability

/// The mean-field normal guide: independent coordinates N(μ_d, σ_d²), with μ and ln σ as parameters.
///
/// Cheap, O(D) a draw; cannot follow correlations, and its standard deviations then come out too small.
public final class MeanFieldGuide<Scalar: MatrixScalar>: VariationalGuide {
    public let dimension: Int
    /// μ `[1, D]`.
    public let location: Parameter<Scalar>
    /// ln σ `[1, D]`.
    public let logScale: Parameter<Scalar>

    /// N(mean, standardDeviation²) in every coordinate to begin with; `mean` `[D]`, zeros by default.
    public init(dimension: Int, mean: [Scalar]? = nil, standardDeviation: Scalar = 0.1) {
        self.dimension = dimension
        (location, logScale) = Self.start(dimension: dimension, mean: mean, standardDeviation: standardDeviation)
    }

    public var parameters: [Parameter<Scalar>] { [location, logScale] }

    public func draw(from noise: Matrix<Scalar>, on tape: Tape<Scalar>) -> GuideDraws<Scalar> {
        let (mu, omega) = (tape.parameter(location), tape.parameter(logScale))
        let spread = omega.exp().tiled(noise.rows).multipliedElementwise(by: tape.constant(noise))
        let values = spread.adding(row: mu)
        let logDensities = logDensities(noise, logScales: omega, on: tape)
        // ∂ln q/∂x = −z/σ.
        let inverse = (-1 * logScale.value).exp()
        var slopes = noise
        let target = slopes.mutablePointer()
        for row in 0..<slopes.rows {
            let part = target + row * dimension
            Scalar.Kernels.multiply(part, part, inverse.pointer, dimension)
            Scalar.Kernels.scale(part, -1, dimension)
        }
        return GuideDraws(
            values: values, logDensities: logDensities,
            pathwiseLogDensities: pathwise(logDensities, of: values, slopes: slopes))
    }

    public func entropy(on tape: Tape<Scalar>) -> Variable<Scalar> {
        tape.parameter(logScale).sum().affine(factor: 1, constant: normalEntropyConstant(dimension))
    }

    public func divergence(
        fromNormalWithMean mean: Matrix<Scalar>, standardDeviation: Matrix<Scalar>, on tape: Tape<Scalar>
    ) -> Variable<Scalar> {
        tape.parameter(location).divergence(
            standardDeviation: tape.parameter(logScale).exp(), priorMean: tape.constant(mean),
            priorStandardDeviation: tape.constant(standardDeviation))
    }

    public var mean: [Double] { location.value.elements.map { Double($0) } }

    public var covariance: Matrix<Double> {
        var result = Matrix<Double>(rows: dimension, columns: dimension)
        for d in 0..<dimension { result[d, d] = exp(2 * Double(logScale.value[0, d])) }
        return result
    }
}
