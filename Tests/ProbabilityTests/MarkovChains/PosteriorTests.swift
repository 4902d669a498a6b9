import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Posteriors of the golden models by NUTS: means and standard deviations within 4 Monte-Carlo standard errors of both
/// runs, or of this one where the exact value is known; R̂ below 1.01.
@Suite struct PosteriorTests {
    static let isThere = Golden.has("mcmc", "eight_schools")
    static let plan = SamplingPlan(chains: 4, warmup: 1000, draws: 2500)

    static func expectMoments(
        _ chains: [[Double]], mean: Double, meanError: Double = 0, deviation: Double, deviationError: Double = 0,
        _ name: String, rHat: Double = 1.01, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let d = try ChainDiagnostics(chains)
        let own = (d.standardErrorOfMean, d.standardErrorOfStandardDeviation)
        #expect(
            abs(d.mean - mean) < 4 * (own.0 * own.0 + meanError * meanError).squareRoot(),
            "mean of \(name): \(d.mean), expected \(mean)", sourceLocation: sourceLocation)
        #expect(
            abs(d.standardDeviation - deviation) < 4 * (own.1 * own.1 + deviationError * deviationError).squareRoot(),
            "deviation of \(name): \(d.standardDeviation), expected \(deviation)", sourceLocation: sourceLocation)
        #expect(d.rHat < rHat, "R-hat of \(name): \(d.rHat)", sourceLocation: sourceLocation)
    }

    /// Against the tensors `NAME.mean`, `.sd` and their errors of the reference's run.
    static func expectGolden(_ golden: GoldenCase, _ name: String, _ index: Int, _ chains: [[Double]]) throws {
        func value(_ key: String) throws -> Double {
            let values: [Double] = try golden.values("out.\(name).\(key)")
            return values[index]
        }
        try expectMoments(
            chains, mean: value("mean"), meanError: value("mcse_mean"), deviation: value("sd"),
            deviationError: value("mcse_sd"), "\(name)[\(index)]")
    }

    @Test(.enabled(if: isThere, "golden posteriors are not there"), arguments: [MetricAdaptation.diagonal, .dense])
    func eightSchools(metric: MetricAdaptation) throws {
        let golden = try Golden.load("mcmc", "eight_schools")
        let model = try EightSchools(golden)
        #expect(gradientError(model, at: (0..<10).map { 0.3 * Double($0) - 1 }) < 1e-8)
        let draws = try NoUTurnSampler(targetAcceptance: 0.9, metric: metric).sample(model, plan: Self.plan, seed: 1)
        func exact(_ key: String, _ index: Int = 0) throws -> Double {
            let values: [Double] = try golden.values("exact.\(key)")
            return values[index]
        }
        try Self.expectMoments(draws.parameter(0), mean: exact("mu.mean"), deviation: exact("mu.sd"), "mu")
        try Self.expectMoments(
            draws.quantity { exp($0[1]) }, mean: exact("tau.mean"), deviation: exact("tau.sd"), "tau")
        for school in 0..<8 {
            let theta = draws.quantity { $0[0] + exp($0[1]) * $0[2 + school] }
            try Self.expectMoments(
                theta, mean: exact("theta.mean", school), deviation: exact("theta.sd", school), "theta[\(school)]")
            try Self.expectGolden(golden, "theta_tilde", school, draws.parameter(2 + school))
        }
        // The reference's own run had one divergence in 100,000.
        #expect(draws.divergences < 10)
        // The step size of one chain's warm-up meets the target only about.
        #expect(draws.chains.allSatisfy { $0.energyFraction > 0.3 && abs($0.meanAcceptance - 0.9) < 0.1 })
    }

    @Test(.enabled(if: isThere, "golden posteriors are not there"))
    func logisticRegression() throws {
        let golden = try Golden.load("mcmc", "logistic_regression")
        let model = try LogisticRegression(golden)
        #expect(gradientError(model, at: [0.5, -1, 2, 0.1, -0.7]) < 1e-7)
        let draws = try NoUTurnSampler().sample(model, plan: Self.plan, seed: 2)
        for k in 0..<4 { try Self.expectGolden(golden, "w", k, draws.parameter(k)) }
        try Self.expectGolden(golden, "b", 0, draws.parameter(4))
        #expect(draws.divergences == 0)
        // No draw lies above the mode; the model leaves out the constants of its five priors.
        let constants = -5 * 0.5 * log(2 * Double.pi) - 4 * log(2.5) - log(10)
        let mode: [Double] = try golden.values("exact.map")
        expectClose(
            model.logDensity(at: mode) + constants, try golden.scalar("exact.log_joint_at_map") as Double,
            relative: 1e-12)
        #expect(draws.chains.allSatisfy { $0.logDensities.allSatisfy { $0 <= model.logDensity(at: mode) } })
    }

    @Test(.enabled(if: isThere, "golden posteriors are not there"))
    func linearRegression() throws {
        let golden = try Golden.load("mcmc", "linear_regression")
        let model = try LinearRegression(golden)
        #expect(gradientError(model, at: [0.5, -0.2, 2, 0.1, -0.7]) < 1e-8)
        let draws = try NoUTurnSampler().sample(model, plan: Self.plan, seed: 3)
        try Self.expectGolden(golden, "a", 0, draws.parameter(0))
        try Self.expectGolden(golden, "s", 0, draws.quantity { exp($0[1]) })
        for k in 0..<3 { try Self.expectGolden(golden, "w", k, draws.parameter(2 + k)) }
        #expect(draws.divergences == 0)
    }

    /// 50 dimensions, neighbours correlated by 0.9, standard deviations from 0.1 to 10.
    @Test(arguments: [MetricAdaptation.diagonal, .dense])
    func correlatedGaussian(metric: MetricAdaptation) throws {
        let model = CorrelatedGaussian(
            mean: (0..<50).map { Double($0 % 5) - 2 }, scales: (0..<50).map { pow(100, Double($0) / 49) / 10 },
            rho: 0.9)
        #expect(gradientError(model, at: (0..<50).map { sin(Double($0)) }) < 1e-8)
        let plan = SamplingPlan(chains: 4, warmup: 1000, draws: 1500)
        let draws = try NoUTurnSampler(metric: metric).sample(model, plan: plan, seed: 4)
        for k in 0..<50 {
            try Self.expectMoments(draws.parameter(k), mean: model.mean[k], deviation: model.scales[k], "x[\(k)]")
        }
        // E z_k·z_{k+1} = ρ.
        let product = draws.quantity { x in
            let z = (0..<50).map { (x[$0] - model.mean[$0]) / model.scales[$0] }
            return zip(z, z.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / 49
        }
        let d = try ChainDiagnostics(product)
        #expect(abs(d.mean - 0.9) < 4 * d.standardErrorOfMean)
        #expect(draws.divergences == 0)
    }

    /// Non-centred, the funnel's neck is explored as well as its mouth: v is N(0, 3), and so is its log scale.
    @Test func funnel() throws {
        let draws = try NoUTurnSampler().sample(Funnel(isCentred: false), plan: Self.plan, seed: 5)
        try Self.expectMoments(draws.parameter(0), mean: 0, deviation: 3, "v")
        for i in 1..<10 {
            // x = e^(v/2)·t has the mean 0 and infinite-looking tails; its sign and ln|x| have moments.
            let logs = draws.quantity { 0.5 * $0[0] + log(abs($0[i])) }
            // E ln|t| = −(γ + ln 2)/2, Var ln|t| = π²/8.
            try Self.expectMoments(
                logs, mean: -(0.5772156649015329 + log(2)) / 2,
                deviation: (9.0 / 4 + Double.pi * Double.pi / 8).squareRoot(), "ln|x\(i)|")
        }
        #expect(draws.divergences == 0)
        // Centred, the neck is too narrow for any step size, and the sampler says so.
        #expect(gradientError(Funnel(isCentred: true), at: (0..<10).map { 0.2 * Double($0) - 1 }) < 1e-8)
        let centred = try NoUTurnSampler().sample(Funnel(isCentred: true), plan: Self.plan, seed: 6)
        #expect(centred.divergences > 0)
    }
}
