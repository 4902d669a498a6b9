import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Scores are the slopes of log densities, by central differences.
@Suite struct ScoreTests {
    static let continuous = LawSubjects.continuous

    @Test(arguments: continuous.indices)
    func slopesOfNumbers(index: Int) throws {
        let d = Self.continuous[index]
        func check(_ d: some ContinuousDistribution & DifferentiableDensity) {
            let width = d.quantile(0.75) - d.quantile(0.25)
            for p in [1e-3, 0.04, 0.2, 0.45, 0.61, 0.8, 0.99] {
                let x = d.quantile(p)
                // A small part of the distance over which the density changes.
                let step = 1e-5 * min(min(p, 1 - p) / exp(d.logDensity(x)), width)
                let slope = (d.logDensity(x + step) - d.logDensity(x - step)) / (2 * step)
                let rounding = (4e-16 * max(1, abs(d.logDensity(x))) + 4 * x.ulp * abs(slope)) / step
                expectClose(d.score(x), slope, absolute: 1e-6 * max(abs(slope), 1 / width) + 4 * rounding, "\(d), p = \(p)")
            }
        }
        let scored: any ContinuousDistribution & DifferentiableDensity = try #require(
            d as? any ContinuousDistribution & DifferentiableDensity, "\(d) has no score")
        check(scored)
    }

    @Test func slopesOfVectors() throws {
        let covariance = MultivariateLaws.covariance
        func check(_ d: some MultivariateDistribution & DifferentiableDensity, _ x: [Double]) {
            let score = d.score(x)
            // Along differences of coordinates, which stay on the simplex too.
            for i in x.indices {
                let j = (i + 1) % x.count
                var (above, below) = (x, x)
                above[i] += 1e-5
                above[j] -= 1e-5
                below[i] -= 1e-5
                below[j] += 1e-5
                let slope = (d.logDensity(above) - d.logDensity(below)) / 2e-5
                expectClose(score[i] - score[j], slope, absolute: 1e-7 * max(1, abs(slope)), "\(d), \(i)")
            }
        }
        let x = [0.7, -0.4, 1.9]
        check(try MultivariateNormal(mean: [1, 0, -1], covariance: covariance), x)
        check(try DiagonalNormal(mean: [1, 0, -1], standardDeviation: [1, 2, 0.5]), x)
        check(
            try LowRankMultivariateNormal(
                mean: [0, 2, 1], factor: Matrix([[1, 0], [0.5, -1], [-0.4, 0.3]]), diagonal: [0.5, 0.8, 0.9]), x)
        check(try MultivariateStudentT(degreesOfFreedom: 4, location: [1, 0, 2], scale: covariance), x)
        check(try Dirichlet(concentration: [2, 3.5, 0.4]), [0.2, 0.5, 0.3])
        check(Independent([try Gamma(concentration: 2, rate: 1), try Gamma(concentration: 5, rate: 3)]), [0.7, 1.1])
        let mixture = try Mixture(
            weights: [0.3, 0.7],
            components: [
                DiagonalNormal(mean: [0, 0], standardDeviation: [1, 2]), DiagonalNormal(mean: [3, -1], standardDeviation: [0.5, 0.5]),
            ])
        check(mixture, [1.9, -0.4])
    }

    @Test func slopesOfOthers() throws {
        let logitNormal = Transformed(try Normal(mean: 0.3, standardDeviation: 0.7), SigmoidTransform())
        let falling = Transformed(try Gumbel(location: 1, scale: 2), try AffineTransform(location: 0, scale: -3))
        let mixture = try Mixture(
            weights: [0.25, 0.75], components: [Normal(mean: -1, standardDeviation: 0.5), Normal(mean: 2, standardDeviation: 1.5)])
        func check(_ d: some DifferentiableDensity & ContinuousDistribution, _ x: Double) {
            let slope = (d.logDensity(x + 1e-5) - d.logDensity(x - 1e-5)) / 2e-5
            expectClose(d.score(x), slope, absolute: 1e-6 * max(1, abs(slope)), "\(d)")
        }
        for x in [0.1, 0.6, 0.93] { check(logitNormal, x) }
        for x in [-3, 0.2, 4.0] { check(falling, x) }
        for x in [-3, 0.2, 4.0] { check(mixture, x) }
        let lkj = try LKJCholesky(size: 3, concentration: 1.7)
        var stream = RandomStream(seed: 1)
        let l = lkj.sample(&stream)
        let score = lkj.score(l)
        // As the density depends on the diagonal alone: Lᵢᵢ·∂/∂Lᵢᵢ is the exponent, K − i + 2η − 2 for i from 1.
        expectClose(score[1, 1] * l[1, 1], 3.0 - 2 + 3.4 - 2, relative: 1e-13)
        expectClose(score[2, 2] * l[2, 2], 3.0 - 3 + 3.4 - 2, relative: 1e-13)
        #expect(score[0, 0] == 0 && score[1, 0] == 0)
    }
}
