import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@Suite struct GoldenChainDiagnosticsTests {
    static let names = [
        "antithetic", "ar0.5_odd", "ar0.9", "cauchy", "independent", "one_chain", "scaled_chain", "shifted_chain",
        "ties", "two_chains_short",
    ]

    /// arviz' figures to rounding. It refuses R̂ of one chain, so there the textbook values are what counts.
    @Test(.enabled(if: Golden.has("mcmc", "diagnostics"), "golden diagnostics are not there"), arguments: names)
    func figuresAreThoseOfArviz(name: String) throws {
        let golden = try Golden.load("mcmc", "diagnostics")
        let draws: Matrix<Double> = try golden.matrix("in.\(name)")
        let d = try ChainDiagnostics((0..<draws.rows).map(draws.row))
        func check(_ value: Double, _ key: String, relative: Double = 1e-12) throws {
            expectClose(value, try golden.scalar(key) as Double, relative: relative, key)
        }
        try check(d.splitRHat, "own.\(name).rhat_split", relative: 1e-14)
        try check(d.rankNormalizedRHat, "own.\(name).rhat_rank_bulk", relative: 1e-14)
        try check(d.foldedRHat, "own.\(name).rhat_rank_folded", relative: 1e-14)
        if draws.rows > 1 {
            try check(d.splitRHat, "out.\(name).rhat_split")
            try check(d.rankNormalizedRHat, "out.\(name).rhat_z_scale")
            try check(d.foldedRHat, "out.\(name).rhat_folded")
            try check(d.rHat, "out.\(name).rhat_rank")
            try check(d.unsplitRHat, "out.\(name).rhat_identity")
        }
        try check(d.bulkEffectiveSampleSize, "out.\(name).ess_bulk")
        try check(d.tailEffectiveSampleSize, "out.\(name).ess_tail")
        try check(d.effectiveSampleSizeOfMean, "out.\(name).ess_mean")
        try check(d.effectiveSampleSizeOfStandardDeviation, "out.\(name).ess_sd")
        try check(d.effectiveSampleSizeOfMedian, "out.\(name).ess_median")
        for p in [0.05, 0.5, 0.95] { try check(d.effectiveSampleSizeOfQuantile(p), "out.\(name).ess_quantile\(p)") }
        try check(d.standardErrorOfMean, "out.\(name).mcse_mean")
        try check(d.standardErrorOfStandardDeviation, "out.\(name).mcse_sd")
        try check(d.standardErrorOfMedian, "out.\(name).mcse_median")
        try check(d.standardErrorOfQuantile(0.05), "out.\(name).mcse_quantile0.05")
    }
}

@Suite struct ChainDiagnosticsTests {
    /// An AR(1) series with correlation ρ: (1 − ρ)/(1 + ρ) of its draws count.
    static func autoregressive(_ rho: Double, chains: Int, draws: Int, seed: UInt64) -> [[Double]] {
        (0..<chains).map { chain in
            var stream = RandomStream(seed: seed).split(chain)
            var x = stream.gaussian()
            return (0..<draws).map { _ in
                x = rho * x + (1 - rho * rho).squareRoot() * stream.gaussian()
                return x
            }
        }
    }

    /// 4 × 20,000 draws: the estimate of the size has a relative deviation of a few per cent here; 15 % allowed.
    @Test(arguments: [0, 0.5, 0.9])
    func effectiveSampleSizesOfAutoregressiveChains(rho: Double) throws {
        let d = try ChainDiagnostics(Self.autoregressive(rho, chains: 4, draws: 20_000, seed: 41))
        expectClose(d.effectiveSampleSizeOfMean, 80_000 * (1 - rho) / (1 + rho), relative: 0.15)
        #expect(d.rHat < 1.01)
        expectClose(d.standardErrorOfMean, d.standardDeviation / d.effectiveSampleSizeOfMean.squareRoot(), relative: 1e-15)
        // 5 Monte-Carlo errors.
        #expect(abs(d.mean) < 5 * d.standardErrorOfMean)
        #expect(abs(d.standardDeviation - 1) < 5 * d.standardErrorOfStandardDeviation)
        #expect(abs(d.quantile(0.05) + 1.6448536269514722) < 5 * d.standardErrorOfQuantile(0.05))
    }

    @Test func chainsInDifferentPlacesAreSeen() throws {
        var chains = Self.autoregressive(0, chains: 4, draws: 500, seed: 42)
        #expect(try ChainDiagnostics(chains).rHat < 1.01)
        let shifted = chains.dropLast() + [chains[3].map { $0 + 1 }]
        #expect(try ChainDiagnostics(Array(shifted)).rankNormalizedRHat > 1.05)
        // Another scale is invisible to locations, visible to the folded draws.
        chains[3] = chains[3].map { 4 * $0 }
        let scaled = try ChainDiagnostics(chains)
        #expect(scaled.rankNormalizedRHat < 1.02 && scaled.foldedRHat > 1.05 && scaled.rHat == scaled.foldedRHat)
    }

    /// Ranks, and so R̂ and the bulk size, do not change under monotone maps; scales and shifts change no size.
    @Test func monotoneMapsChangeNoRank() throws {
        let chains = Self.autoregressive(0.6, chains: 3, draws: 400, seed: 43)
        let (plain, mapped) = try (ChainDiagnostics(chains), ChainDiagnostics(chains.map { $0.map { exp($0) } }))
        #expect(plain.bulkEffectiveSampleSize == mapped.bulkEffectiveSampleSize)
        #expect(plain.rankNormalizedRHat == mapped.rankNormalizedRHat)
        let moved = try ChainDiagnostics(chains.map { $0.map { 3 - 1024 * $0 } })
        expectClose(moved.effectiveSampleSizeOfMean, plain.effectiveSampleSizeOfMean, relative: 1e-9)
        expectClose(moved.splitRHat, plain.splitRHat, relative: 1e-9)
    }

    @Test func quantilesInterpolate() throws {
        let d = try ChainDiagnostics([[4, 1, 3, 2]])
        #expect(d.quantile(0) == 1 && d.quantile(1) == 4 && d.quantile(0.5) == 2.5 && d.quantile(0.1) == 1.3)
        #expect(d.quantile(-0.1).isNaN && d.quantile(.nan).isNaN && d.effectiveSampleSizeOfQuantile(2).isNaN)
        #expect(d.standardErrorOfQuantile(2).isNaN)
    }

    @Test func equalDrawsCountInFullAndHaveNoRHat() throws {
        let d = try ChainDiagnostics([[2, 2, 2, 2], [2, 2, 2, 2]])
        #expect(d.effectiveSampleSizeOfMean == 8 && d.bulkEffectiveSampleSize == 8)
        #expect(d.rHat.isNaN && d.splitRHat.isNaN)
    }

    @Test func badChainsAreRefused() {
        #expect(throws: ChainDiagnosticsError.noChains) { try ChainDiagnostics([]) }
        #expect(throws: ChainDiagnosticsError.tooFewDraws(found: 3, expected: 4)) { try ChainDiagnostics([[1, 2, 3]]) }
        #expect(throws: ChainDiagnosticsError.differentLengths(chain: 1, found: 4, expected: 5)) {
            try ChainDiagnostics([[1, 2, 3, 4, 5], [1, 2, 3, 4]])
        }
        #expect(throws: ChainDiagnosticsError.notFinite(chain: 1, draw: 2, value: .infinity)) {
            try ChainDiagnostics([[1, 2, 3, 4], [1, 2, .infinity, 4]])
        }
    }
}
