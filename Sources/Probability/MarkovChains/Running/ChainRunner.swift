import Matrices
import Synchronization

/// What a sampler does to one chain. Lives on one thread.
protocol ChainKernel: AnyObject {
    var position: [Double] { get }
    var logDensity: Double { get }
    /// One transition that leaves the target unchanged.
    func transition(_ stream: inout RandomStream) -> Transition
    /// Learns from the warm-up transition with this number, from 0.
    func adapt(iteration: Int, _ transition: Transition, _ stream: inout RandomStream) throws(SamplingError)
    /// Fixes the settings for the draws.
    func endWarmup()
    var stepSize: Double? { get }
    /// The learnt variance of each coordinate, `nil` where nothing of the kind is learnt.
    var scales: [Double]? { get }
}

/// What one transition tells.
struct Transition {
    /// Probability of acceptance, averaged over the trajectory.
    var acceptance: Double
    var isDivergent = false
    /// Evaluations of the log density.
    var evaluations: Int
    var treeDepth = 0
    /// The Hamiltonian at the draw; NaN for samplers without one.
    var energy = Double.nan
}

/// Runs the chains of a plan in parallel; chain c draws from `RandomStream(seed).split(c)` alone.
struct ChainRunner {
    let plan: SamplingPlan
    let seed: UInt64
    let observer: SamplingObserver?

    /// - Parameter isUsable: throws where a chain cannot start.
    func run(
        _ model: any LogDensityModel, checkStart: @Sendable (_ chain: Int, [Double]) throws(SamplingError) -> Void,
        makeKernel: @escaping @Sendable ([Double], inout RandomStream) throws -> any ChainKernel
    ) throws -> MarkovChainDraws {
        try plan.check()
        let dimension = model.dimension
        guard dimension > 0, model.parameterNames.count == dimension else {
            throw SamplingError.badOption(
                name: "dimension", value: "\(dimension)",
                expected: "1 or more, and as many as parameterNames (\(model.parameterNames.count))")
        }
        let root = RandomStream(seed: seed)
        var starts: [(position: [Double], stream: RandomStream)] = []
        for chain in 0..<plan.chains {
            var stream = root.split(chain)
            starts.append((try start(chain, dimension, checkStart, &stream), stream))
        }

        let isStopped = Atomic(false)
        let results = Mutex([Result<MarkovChain, any Error>?](repeating: nil, count: plan.chains))
        let (plan, observer, origins) = (plan, observer, starts)
        Parallelism.forEach(pieces: plan.chains) { chain in
            var stream = origins[chain].stream
            let result = Result<MarkovChain, any Error> {
                let kernel = try makeKernel(origins[chain].position, &stream)
                return try Self.run(kernel, chain: chain, plan, &stream, observer, isStopped)
            }
            if case .failure = result { isStopped.store(true, ordering: .relaxed) }
            results.withLock { $0[chain] = result }
        }
        let outcomes = results.withLock { $0 }
        // Chains that were stopped because another failed are not the reason.
        for case .failure(let error) in outcomes where !(error is Stopped) { throw error }
        return MarkovChainDraws(
            parameterNames: model.parameterNames, chains: try outcomes.compactMap { try $0?.get() })
    }

    /// Another chain failed.
    private struct Stopped: Error {}

    private func start(
        _ chain: Int, _ dimension: Int, _ check: (Int, [Double]) throws(SamplingError) -> Void,
        _ stream: inout RandomStream
    ) throws(SamplingError) -> [Double] {
        switch plan.start {
        case .positions(let positions):
            guard positions.count == plan.chains else {
                throw .wrongStarts(found: positions.count, expected: plan.chains)
            }
            guard positions[chain].count == dimension else {
                throw .wrongStart(chain: chain, found: positions[chain].count, expected: dimension)
            }
            try check(chain, positions[chain])
            return positions[chain]
        case .uniform(let radius):
            guard radius >= 0, radius.isFinite else {
                throw .badOption(name: "radius", value: "\(radius)", expected: "a finite number of at least 0")
            }
            let attempts = 100
            var last: SamplingError?
            for _ in 0..<attempts {
                let position = (0..<dimension).map { _ in radius * (2 * stream.openUniform() - 1) }
                do throws(SamplingError) {
                    try check(chain, position)
                    return position
                } catch { last = error }
            }
            if case .nonFiniteStart(_, let value) = last {
                throw .noStart(chain: chain, attempts: attempts, logDensity: value)
            }
            throw last ?? .noStart(chain: chain, attempts: attempts, logDensity: .nan)
        }
    }

    private static func run(
        _ kernel: any ChainKernel, chain: Int, _ plan: SamplingPlan, _ stream: inout RandomStream,
        _ observer: SamplingObserver?, _ isStopped: borrowing Atomic<Bool>
    ) throws -> MarkovChain {
        let total = plan.warmup + plan.draws * plan.thinning
        let dimension = kernel.position.count
        var record = MarkovChain(draws: plan.draws, dimension: dimension)
        var divergences = 0
        for iteration in 0..<total {
            if isStopped.load(ordering: .relaxed) { throw Stopped() }
            let transition = kernel.transition(&stream)
            if iteration < plan.warmup {
                try kernel.adapt(iteration: iteration, transition, &stream)
                if iteration == plan.warmup - 1 { kernel.endWarmup() }
            } else {
                divergences += transition.isDivergent ? 1 : 0
                record.evaluations += transition.evaluations
                if (iteration - plan.warmup) % plan.thinning == plan.thinning - 1 {
                    record.append(kernel.position, kernel.logDensity, transition)
                }
            }
            try observer?(
                SamplingProgress(
                    chain: chain, iteration: iteration + 1, iterations: total, isWarmup: iteration < plan.warmup,
                    divergences: divergences))
        }
        record.divergences = divergences
        record.stepSize = kernel.stepSize
        record.adaptedVariances = kernel.scales
        return record
    }
}
