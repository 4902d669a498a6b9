import Foundation

/// Random-walk Metropolis with normal proposals N(x, scale²·Σ) (Metropolis et al. 1953). In the warm-up Σ is learnt
/// from the draws (Haario, Saksman and Tamminen 2001) and the scale is tuned to the target acceptance (Andrieu and
/// Thoms 2008, algorithm 4); both are then kept, so that the draws are a proper Markov chain's.
///
/// Needs no gradient. Its draws depend on one another over about `dimension` iterations times a constant.
public struct RandomWalkMetropolis: Sendable, Hashable {
    /// In (0, 1); `nil` for 0.44 in one dimension and 0.234 in more (Roberts and Rosenthal 2001).
    public var targetAcceptance: Double?
    /// What is learnt of Σ.
    public var metric: MetricAdaptation
    /// The scale to begin with; `nil` for 2.38/√dimension.
    public var scale: Double?

    public init(targetAcceptance: Double? = nil, metric: MetricAdaptation = .dense, scale: Double? = nil) {
        self.targetAcceptance = targetAcceptance
        self.metric = metric
        self.scale = scale
    }

    /// Draws from `model` with several chains in parallel; see `NoUTurnSampler.sample`.
    ///
    /// - Throws: `SamplingError` for options out of range or starts without a finite density; what `progress` throws.
    public func sample(
        _ model: any LogDensityModel, plan: SamplingPlan = SamplingPlan(warmup: 5000, draws: 10_000), seed: UInt64,
        progress: SamplingObserver? = nil
    ) throws -> MarkovChainDraws {
        if let targetAcceptance, !(targetAcceptance > 0 && targetAcceptance < 1) {
            throw SamplingError.badOption(
                name: "targetAcceptance", value: "\(targetAcceptance)", expected: "a number in (0, 1)")
        }
        if let scale, !(scale > 0 && scale < .infinity) {
            throw SamplingError.badOption(name: "scale", value: "\(scale)", expected: "a finite number above 0")
        }
        return try ChainRunner(plan: plan, seed: seed, observer: progress).run(
            model, checkStart: { (chain, position) throws(SamplingError) in try model.checkStart(chain, position) },
            makeKernel: { position, _ in RandomWalkKernel(model, at: position, self, warmup: plan.warmup) })
    }
}

extension LogDensityModel {
    /// Throws where a chain cannot start.
    func checkStart(_ chain: Int, _ position: [Double]) throws(SamplingError) {
        let value = logDensity(at: position)
        guard value.isFinite else { throw .nonFiniteStart(chain: chain, logDensity: value) }
    }
}

/// One chain of random-walk Metropolis.
private final class RandomWalkKernel: ChainKernel {
    private let model: any LogDensityModel
    private let target: Double
    private let schedule: WarmupSchedule
    private var metric: Metric
    private var moments: RunningMoments
    private var logScale: Double
    private let defaultLogScale: Double
    /// Iterations since the scale began to be tuned.
    private var tunings = 0.0
    private(set) var position: [Double]
    private(set) var logDensity: Double

    init(_ model: any LogDensityModel, at start: [Double], _ options: RandomWalkMetropolis, warmup: Int) {
        self.model = model
        target = options.targetAcceptance ?? (start.count == 1 ? 0.44 : 0.234)
        schedule = WarmupSchedule(warmup: warmup)
        metric = Metric(options.metric, dimension: start.count)
        moments = RunningMoments(dimension: start.count, isDense: options.metric == .dense)
        defaultLogScale = log(2.38 / Double(start.count).squareRoot())
        logScale = options.scale.map { log($0) } ?? defaultLogScale
        position = start
        logDensity = model.logDensity(at: start)
    }

    var stepSize: Double? { exp(logScale) }
    var scales: [Double]? { metric.adaptation == .unit ? nil : metric.variances }

    func transition(_ stream: inout RandomStream) -> Transition {
        let scale = exp(logScale)
        let proposal = zip(position, metric.drawDisplacement(&stream)).map { $0 + scale * $1 }
        let value = model.logDensity(at: proposal)
        let acceptance = value.isNaN ? 0 : min(1, exp(value - logDensity))
        if stream.openUniform() < acceptance {
            position = proposal
            logDensity = value
        }
        return Transition(acceptance: acceptance, evaluations: 1)
    }

    func adapt(iteration: Int, _ transition: Transition, _ stream: inout RandomStream) {
        tunings += 1
        logScale += (transition.acceptance - target) * pow(tunings, -0.6)
        guard metric.adaptation != .unit else { return }
        if schedule.isInWindow(iteration) { moments.add(position) }
        if schedule.endsWindow(iteration) {
            metric.learn(moments)
            moments.reset()
            // With the target's own covariance this scale is best for Gaussians.
            logScale = defaultLogScale
            tunings = 0
        }
    }

    func endWarmup() {}
}
