/// The No-U-Turn sampler: Hamiltonian Monte Carlo whose trajectories grow until they turn back (Hoffman and Gelman
/// 2014), with draws chosen by multinomial weights along the trajectory (Betancourt 2017, arXiv 1701.02434), and step
/// size and mass matrix learnt in the warm-up, as in Stan.
///
/// The sampler of choice for densities with gradients, up to thousands of dimensions.
///
/// ```swift
/// let draws = try NoUTurnSampler().sample(model, plan: SamplingPlan(chains: 4), seed: 1)
/// print(try draws.summary().table)
/// ```
public struct NoUTurnSampler: Sendable, Hashable {
    /// What the step size is tuned to, in (0, 1): larger is slower and follows tighter curves, with fewer divergences.
    public var targetAcceptance: Double
    /// Trajectories have at most 2^depth − 1 steps.
    public var maximumTreeDepth: Int
    public var metric: MetricAdaptation
    /// Used as it is, in the warm-up too; `nil` has it learnt.
    public var stepSize: Double?
    /// A step whose energy error exceeds this, in nats, is divergent and ends its trajectory.
    public var divergenceThreshold: Double

    public init(
        targetAcceptance: Double = 0.8, maximumTreeDepth: Int = 10, metric: MetricAdaptation = .diagonal,
        stepSize: Double? = nil, divergenceThreshold: Double = 1000
    ) {
        self.targetAcceptance = targetAcceptance
        self.maximumTreeDepth = maximumTreeDepth
        self.metric = metric
        self.stepSize = stepSize
        self.divergenceThreshold = divergenceThreshold
    }

    /// Draws from `model` with several chains in parallel. The draws depend on the model, the plan, the sampler and
    /// `seed`, not on the number of threads.
    ///
    /// - Throws: `SamplingError` for options out of range, starts without a finite density and gradient or a density
    ///   for which no step size works; and what `progress` throws.
    public func sample(
        _ model: any DifferentiableLogDensityModel, plan: SamplingPlan = SamplingPlan(), seed: UInt64,
        progress: SamplingObserver? = nil
    ) throws -> MarkovChainDraws {
        try HamiltonianOptions.check(targetAcceptance: targetAcceptance, stepSize: stepSize)
        guard (1...20).contains(maximumTreeDepth) else {
            throw SamplingError.badOption(
                name: "maximumTreeDepth", value: "\(maximumTreeDepth)", expected: "a whole number from 1 to 20")
        }
        guard divergenceThreshold > 0 else {
            throw SamplingError.badOption(
                name: "divergenceThreshold", value: "\(divergenceThreshold)", expected: "a number above 0")
        }
        return try ChainRunner(plan: plan, seed: seed, observer: progress).run(
            model, checkStart: { (chain, position) throws(SamplingError) in
                try HamiltonianOptions.checkStart(model, chain, position)
            },
            makeKernel: { position, stream in
                try NoUTurnKernel(model, at: position, self, warmup: plan.warmup, &stream)
            })
    }
}

/// What HMC and NUTS check alike.
enum HamiltonianOptions {
    static func check(targetAcceptance: Double, stepSize: Double?) throws(SamplingError) {
        guard targetAcceptance > 0, targetAcceptance < 1 else {
            throw .badOption(name: "targetAcceptance", value: "\(targetAcceptance)", expected: "a number in (0, 1)")
        }
        if let stepSize, !(stepSize > 0 && stepSize < .infinity) {
            throw .badOption(name: "stepSize", value: "\(stepSize)", expected: "a finite number above 0")
        }
    }

    static func checkStart(
        _ model: any DifferentiableLogDensityModel, _ chain: Int, _ position: [Double]
    ) throws(SamplingError) {
        var gradient = [Double](repeating: .nan, count: position.count)
        let value = model.logDensity(at: position, gradient: &gradient)
        guard value.isFinite else { throw .nonFiniteStart(chain: chain, logDensity: value) }
        if let index = gradient.firstIndex(where: { !$0.isFinite }) {
            throw .nonFiniteGradient(chain: chain, parameter: model.parameterNames[index], value: gradient[index])
        }
    }
}
