import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Draws of every univariate distribution, one at a time and in bulk. Seeds are fixed, so a failure is a change, not luck;
/// the levels say how likely a right sampler would fail with another seed.
@Suite struct SamplingLaws {
    static let continuous = LawSubjects.continuous
    static let discrete = LawSubjects.discrete

    /// Mean within 5 standard errors; variance within 5 of its own (from the sample's fourth moment), where the fourth
    /// moment is finite.
    private func checkMoments(_ x: [Double], _ mean: Double, _ variance: Double, _ what: String) {
        guard variance.isFinite else { return }
        let n = Double(x.count)
        let first = x.reduce(0) { $0 + ($1 - mean) } / n
        #expect(abs(first) <= 5 * (variance / n).squareRoot() + 1e-15 * abs(mean), "mean of \(what)")
        let second = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
        let fourth = x.reduce(0) { $0 + pow($1 - mean, 4) } / n
        #expect(abs(second - variance) <= 5 * (max(0, fourth - second * second) / n).squareRoot(), "variance of \(what)")
    }

    @Test(arguments: continuous.indices)
    func continuousDraws(index: Int) {
        let d = Self.continuous[index]
        var stream = RandomStream(seed: 21).split(index)
        // Single draws; then a million in bulk, whose shape is judged on every fortieth.
        let single = (0..<20_000).map { _ in d.sample(&stream) }
        checkMoments(single, d.mean, d.variance, "single draws of \(d)")
        GoodnessOfFit.check(single, d, "single draws of \(d)")
        let bulk = d.sample(1_000_000, &stream)
        checkMoments(bulk, d.mean, d.variance, "bulk draws of \(d)")
        GoodnessOfFit.check(stride(from: 0, to: bulk.count, by: 40).map { bulk[$0] }, d, "bulk draws of \(d)")
    }

    @Test(arguments: discrete.indices)
    func discreteDraws(index: Int) {
        let d = Self.discrete[index]
        var stream = RandomStream(seed: 22).split(index)
        let single = (0..<20_000).map { _ in d.sample(&stream) }
        GoodnessOfFit.check(single, d, "single draws of \(d)")
        let bulk = d.sample(1_000_000, &stream)
        checkMoments(bulk.map { Double($0) }, d.mean, d.variance, "bulk draws of \(d)")
        GoodnessOfFit.check(bulk, d, "bulk draws of \(d)")
    }

    @Test(arguments: continuous.indices)
    func theSameSeedGivesTheSameDraws(index: Int) {
        let d = Self.continuous[index]
        func draws(threads: Int) -> [Double] {
            var stream = RandomStream(seed: 3).split(index)
            return Parallelism.withThreads(threads) { d.sample(20_000, &stream) + [d.sample(&stream)] }
        }
        let first = draws(threads: 1)
        #expect(first == draws(threads: 1) && first == draws(threads: 3), "\(d)")
        var other = RandomStream(seed: 4).split(index)
        #expect(first != d.sample(20_001, &other), "\(d)")
        // A second bulk draw of one stream is another one.
        var stream = RandomStream(seed: 3).split(index)
        #expect(d.sample(100, &stream) != d.sample(100, &stream), "\(d)")
    }
}
