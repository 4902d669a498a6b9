import Foundation

/// Hamiltonian Monte Carlo with trajectories of a fixed length in time (Duane et al. 1987; Neal 2011, arXiv 1206.1901),
/// step size and mass matrix learnt in the warm-up.
///
/// Needs its trajectory length chosen well: `NoUTurnSampler` finds it by itself.
public struct HamiltonianMonteCarlo: Sendable, Hashable {
    /// The length of a trajectory; with a learnt metric every coordinate has about the unit scale, and π/2 carries a
    /// Gaussian's draw to an independent one.
    public var integrationTime: Double
    /// Each trajectory's length is drawn uniformly within this share of it, in [0, 1), so that none closes on itself.
    public var jitter: Double
    /// What the step size is tuned to, in (0, 1).
    public var targetAcceptance: Double
    public var metric: MetricAdaptation
    /// Used as it is, in the warm-up too; `nil` has it learnt.
    public var stepSize: Double?
    /// The most steps of one trajectory.
    public var maximumSteps: Int
    /// A step whose energy error exceeds this, in nats, is divergent and ends its trajectory.
    public var divergenceThreshold: Double

    public init(
        integrationTime: Double = .pi / 2, jitter: Double = 0.2, targetAcceptance: Double = 0.8,
        metric: MetricAdaptation = .diagonal, stepSize: Double? = nil, maximumSteps: Int = 1000,
        divergenceThreshold: Double = 1000
    ) {
        self.integrationTime = integrationTime
        self.jitter = jitter
        self.targetAcceptance = targetAcceptance
        self.metric = metric
        self.stepSize = stepSize
        self.maximumSteps = maximumSteps
        self.divergenceThreshold = divergenceThreshold
    }

    /// Draws from `model` with several chains in parallel; see `NoUTurnSampler.sample`.
    ///
    /// - Throws: as `NoUTurnSampler.sample`.
    public func sample(
        _ model: any DifferentiableLogDensityModel, plan: SamplingPlan = SamplingPlan(), seed: UInt64,
        progress: SamplingObserver? = nil
    ) throws -> MarkovChainDraws {
        try HamiltonianOptions.check(targetAcceptance: targetAcceptance, stepSize: stepSize)
        func refuse(_ name: String, _ value: Any, _ expected: String) -> SamplingError {
            .badOption(name: name, value: "\(value)", expected: expected)
        }
        guard integrationTime > 0, integrationTime < .infinity else {
            throw refuse("integrationTime", integrationTime, "a finite number above 0")
        }
        guard jitter >= 0, jitter < 1 else { throw refuse("jitter", jitter, "a number in [0, 1)") }
        guard maximumSteps >= 1 else { throw refuse("maximumSteps", maximumSteps, "1 or more") }
        guard divergenceThreshold > 0 else {
            throw refuse("divergenceThreshold", divergenceThreshold, "a number above 0")
        }
        return try ChainRunner(plan: plan, seed: seed, observer: progress).run(
            model, checkStart: { (chain, position) throws(SamplingError) in
                try HamiltonianOptions.checkStart(model, chain, position)
            },
            makeKernel: { position, stream in
                try HamiltonianKernel(model, at: position, self, warmup: plan.warmup, &stream)
            })
    }
}

/// One chain of Hamiltonian Monte Carlo.
private final class HamiltonianKernel: AdaptedHamiltonian {
    let dynamics: HamiltonianDynamics
    private let options: HamiltonianMonteCarlo
    var adaptation: HamiltonianAdaptation
    var metricAdaptation: MetricAdaptation { options.metric }
    private let pool: VectorPool
    private var start: PhasePoint

    init(
        _ model: any DifferentiableLogDensityModel, at position: [Double], _ options: HamiltonianMonteCarlo,
        warmup: Int, _ stream: inout RandomStream
    ) throws(SamplingError) {
        self.options = options
        dynamics = HamiltonianDynamics(model, at: position, metric: options.metric)
        pool = VectorPool(vectors: 3, dimension: position.count)
        start = PhasePoint(pool)
        adaptation = try HamiltonianAdaptation(
            dynamics, warmup: warmup, targetAcceptance: options.targetAcceptance, fixedStepSize: options.stepSize,
            &stream)
    }

    func transition(_ stream: inout RandomStream) -> Transition {
        _ = dynamics.takeEvaluations()
        dynamics.drawMomentum(&stream)
        dynamics.save(&start)
        let startEnergy = dynamics.energy
        let time = options.integrationTime * (1 + options.jitter * (2 * stream.openUniform() - 1))
        let wanted = (time / adaptation.stepSize).rounded()
        let steps = wanted < Double(options.maximumSteps) ? max(1, Int(wanted)) : options.maximumSteps
        var error = 0.0
        for _ in 0..<steps {
            dynamics.leapfrog(adaptation.stepSize)
            error = dynamics.energy - startEnergy
            if !(error <= options.divergenceThreshold) { break }
        }
        let isDivergent = !(error <= options.divergenceThreshold)
        let acceptance = isDivergent ? 0 : min(1, exp(-error))
        var energy = dynamics.energy
        if !(stream.openUniform() < acceptance) {
            dynamics.load(start)
            energy = startEnergy
        }
        return Transition(
            acceptance: acceptance, isDivergent: isDivergent, evaluations: dynamics.takeEvaluations(), energy: energy)
    }
}
