import Foundation
import Probability
import TestSupport
import Testing

/// The laws of every scheme of `Resampling`.
@Suite struct ResamplingTests {
    static let weights = [0.1, 0.0, 2.3, 0.7, 0.0, 1.9, 0.001, 5.0, 0.0]

    /// 20,000 rounds of 20 indices: the mean count of each index is n·w within 5 standard errors.
    @Test(arguments: Resampling.allCases)
    func countsAreUnbiased(scheme: Resampling) throws {
        let (n, rounds) = (20, 20_000)
        let total = Self.weights.reduce(0, +)
        var stream = RandomStream(seed: 61)
        var sums = [Double](repeating: 0, count: Self.weights.count)
        var squares = sums
        for _ in 0..<rounds {
            let indices = try scheme.indices(weights: Self.weights, count: n, &stream)
            #expect(indices.count == n && zip(indices, indices.dropFirst()).allSatisfy { $0 <= $1 })
            var counts = [Double](repeating: 0, count: Self.weights.count)
            for index in indices { counts[index] += 1 }
            for i in counts.indices {
                sums[i] += counts[i]
                squares[i] += counts[i] * counts[i]
            }
        }
        for (i, weight) in Self.weights.enumerated() {
            let (mean, expected) = (sums[i] / Double(rounds), Double(n) * weight / total)
            let variance = squares[i] / Double(rounds) - mean * mean
            // A rare index has its Poisson deviation even where it was never seen.
            let error = (max(variance, min(expected, 1e-2)) / Double(rounds)).squareRoot()
            #expect(abs(mean - expected) < 5 * error + 1e-12, "\(scheme), index \(i)")
            if weight == 0 { #expect(sums[i] == 0) }
        }
    }

    @Test func countsStayNearTheirMeans() throws {
        let total = Self.weights.reduce(0, +)
        var stream = RandomStream(seed: 62)
        for _ in 0..<500 {
            for scheme in [Resampling.systematic, .residual] {
                let indices = try scheme.indices(weights: Self.weights, count: 33, &stream)
                for (i, weight) in Self.weights.enumerated() {
                    let (count, mean) = (indices.count { $0 == i }, 33 * weight / total)
                    #expect(Double(count) >= mean.rounded(.down) - 1e-9)
                    if scheme == .systematic { #expect(Double(count) <= mean.rounded(.up) + 1e-9) }
                }
            }
        }
    }

    /// Weights that are all equal leave every index once, but with independent draws.
    @Test(arguments: [Resampling.residual, .stratified, .systematic])
    func equalWeightsAreKept(scheme: Resampling) throws {
        var stream = RandomStream(seed: 63)
        #expect(try scheme.indices(weights: [Double](repeating: 0.25, count: 64), count: 64, &stream) == Array(0..<64))
        #expect(try scheme.indices(weights: [3], count: 4, &stream) == [0, 0, 0, 0])
        #expect(try scheme.indices(weights: [1, 2], count: 0, &stream) == [])
    }

    @Test(arguments: Resampling.allCases)
    func badWeightsAreRefused(scheme: Resampling) {
        var stream = RandomStream(seed: 64)
        #expect(throws: ResamplingError.noWeights) { try scheme.indices(weights: [], count: 2, &stream) }
        #expect(throws: ResamplingError.badWeight(index: 1, value: -1)) {
            try scheme.indices(weights: [1, -1], count: 2, &stream)
        }
        #expect(throws: ResamplingError.self) { try scheme.indices(weights: [1, .nan], count: 2, &stream) }
        #expect(throws: ResamplingError.badTotal(0)) { try scheme.indices(weights: [0, 0], count: 2, &stream) }
        #expect(throws: ResamplingError.badCount(-1)) { try scheme.indices(weights: [1], count: -1, &stream) }
    }
}
