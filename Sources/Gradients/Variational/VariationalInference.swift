import Foundation
import Matrices
import Probability

/// Fits a guide to a model's posterior by stochastic gradient ascent on an evidence bound (automatic differentiation
/// variational inference: Kucukelbir et al. 2017, arXiv 1603.00788).
///
/// ```swift
/// let guide = FullRankGuide<Double>(dimension: model.dimension)
/// let fit = try VariationalInference().fit(model, guide, seed: 1)
/// let draws = try guide.weightedDraws(of: model, count: 4000, seed: 2)
/// print(fit.finalBound, guide.mean, guide.standardDeviation, draws.smoothed.shape)
/// ```
public struct VariationalInference: Sendable, Hashable {
    public var bound: EvidenceBound
    public var steps: Int
    /// Adam's rate at the start; it falls along a cosine to a hundredth.
    public var learningRate: Double

    public init(
        bound: EvidenceBound = .monteCarlo(samples: 16), steps: Int = 2000, learningRate: Double = 0.05
    ) {
        self.bound = bound
        self.steps = steps
        self.learningRate = learningRate
    }

    /// Fits `guide` in place.
    ///
    /// - Parameter progress: called after each step (from 1) with its estimate of the bound; may throw to stop.
    /// - Throws: `VariationalError` for options out of range, a prior without the closed form asked for, or a bound
    ///   that is not finite; and what `progress` throws.
    public func fit<Scalar: MatrixScalar>(
        _ model: VariationalModel<Scalar>, _ guide: some VariationalGuide<Scalar>, seed: UInt64,
        progress: ((_ step: Int, _ bound: Double) throws -> Void)? = nil
    ) throws -> VariationalFit {
        try check()
        var noise = RandomStream(seed: seed).noise
        // Without decay: a guide's parameters have no natural zero.
        var optimizer = AdamW<Scalar>(weightDecay: 0)
        let schedule = WarmupCosine(steps: steps, warmupSteps: 0, peak: learningRate, final: learningRate / 100)
        var bounds: [Double] = []
        for step in 0..<steps {
            let tape = Tape<Scalar>()
            let draws: Matrix<Scalar> = noise.matrix(rows: bound.draws, columns: model.dimension)
            let estimate = try bound.estimate(model, guide, noise: draws, on: tape)
            let value = Double(estimate.scalar)
            guard value.isFinite else { throw VariationalError.notFinite(step: step, bound: value) }
            tape.backward(from: -1 * estimate)
            // A bound can be finite where its slope is not.
            let isFinite = guide.parameters.allSatisfy { $0.gradient?.isFinite ?? true }
            if isFinite { optimizer.step(guide.parameters, learningRate: Scalar(schedule.rate(at: step))) }
            for parameter in guide.parameters { parameter.clearGradient() }
            guard isFinite else { throw VariationalError.notFinite(step: step, bound: .nan) }
            bounds.append(value)
            try progress?(step + 1, value)
        }
        return VariationalFit(bounds: bounds)
    }

    private func check() throws(VariationalError) {
        guard steps >= 1 else { throw .badOption(name: "steps", value: "\(steps)", expected: "1 or more") }
        guard learningRate > 0, learningRate < .infinity else {
            throw .badOption(name: "learningRate", value: "\(learningRate)", expected: "a finite number above 0")
        }
        var (samples, weights) = (bound.draws, 1)
        if case .importanceWeighted(let groups, let size) = bound { (samples, weights) = (groups, size) }
        guard samples >= 1 else { throw .badOption(name: "samples", value: "\(samples)", expected: "1 or more") }
        guard weights >= 1 else { throw .badOption(name: "weights", value: "\(weights)", expected: "1 or more") }
    }
}

/// How a fit went.
public struct VariationalFit: Sendable, Hashable {
    /// The noisy estimate of the bound at each step, in nats.
    public let bounds: [Double]

    /// The mean of the last tenth of the steps' bounds.
    public var finalBound: Double {
        let last = bounds.suffix(max(1, bounds.count / 10))
        return last.reduce(0, +) / Double(max(last.count, 1))
    }
}

extension VariationalGuide {
    /// Draws of the guide weighted towards the posterior: their `smoothed.shape` k̂ says how good the guide is (below
    /// 0.7: good enough to be corrected by the weights; Yao et al. 2018, arXiv 1802.02538), their expectations are
    /// those of the posterior as far as it is, and `raw.logMeanRatio` estimates the log evidence.
    ///
    /// - Throws: `ImportanceError` where a log density is NaN or +∞, or `count` is below 1.
    public func weightedDraws(
        of model: VariationalModel<Scalar>, count: Int, seed: UInt64
    ) throws(ImportanceError) -> WeightedDraws<[Double]> {
        precondition(dimension == model.dimension, "a guide of \(dimension) dimensions, not \(model.dimension)")
        guard count >= 1 else { throw .noRatios }
        var noise = RandomStream(seed: seed).noise
        let (positions, logDensities) = sample(count, noise: &noise)
        let joint = model.logJoint(Tape().constant(positions)).value.elements
        return try WeightedDraws(
            values: (0..<count).map { positions.row($0).map { Double($0) } },
            logRatios: zip(joint, logDensities).map { Double($0) - $1 })
    }
}
