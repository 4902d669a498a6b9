import Foundation
import Matrices
import Probability

/// A family of normal distributions over a model's parameters, as the approximation of its posterior: draws are smooth
/// functions of standard normal noise and of the guide's own parameters, so that gradients pass through them.
public protocol VariationalGuide<Scalar> {
    associatedtype Scalar: MatrixScalar
    /// The number of the model's parameters, D.
    var dimension: Int { get }
    /// What the fit changes.
    var parameters: [Parameter<Scalar>] { get }
    /// Draws `[S, D]` from noise `[S, D]`, one a row.
    func draw(from noise: Matrix<Scalar>, on tape: Tape<Scalar>) -> GuideDraws<Scalar>
    /// The entropy in nats, `[1, 1]`.
    func entropy(on tape: Tape<Scalar>) -> Variable<Scalar>
    /// KL(guide ‖ N(mean, diag standardDeviation²)) in closed form, in nats, `[1, 1]`; both `[1, D]`.
    func divergence(
        fromNormalWithMean mean: Matrix<Scalar>, standardDeviation: Matrix<Scalar>, on tape: Tape<Scalar>
    ) -> Variable<Scalar>
    /// The mean, D numbers.
    var mean: [Double] { get }
    /// The covariance `[D, D]`.
    var covariance: Matrix<Double> { get }
}

extension VariationalGuide {
    /// Location and ln σ, `[1, D]` each, where a normal guide starts: N(mean, standardDeviation²) in every coordinate, zeros
    /// where there is no mean.
    static func start(
        dimension: Int, mean: [Scalar]?, standardDeviation: Scalar
    ) -> (location: Parameter<Scalar>, logScale: Parameter<Scalar>) {
        precondition(dimension > 0 && standardDeviation > 0, "\(dimension) dimensions, deviation \(standardDeviation)")
        precondition((mean?.count ?? dimension) == dimension, "a mean of another length")
        let mean = mean ?? [Scalar](repeating: 0, count: dimension)
        let logDeviation = Scalar(Foundation.log(Double(standardDeviation)))
        return (
            Parameter(name: "location", value: Matrix(rows: 1, columns: dimension, elements: mean)),
            Parameter(name: "log_scale", value: Matrix(rows: 1, columns: dimension, repeating: logDeviation))
        )
    }
}

/// Draws of a guide with their log densities under it.
public struct GuideDraws<Scalar: MatrixScalar> {
    /// `[S, D]`.
    public let values: Variable<Scalar>
    /// ln q of each row, `[S, 1]`; its gradient is the whole one, through the draws and the guide's parameters.
    public let logDensities: Variable<Scalar>
    /// The same numbers, whose gradient passes through the draws alone: leaving out the part whose mean is zero makes
    /// the ELBO's gradient vanish where the guide is exact (Roeder, Wu and Duvenaud 2017, arXiv 1703.09194).
    public let pathwiseLogDensities: Variable<Scalar>
}

extension VariationalGuide {
    /// The standard deviation of each parameter.
    public var standardDeviation: [Double] {
        let covariance = covariance
        return (0..<dimension).map { covariance[$0, $0].squareRoot() }
    }

    /// `count` draws `[count, D]` and their log densities under the guide.
    public func sample(
        _ count: Int, noise: inout NormalNoise
    ) -> (positions: Matrix<Scalar>, logDensities: [Double]) {
        let drawn = draw(from: noise.matrix(rows: count, columns: dimension), on: Tape())
        return (drawn.values.value, drawn.logDensities.value.elements.map { Double($0) })
    }

    /// ln q = −½‖z‖² − Σ ln scale − D/2·ln 2π of each row, from the noise alone: `[S, 1]`.
    func logDensities(
        _ noise: Matrix<Scalar>, logScales: Variable<Scalar>, on tape: Tape<Scalar>
    ) -> Variable<Scalar> {
        let constant = Double(dimension) / 2 * log(2 * Double.pi)
        let squares = Matrix<Scalar>(
            rows: noise.rows, columns: 1,
            elements: noise.rowSquaredNorms().map { Scalar(-0.5 * Double($0) - constant) })
        let total = logScales.rowSums().scaled(by: -1)
        return tape.constant(squares) + total.tiled(noise.rows)
    }

    /// Numbers `logDensities` of normal draws x whose derivative by x is `slopes` `[S, D]`.
    func pathwise(
        _ logDensities: Variable<Scalar>, of draws: Variable<Scalar>, slopes: Matrix<Scalar>
    ) -> Variable<Scalar> {
        draws.tape.record(logDensities.value, from: [draws]) { tape, gradient in
            var part = slopes
            let target = part.mutablePointer()
            for row in 0..<part.rows {
                Scalar.Kernels.scale(target + row * part.columns, gradient[row, 0], part.columns)
            }
            tape.accumulate(part, to: draws)
        }
    }
}

/// ½·ln(2πe) for each of D coordinates.
func normalEntropyConstant<Scalar: MatrixScalar>(_ dimension: Int) -> Scalar {
    Scalar(Double(dimension) * 0.5 * (1 + log(2 * Double.pi)))
}
