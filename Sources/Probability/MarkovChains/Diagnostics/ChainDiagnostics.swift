/// Convergence diagnostics of one scalar quantity over several Markov chains (Vehtari, Gelman, Simpson, Carpenter and
/// Bürkner 2021, "Rank-normalization, folding, and localization: an improved R̂", doi:10.1214/20-BA1221), as Stan and
/// arviz compute them.
///
/// Every chain is split into its first and last half, so that one chain alone has an R̂ too; the middle draw of an odd
/// number belongs to neither half.
///
/// ```swift
/// let diagnostics = try ChainDiagnostics(chains)           // [[Double]], a row of draws for each chain
/// if diagnostics.rHat > 1.01 || diagnostics.bulkEffectiveSampleSize < 400 { … }
/// ```
public struct ChainDiagnostics: Sendable {
    /// The draws, `[chains, draws]`.
    public let chains: [[Double]]
    /// The halves, `[2 · chains, draws / 2]`.
    let halves: [[Double]]
    /// All draws in ascending order.
    let sorted: [Double]

    /// - Throws: `ChainDiagnosticsError` without chains, with chains of different lengths, with fewer than 4 draws, or
    ///   with a draw that is not finite.
    public init(_ chains: [[Double]]) throws(ChainDiagnosticsError) {
        guard let draws = chains.first?.count else { throw .noChains }
        guard draws >= 4 else { throw .tooFewDraws(found: draws, expected: 4) }
        for (index, chain) in chains.enumerated() {
            guard chain.count == draws else {
                throw .differentLengths(chain: index, found: chain.count, expected: draws)
            }
            if let draw = chain.firstIndex(where: { !$0.isFinite }) {
                throw .notFinite(chain: index, draw: draw, value: chain[draw])
            }
        }
        self.chains = chains
        let half = draws / 2
        halves = chains.flatMap { [Array($0.prefix(half)), Array($0.suffix(half))] }
        sorted = chains.flatMap { $0 }.sorted()
    }

    /// The number of draws of all chains together.
    public var count: Int { sorted.count }

    /// The mean of all draws.
    public var mean: Double { sorted.reduce(0, +) / Double(count) }

    /// The standard deviation of all draws (divided by count − 1).
    public var standardDeviation: Double {
        let mean = mean
        return (sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
    }

    /// The sample quantile of all draws, linearly interpolated between the order statistics (Hyndman and Fan's type 7);
    /// NaN for `p` outside [0, 1].
    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        let place = p * Double(count - 1)
        let below = min(Int(place), count - 1)
        let above = min(below + 1, count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
}

/// Why draws have no diagnostics.
public enum ChainDiagnosticsError: Error, Equatable, CustomStringConvertible {
    case noChains
    case tooFewDraws(found: Int, expected: Int)
    case differentLengths(chain: Int, found: Int, expected: Int)
    case notFinite(chain: Int, draw: Int, value: Double)

    public var description: String {
        switch self {
        case .noChains: "diagnostics: no chains"
        case .tooFewDraws(let found, let expected): "diagnostics: \(found) draws a chain, expected \(expected) or more"
        case .differentLengths(let chain, let found, let expected):
            "diagnostics: chain \(chain) has \(found) draws, expected \(expected) as in chain 0"
        case .notFinite(let chain, let draw, let value):
            "diagnostics: draw \(draw) of chain \(chain) is \(value), expected a finite number"
        }
    }
}
