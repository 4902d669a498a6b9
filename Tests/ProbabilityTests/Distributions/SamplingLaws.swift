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

    /// Kolmogorov–Smirnov: √n·D is above 2.2253 with probability 1e-4.
    private func checkShape(_ x: [Double], _ d: any ContinuousDistribution, _ what: String) {
        let sorted = x.sorted()
        let n = Double(sorted.count)
        var distance = 0.0
        for (i, x) in sorted.enumerated() {
            let p = d.cdf(x)
            distance = max(distance, p - Double(i) / n, Double(i + 1) / n - p)
        }
        #expect(n.squareRoot() * distance < 2.2253, "distribution of \(what)")
        #expect(sorted.allSatisfy { d.support.contains($0) }, "support of \(what)")
    }

    @Test(arguments: continuous.indices)
    func continuousDraws(index: Int) {
        let d = Self.continuous[index]
        var stream = RandomStream(seed: 21).split(index)
        // Single draws; then a million in bulk, whose shape is judged on every tenth.
        let single = (0..<20_000).map { _ in d.sample(&stream) }
        checkMoments(single, d.mean, d.variance, "single draws of \(d)")
        checkShape(single, d, "single draws of \(d)")
        let bulk = d.sample(1_000_000, &stream)
        checkMoments(bulk, d.mean, d.variance, "bulk draws of \(d)")
        checkShape(stride(from: 0, to: bulk.count, by: 40).map { bulk[$0] }, d, "bulk draws of \(d)")
    }

    @Test(arguments: discrete.indices)
    func discreteDraws(index: Int) {
        let d = Self.discrete[index]
        var stream = RandomStream(seed: 22).split(index)
        let single = (0..<20_000).map { _ in d.sample(&stream) }
        checkCounts(single, d, "single draws of \(d)")
        let bulk = d.sample(d is Hypergeometric ? 100_000 : 1_000_000, &stream)
        checkMoments(bulk.map { Double($0) }, d.mean, d.variance, "bulk draws of \(d)")
        checkCounts(bulk, d, "bulk draws of \(d)")
    }

    /// Chi-squared on cells of 20 expected draws or more: above its upper 1e-4 quantile with probability 1e-4.
    private func checkCounts(_ x: [Int], _ d: any DiscreteDistribution, _ what: String) {
        let n = Double(x.count)
        var counts: [Int: Int] = [:]
        for k in x { counts[k, default: 0] += 1 }
        #expect(counts.keys.allSatisfy { d.logDensity($0) > -.infinity }, "support of \(what)")
        // Cells run from one value to the next until they hold enough.
        let last = d.upperQuantile(20 / n)
        var (statistic, cells, expected, found, used) = (0.0, 0, 0.0, 0, 0)
        var k = d.quantile(1e-12)
        while k < last {
            expected += n * exp(d.logDensity(k))
            found += counts[k] ?? 0
            if expected >= 20 {
                statistic += pow(Double(found) - expected, 2) / expected
                used += found
                cells += 1
                (expected, found) = (0, 0)
            }
            k += 1
        }
        let rest = expected + n * d.survival(last - 1)
        statistic += pow(Double(x.count - used) - rest, 2) / rest
        guard cells > 0, let reference = try? ChiSquared(degreesOfFreedom: Double(cells)) else {
            return #expect(Bool(false), "no cells for \(what)")
        }
        #expect(statistic < reference.upperQuantile(1e-4), "distribution of \(what)")
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
