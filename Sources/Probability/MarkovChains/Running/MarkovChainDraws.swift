import Matrices

/// The draws of several Markov chains from one model.
public struct MarkovChainDraws: Sendable {
    public let parameterNames: [String]
    public let chains: [MarkovChain]

    public var dimension: Int { parameterNames.count }
    /// Draws of each chain.
    public var draws: Int { chains.first?.positions.rows ?? 0 }

    /// The draws of one parameter, `[chains][draws]`.
    public func parameter(_ index: Int) -> [[Double]] {
        precondition(index >= 0 && index < dimension, "parameter \(index) of \(dimension)")
        return chains.map { chain in (0..<chain.positions.rows).map { chain.positions[$0, index] } }
    }

    /// The draws of a function of the parameters, `[chains][draws]`.
    public func quantity(_ function: ([Double]) throws -> Double) rethrows -> [[Double]] {
        try chains.map { chain in
            try (0..<chain.positions.rows).map { try function(chain.positions.row($0)) }
        }
    }

    /// The positions of all chains under one another, `[chains · draws, dimension]`.
    public var positions: Matrix<Double> {
        chains.dropFirst().reduce(chains.first?.positions ?? Matrix(rows: 0, columns: 0)) {
            $0.appendingRows($1.positions)
        }
    }

    /// Divergent transitions after the warm-up, over all chains. More than none say that the density has places the
    /// step size is too long for: raise the target acceptance or choose other parameters.
    public var divergences: Int { chains.reduce(0) { $0 + $1.divergences } }

    /// Evaluations of the log density after the warm-up, over all chains.
    public var evaluations: Int { chains.reduce(0) { $0 + $1.evaluations } }

    /// Convergence diagnostics of one parameter.
    ///
    /// - Throws: `ChainDiagnosticsError`, where there are fewer than 4 draws.
    public func diagnostics(_ index: Int) throws(ChainDiagnosticsError) -> ChainDiagnostics {
        try ChainDiagnostics(parameter(index))
    }
}

/// The draws of one chain after its warm-up.
public struct MarkovChain: Sendable {
    /// `[draws, dimension]`.
    public internal(set) var positions: Matrix<Double>
    /// The log density at each draw, up to the model's constant.
    public private(set) var logDensities: [Double] = []
    /// The probability of acceptance of each draw's transition, averaged over its trajectory.
    public private(set) var acceptances: [Double] = []
    /// Whether each draw's transition diverged.
    public private(set) var isDivergent: [Bool] = []
    /// The depth of each draw's tree (NUTS), else 0.
    public private(set) var treeDepths: [Int] = []
    /// The Hamiltonian at each draw (HMC and NUTS), else NaN.
    public private(set) var energies: [Double] = []
    /// Divergent transitions, of thinned-out ones too.
    public internal(set) var divergences = 0
    /// Evaluations of the log density.
    public internal(set) var evaluations = 0
    /// The step size (HMC, NUTS) or scale of proposals (Metropolis) that the draws were made with.
    public internal(set) var stepSize: Double?
    /// The variance of each coordinate as the warm-up learnt it, where the sampler learns one.
    public internal(set) var adaptedVariances: [Double]?

    init(draws: Int, dimension: Int) {
        positions = Matrix(rows: draws, columns: dimension)
    }

    mutating func append(_ position: [Double], _ logDensity: Double, _ transition: Transition) {
        let row = logDensities.count
        positions.withUnsafeMutableElements { elements in
            for (k, x) in position.enumerated() { elements[row * position.count + k] = x }
        }
        logDensities.append(logDensity)
        acceptances.append(transition.acceptance)
        isDivergent.append(transition.isDivergent)
        treeDepths.append(transition.treeDepth)
        energies.append(transition.energy)
    }

    /// The mean probability of acceptance.
    public var meanAcceptance: Double { acceptances.reduce(0, +) / Double(max(acceptances.count, 1)) }

    /// The estimated fraction of missing information Σ(E_i − E_{i−1})² / Σ(E_i − Ē)² (Betancourt 2016, arXiv
    /// 1604.00695): below 0.3 momentum draws move too slowly between energies. NaN without energies.
    public var energyFraction: Double {
        guard energies.count > 1 else { return .nan }
        let mean = energies.reduce(0, +) / Double(energies.count)
        let steps = zip(energies, energies.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
        return steps / energies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
}
