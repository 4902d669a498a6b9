import Foundation
import Probability
import TestSupport
import Testing

@Suite struct ImportanceSamplerTests {
    /// N(1, 0.5²) without its constant from a wider proposal: means within 5 standard errors, the evidence too.
    @Test func expectationsAreThoseOfTheTarget() throws {
        let proposal = try Normal(mean: 0, standardDeviation: 2)
        var stream = RandomStream(seed: 53)
        let draws = try proposal.importanceSample(of: { -2 * ($0 - 1) * ($0 - 1) }, count: 20_000, &stream)
        #expect(draws.smoothed.isReliable && draws.smoothed.shape < 0.3)
        let (mean, meanError) = draws.expectation { $0 }
        #expect(abs(mean - 1) < 5 * meanError && meanError < 0.01)
        let (square, squareError) = draws.expectation { ($0 - 1) * ($0 - 1) }
        #expect(abs(square - 0.25) < 5 * squareError)
        // The relative error of the evidence is √(1/size − 1/n).
        let size = draws.raw.effectiveSampleSize
        let evidence = 0.5 * log(2 * Double.pi * 0.25)
        #expect(abs(draws.raw.logMeanRatio - evidence) < 5 * (1 / size - 1 / 20_000.0).squareRoot())
        #expect(size > 1 && size < 20_000 && draws.raw.entropyEffectiveSampleSize > size)

        let chosen = try draws.resampled(2000, &stream).sorted()
        let normal = try Normal(mean: 1, standardDeviation: 0.5)
        let distance = chosen.enumerated().map { abs(normal.cdf($1) - (Double($0) + 0.5) / 2000) }.max() ?? 1
        #expect(distance < 0.05)
    }

    /// A proposal narrower than the target is found out.
    @Test func aNarrowProposalIsReported() throws {
        let proposal = try Normal(mean: 0, standardDeviation: 0.5)
        var stream = RandomStream(seed: 54)
        let draws = try proposal.importanceSample(of: { -0.5 * $0 * $0 }, count: 4000, &stream)
        #expect(draws.smoothed.shape > 0.5)
    }

    @Test func equalWeightsCountInFull() throws {
        let weights = try ImportanceWeights(logRatios: [5, 5, 5, -.infinity])
        expectClose(weights.effectiveSampleSize, 3, relative: 1e-12)
        expectClose(weights.entropyEffectiveSampleSize, 3, relative: 1e-12)
        let (mean, error) = weights.expectation(of: [1, 2, 3, .nan])
        expectClose(mean, 2, relative: 1e-12)
        expectClose(error, (2.0 / 9).squareRoot(), relative: 1e-12)
        #expect(throws: ImportanceError.noRatios) {
            var stream = RandomStream(seed: 1)
            return try Normal.standard.importanceSample(of: { _ in 0 }, count: 0, &stream)
        }
    }
}

@Suite struct RejectionSamplerTests {
    /// N(0.3, 0.5²) from N(0, 1): the ratio is largest at 0.4, where its logarithm is 0.06 + ln 2.
    @Test func drawsHaveTheTarget() throws {
        let target = try Normal(mean: 0.3, standardDeviation: 0.5)
        let sampler = try RejectionSampler(proposal: Normal.standard, logBound: 0.06 + log(2)) { target.logDensity($0) }
        var stream = RandomStream(seed: 55)
        let (values, rate) = try sampler.sample(20_000, &stream)
        // The acceptance rate of normalised densities is 1/M; five standard errors.
        let expected = exp(-0.06 - log(2))
        #expect(abs(rate - expected) < 5 * (expected * expected * (1 - expected) / 20_000).squareRoot())
        // Kolmogorov–Smirnov at 1e-4.
        let n = Double(values.count)
        let distance = values.sorted().enumerated().map { abs(target.cdf($1) - (Double($0) + 0.5) / n) }.max() ?? 1
        #expect(n.squareRoot() * distance < 2.2253)
    }

    @Test func wrongBoundsAreErrors() throws {
        var stream = RandomStream(seed: 56)
        let low = try RejectionSampler(proposal: Normal.standard, logBound: -1) { Normal.standard.logDensity($0) }
        #expect(throws: RejectionError.self) { try low.sample(10, &stream) }
        let empty = try RejectionSampler(proposal: Normal.standard, logBound: 0, maximumProposals: 50) { _ in
            -.infinity
        }
        #expect(throws: RejectionError.noAcceptance(proposals: 50)) { try empty.draw(&stream) }
        let nan = try RejectionSampler(proposal: Normal.standard, logBound: 0) { _ in .nan }
        #expect(throws: RejectionError.self) { try nan.draw(&stream) }
        #expect(throws: RejectionError.self) {
            try RejectionSampler(proposal: Normal.standard, logBound: .infinity) { _ in 0 }
        }
        #expect(throws: RejectionError.badOption(name: "maximumProposals", value: 0, expected: "1 or more")) {
            try RejectionSampler(proposal: Normal.standard, logBound: 0, maximumProposals: 0) { _ in 0 }
        }
    }
}
