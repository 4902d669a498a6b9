import Foundation
import Matrices
import Probability

/// Estimators of lower bounds of the log evidence ln ∫ p(data, x) dx, whose gradients fit a guide q (Jordan et al.
/// 1999; Kingma and Welling 2014, arXiv 1312.6114).
public enum EvidenceBound: Sendable, Hashable {
    /// E_q ln p(data | x) by draws, less KL(q ‖ prior) in closed form; for normal priors. Least noise where the
    /// likelihood says little.
    case closedFormDivergence(samples: Int)
    /// E_q ln p(data, x) by draws, plus the entropy of q in closed form.
    case closedFormEntropy(samples: Int)
    /// E_q [ln p(data, x) − ln q(x)] by draws; `stickingTheLanding` leaves out the part of the gradient whose mean is
    /// zero, so that its noise vanishes as the guide becomes exact.
    case monteCarlo(samples: Int, stickingTheLanding: Bool = true)
    /// E ln (1/K) Σ p(data, x_k)/q(x_k) over `samples` groups of K = `weights` draws (Burda, Grosse and Salakhutdinov
    /// 2016, arXiv 1509.00519): rises to the log evidence with K, and lets the guide be wider than the posterior.
    case importanceWeighted(samples: Int, weights: Int)

    /// Draws of the guide that one estimate takes.
    public var draws: Int {
        switch self {
        case .closedFormDivergence(let samples), .closedFormEntropy(let samples), .monteCarlo(let samples, _): samples
        case .importanceWeighted(let samples, let weights): samples * weights
        }
    }

    /// The estimate in nats, `[1, 1]`, from standard normal noise `[draws, D]`.
    ///
    /// - Throws: `VariationalError.priorIsNotNormal` for a closed-form divergence from another prior.
    public func estimate<Scalar: MatrixScalar>(
        _ model: VariationalModel<Scalar>, _ guide: some VariationalGuide<Scalar>, noise: Matrix<Scalar>,
        on tape: Tape<Scalar>
    ) throws(VariationalError) -> Variable<Scalar> {
        precondition(guide.dimension == model.dimension, "a guide of \(guide.dimension), not \(model.dimension)")
        precondition(
            noise.rows == draws && noise.columns == model.dimension,
            "noise [\(noise.rows), \(noise.columns)] for \(draws) draws of \(model.dimension) dimensions")
        let drawn = guide.draw(from: noise, on: tape)
        let share = 1 / Scalar(noise.rows)
        switch self {
        case .closedFormDivergence:
            guard case .normal(let mean, let deviation) = model.prior else { throw .priorIsNotNormal }
            let divergence = guide.divergence(
                fromNormalWithMean: Matrix(rows: 1, columns: mean.count, elements: mean),
                standardDeviation: Matrix(rows: 1, columns: deviation.count, elements: deviation), on: tape)
            return share * model.logLikelihood(drawn.values).sum() - divergence
        case .closedFormEntropy:
            return share * model.logJoint(drawn.values).sum() + guide.entropy(on: tape)
        case .monteCarlo(_, let stickingTheLanding):
            let logDensities = stickingTheLanding ? drawn.pathwiseLogDensities : drawn.logDensities
            return share * (model.logJoint(drawn.values) - logDensities).sum()
        case .importanceWeighted(let samples, let weights):
            let ratios = (model.logJoint(drawn.values) - drawn.logDensities).reshaped(rows: samples, columns: weights)
            return (1 / Scalar(samples)) * ratios.rowLogSumExp().sum()
                .affine(factor: 1, constant: -Scalar(Double(samples) * log(Double(weights))))
        }
    }
}

/// What variational inference refuses.
public enum VariationalError: Error, Hashable, Sendable, CustomStringConvertible {
    case badOption(name: String, value: String, expected: String)
    /// A closed-form divergence was asked for a prior that is no product of normals.
    case priorIsNotNormal
    /// The bound became NaN or infinite at this step; the guide's parameters are those before it.
    case notFinite(step: Int, bound: Double)

    public var description: String {
        switch self {
        case .badOption(let name, let value, let expected):
            "variational inference: \(name) is \(value), expected \(expected)"
        case .priorIsNotNormal:
            "variational inference: the prior is given by its density, expected .normal for a closed-form divergence"
        case .notFinite(let step, let bound):
            "variational inference: the bound is \(bound) at step \(step); try a smaller learning rate or another start"
        }
    }
}
