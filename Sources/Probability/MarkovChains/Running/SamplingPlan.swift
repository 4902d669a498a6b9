/// How many chains to run, for how long, from where.
public struct SamplingPlan: Sendable, Hashable {
    /// Independent chains; 2 or more let R̂ compare them.
    public var chains: Int
    /// Iterations before draws are kept, in which the sampler adapts. 0 keeps the sampler's initial settings.
    public var warmup: Int
    /// Draws kept of each chain.
    public var draws: Int
    /// Every how many iterations a draw is kept.
    public var thinning: Int
    public var start: SamplingStart

    public init(
        chains: Int = 4, warmup: Int = 1000, draws: Int = 1000, thinning: Int = 1,
        start: SamplingStart = .uniform(radius: 2)
    ) {
        self.chains = chains
        self.warmup = warmup
        self.draws = draws
        self.thinning = thinning
        self.start = start
    }

    func check() throws(SamplingError) {
        let bounds = [
            ("chains", chains, 1), ("warmup", warmup, 0), ("draws", draws, 1), ("thinning", thinning, 1),
        ]
        for (name, value, least) in bounds where value < least {
            throw .badOption(name: name, value: "\(value)", expected: "\(least) or more")
        }
    }
}

/// Where chains start.
public enum SamplingStart: Sendable, Hashable {
    /// Every coordinate uniform in (−radius, radius), drawn again up to 100 times until the log density is finite.
    case uniform(radius: Double)
    /// A position for each chain.
    case positions([[Double]])
}

/// Where one chain stands, reported after each iteration.
public struct SamplingProgress: Sendable, Hashable {
    /// From 0.
    public var chain: Int
    /// 1-based over warm-up and draws, of `iterations`.
    public var iteration: Int
    public var iterations: Int
    public var isWarmup: Bool
    /// Divergent transitions of this chain after the warm-up so far.
    public var divergences: Int
}

/// Called on the chains' own threads, at the same time; may throw (`CancellationError`, say) to stop all chains.
public typealias SamplingObserver = @Sendable (SamplingProgress) throws -> Void

/// Why chains were not run.
public enum SamplingError: Error, Hashable, Sendable, CustomStringConvertible {
    case badOption(name: String, value: String, expected: String)
    /// The log density at a chain's start is NaN or infinite.
    case nonFiniteStart(chain: Int, logDensity: Double)
    /// A partial derivative at a chain's start is NaN or infinite.
    case nonFiniteGradient(chain: Int, parameter: String, value: Double)
    /// No random start had a finite log density and gradient.
    case noStart(chain: Int, attempts: Int, logDensity: Double)
    case wrongStart(chain: Int, found: Int, expected: Int)
    case wrongStarts(found: Int, expected: Int)
    /// No step size has a reasonable acceptance: the gradient does not belong to the log density, or the density cannot
    /// be normalised.
    case noStepSize(last: Double)

    public var description: String {
        switch self {
        case .badOption(let name, let value, let expected): "sampling: \(name) is \(value), expected \(expected)"
        case .nonFiniteStart(let chain, let value):
            "sampling: the log density at the start of chain \(chain) is \(value), expected a finite number"
        case .nonFiniteGradient(let chain, let parameter, let value):
            "sampling: the derivative by \(parameter) at the start of chain \(chain) is \(value), "
                + "expected a finite number"
        case .noStart(let chain, let attempts, let value):
            "sampling: none of \(attempts) random starts of chain \(chain) has a finite log density and gradient "
                + "(the last log density is \(value)); give positions"
        case .wrongStart(let chain, let found, let expected):
            "sampling: the start of chain \(chain) has \(found) coordinates, expected \(expected)"
        case .wrongStarts(let found, let expected):
            "sampling: \(found) starts, expected one for each of \(expected) chains"
        case .noStepSize(let last):
            "sampling: no step size between 1e-12 and 1e7 is accepted half-way often (last tried \(last)); "
                + "check the gradient and that the density can be normalised"
        }
    }
}
