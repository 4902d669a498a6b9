import Foundation
import Matrices
import Probability

/// A Bayesian model written with operations of variables, for many positions at once: a prior and a log likelihood of
/// each row of positions `[S, D]`.
///
/// The same model is fitted by `VariationalInference` and sampled by NUTS (through `logDensity`).
///
/// ```swift
/// // Logistic regression on rows x `[N, D]` with labels y `[N]`, as matrices.
/// let model = VariationalModel<Double>(
///     dimension: 4, prior: .normal(mean: [0, 0, 0, 0], standardDeviation: [1, 1, 1, 1])
/// ) { w in
///     let logits = w.multiplied(by: w.tape.constant(x), .transposed)          // [S, N]
///     return logits.multiplied(by: w.tape.constant(y)) - logits.softplus().rowSums()
/// }
/// ```
public struct VariationalModel<Scalar: MatrixScalar>: Sendable {
    /// From positions `[S, D]` to one log density a row, `[S, 1]`, in nats.
    public typealias RowDensity = @Sendable (Variable<Scalar>) -> Variable<Scalar>

    /// What is known of the parameters before the data.
    public enum Prior: Sendable {
        /// Independent normal parameters, for which divergences have a closed form; D means and deviations.
        case normal(mean: [Scalar], standardDeviation: [Scalar])
        /// Anything else, by its log density.
        case logDensity(RowDensity)
    }

    public let dimension: Int
    public let parameterNames: [String]
    public let prior: Prior
    private let likelihood: RowDensity

    public init(
        dimension: Int, parameterNames: [String]? = nil, prior: Prior, logLikelihood: @escaping RowDensity
    ) {
        precondition(dimension > 0, "\(dimension) dimensions")
        precondition((parameterNames?.count ?? dimension) == dimension, "names of another number of parameters")
        if case .normal(let mean, let deviation) = prior {
            precondition(
                mean.count == dimension && deviation.count == dimension && deviation.allSatisfy { $0 > 0 },
                "a prior of \(dimension) dimensions has as many means and deviations above 0")
        }
        self.dimension = dimension
        self.parameterNames = parameterNames ?? (0..<dimension).map { "x[\($0)]" }
        self.prior = prior
        likelihood = logLikelihood
    }

    /// The log likelihood of each row of `positions` `[S, D]`, `[S, 1]`.
    public func logLikelihood(_ positions: Variable<Scalar>) -> Variable<Scalar> {
        checked(likelihood(positions), positions)
    }

    /// The prior's log density of each row, `[S, 1]`.
    public func logPrior(_ positions: Variable<Scalar>) -> Variable<Scalar> {
        switch prior {
        case .logDensity(let density): return checked(density(positions), positions)
        case .normal(let mean, let deviation):
            let tape = positions.tape
            let inverse = Matrix(rows: 1, columns: dimension, elements: deviation.map { 1 / $0 })
            let centre = Matrix(rows: 1, columns: dimension, elements: mean.map { -$0 })
            let z = positions.adding(row: tape.constant(centre))
                .multipliedElementwise(by: tape.constant(inverse).tiled(positions.rows))
            let constant = deviation.reduce(0) { $0 - log(Double($1)) } - Double(dimension) / 2 * log(2 * Double.pi)
            return z.squared().rowSums().affine(factor: -0.5, constant: Scalar(constant))
        }
    }

    /// Prior and likelihood together.
    public func logJoint(_ positions: Variable<Scalar>) -> Variable<Scalar> {
        logPrior(positions) + logLikelihood(positions)
    }

    private func checked(_ result: Variable<Scalar>, _ positions: Variable<Scalar>) -> Variable<Scalar> {
        precondition(
            result.rows == positions.rows && result.columns == 1,
            "a log density of \(positions.rows) rows has the shape [\(positions.rows), 1], not \(result.shape)")
        return result
    }
}

extension VariationalModel<Double> {
    /// The model as samplers of Markov chains take it.
    public var logDensity: TapeLogDensity { TapeLogDensity(model: self) }
}

/// A variational model's joint log density with its gradient by the tape, one position at a time.
///
/// A density written by hand with its gradient is faster for tiny models: a tape costs some tens of microseconds a
/// position.
public struct TapeLogDensity: DifferentiableLogDensityModel {
    public let model: VariationalModel<Double>

    public init(model: VariationalModel<Double>) { self.model = model }

    public var dimension: Int { model.dimension }
    public var parameterNames: [String] { model.parameterNames }

    public func logDensity(at position: [Double]) -> Double {
        let tape = Tape<Double>()
        return model.logJoint(tape.constant(Matrix(rows: 1, columns: dimension, elements: position))).scalar
    }

    public func logDensity(at position: [Double], gradient: inout [Double]) -> Double {
        let tape = Tape<Double>()
        let input = tape.input(Matrix(rows: 1, columns: dimension, elements: position))
        let density = model.logJoint(input)
        let value = density.scalar
        tape.backward(from: density)
        if let slopes = tape.gradient(of: input) {
            slopes.withUnsafeElements { for k in 0..<dimension { gradient[k] = $0[k] } }
        } else {
            for k in 0..<dimension { gradient[k] = 0 }
        }
        return value
    }
}
