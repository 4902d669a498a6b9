import Foundation
import Probability
import Testing

/// Whether draws follow a distribution of numbers. A right sampler fails with probability 1e-4 a check; seeds are fixed.
enum GoodnessOfFit {
    /// Kolmogorov–Smirnov: √n·D is above 2.2253 with probability 1e-4.
    static func check(_ x: [Double], _ d: any ContinuousDistribution, _ what: String) {
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

    /// Chi-squared on cells of 20 expected draws or more: above its upper 1e-4 quantile with probability 1e-4.
    static func check(_ x: [Int], _ d: any DiscreteDistribution, _ what: String) {
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
}
