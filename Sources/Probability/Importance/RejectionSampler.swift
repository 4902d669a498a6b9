import Foundation

/// Rejection sampling (von Neumann 1951): exact draws of a density p known up to a factor, by keeping a draw x of the
/// proposal q with probability p(x) / (M·q(x)), where p ≤ M·q everywhere.
public struct RejectionSampler<Proposal: Distribution>: Sendable where Proposal.Value: Sendable {
    public let proposal: Proposal
    /// ln M.
    public let logBound: Double
    /// How many proposals in a row may be refused before a draw is given up.
    public let maximumProposals: Int
    private let target: @Sendable (Proposal.Value) -> Double

    /// - Parameters:
    ///   - logBound: ln M, an upper bound of `target(x) − proposal.logDensity(x)`.
    ///   - target: the log density up to a constant; −∞ outside its support.
    /// - Throws: `RejectionError.badOption` for a bound that is not finite or no proposals.
    public init(
        proposal: Proposal, logBound: Double, maximumProposals: Int = 1_000_000,
        target: @escaping @Sendable (Proposal.Value) -> Double
    ) throws(RejectionError) {
        guard logBound.isFinite else {
            throw .badOption(name: "logBound", value: logBound, expected: "a finite number")
        }
        guard maximumProposals > 0 else {
            throw .badOption(name: "maximumProposals", value: Double(maximumProposals), expected: "1 or more")
        }
        self.proposal = proposal
        self.logBound = logBound
        self.maximumProposals = maximumProposals
        self.target = target
    }

    /// One draw and the number of proposals it took.
    ///
    /// - Throws: `RejectionError.boundExceeded` where the density rises above the bound (a draw there would be wrong
    ///   without a word), `.nanDensity`, `.noAcceptance` after `maximumProposals`.
    public func draw(_ stream: inout RandomStream) throws(RejectionError) -> (value: Proposal.Value, proposals: Int) {
        for attempt in 1...maximumProposals {
            let value = proposal.sample(&stream)
            let logRatio = target(value) - proposal.logDensity(value) - logBound
            guard !logRatio.isNaN else { throw .nanDensity(at: "\(value)") }
            // Rounding may lift a ratio that touches the bound a little above it.
            guard logRatio <= 1e-9 else { throw .boundExceeded(at: "\(value)", excess: logRatio) }
            if log(stream.openUniform()) < logRatio { return (value, attempt) }
        }
        throw .noAcceptance(proposals: maximumProposals)
    }

    /// `count` independent draws, and the share of proposals that were accepted.
    ///
    /// - Throws: as `draw`.
    public func sample(
        _ count: Int, _ stream: inout RandomStream
    ) throws(RejectionError) -> (values: [Proposal.Value], acceptanceRate: Double) {
        var values: [Proposal.Value] = []
        var proposals = 0
        for _ in 0..<count {
            let (value, tried) = try draw(&stream)
            values.append(value)
            proposals += tried
        }
        return (values, Double(count) / Double(max(proposals, 1)))
    }
}

/// Why rejection sampling stopped.
public enum RejectionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The target lies above the bound there, by a factor e^excess.
    case boundExceeded(at: String, excess: Double)
    case nanDensity(at: String)
    case noAcceptance(proposals: Int)
    case badOption(name: String, value: Double, expected: String)

    public var description: String {
        switch self {
        case .boundExceeded(let place, let excess):
            "rejection sampling: at \(place) the log density lies \(excess) above the bound; raise logBound"
        case .nanDensity(let place): "rejection sampling: the log density at \(place) is NaN"
        case .noAcceptance(let proposals): "rejection sampling: none of \(proposals) proposals was accepted"
        case .badOption(let name, let value, let expected):
            "rejection sampling: \(name) is \(value), expected \(expected)"
        }
    }
}
