import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Prior N(0, 2²) and likelihood N(y; x, 0.3²) in every coordinate: the evidence is Π N(y; 0, 4.09), the posterior
/// normal with variance 1/(1/4 + 1/0.09).
private struct ConjugateNormal: TemperedModel {
    let y: [Double]
    var dimension: Int { y.count }

    func drawFromPrior(_ stream: inout RandomStream) -> [Double] { y.map { _ in 2 * stream.gaussian() } }
    func logPrior(at x: [Double]) -> Double { -x.reduce(0) { $0 + $1 * $1 } / 8 }

    func logLikelihood(at x: [Double]) -> Double {
        zip(x, y).reduce(0) { $0 - 0.5 * pow(($1.0 - $1.1) / 0.3, 2) - 0.5 * log(2 * Double.pi * 0.09) }
    }

    var logEvidence: Double { y.reduce(0) { $0 - 0.5 * $1 * $1 / 4.09 - 0.5 * log(2 * Double.pi * 4.09) } }
}

@Suite struct TemperingSamplerTests {
    /// Over 12 seeds the mean log evidence lies within 5 standard errors of the exact one, and posterior means and
    /// variances within 5 of theirs (errors from the scatter over seeds).
    @Test(arguments: Resampling.allCases)
    func evidenceAndPosteriorAreExact(resampling: Resampling) throws {
        let model = ConjugateNormal(y: [1.5, -2, 0.3, 3])
        let runs = try (0..<12).map { seed in
            try TemperingSampler(particles: 500, resampling: resampling).sample(model, seed: UInt64(100 + seed))
        }
        func expectMean(_ values: [Double], _ exact: Double, _ name: String) {
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
            let error = (variance / Double(values.count)).squareRoot()
            #expect(abs(mean - exact) < 5 * error, "\(name): \(mean) ± \(error), expected \(exact)")
        }
        expectMean(runs.map(\.logEvidence), model.logEvidence, "log evidence")
        #expect(runs.allSatisfy { abs($0.logEvidence - model.logEvidence) < 0.6 })
        let variance = 1 / (0.25 + 1 / 0.09)
        for k in 0..<4 {
            let mean = variance * model.y[k] / 0.09
            expectMean(runs.map { $0.mean[k] }, mean, "mean \(k)")
            expectMean(
                runs.map { run in
                    (0..<500).reduce(0) { $0 + pow(run.positions[$1, k] - mean, 2) } / 500
                }, variance, "variance \(k)")
        }
        let first = runs[0]
        #expect(first.temperatures.last == 1 && zip(first.temperatures, first.temperatures.dropFirst()).allSatisfy(<))
        #expect(first.effectiveSampleSizes.dropLast().allSatisfy { abs($0 - 250) < 1 })
        #expect(first.acceptances.allSatisfy { $0 > 0.05 && $0 < 0.8 })
        #expect(first.logLikelihoods[3] == model.logLikelihood(at: first.positions.row(3)))
    }

    /// Two modes of equal mass at ±5, with walls of probability 1e-10 between them: both keep their half (5 standard
    /// errors of 2000 draws, of which about a quarter descend from different prior draws).
    @Test func modesKeepTheirShares() throws {
        let model = TemperedFunctions(
            dimension: 1, drawFromPrior: { [10 * $0.gaussian()] }, logPrior: { -$0[0] * $0[0] / 200 },
            logLikelihood: { x in
                let (a, b) = (-2 * pow(x[0] - 5, 2), -2 * pow(x[0] + 5, 2))
                return max(a, b) + log1p(exp(-abs(a - b)))
            })
        let draws = try TemperingSampler(particles: 2000).sample(model, seed: 7)
        let share = Double((0..<2000).count { draws.positions[$0, 0] > 0 }) / 2000
        #expect(abs(share - 0.5) < 5 * 0.5 / 500.0.squareRoot())
    }

    /// The Laplace approximation of a logistic regression's evidence is good to a few per cent with 120 rows.
    @Test(.enabled(if: PosteriorTests.isThere, "golden posteriors are not there"))
    func logisticRegressionEvidence() throws {
        let golden = try Golden.load("mcmc", "logistic_regression")
        let regression = try LogisticRegression(golden)
        let scales = [2.5, 2.5, 2.5, 2.5, 10]
        @Sendable func logPrior(_ w: [Double]) -> Double { -zip(w, scales).reduce(0) { $0 + pow($1.0 / $1.1, 2) / 2 } }
        let model = TemperedFunctions(
            dimension: 5, drawFromPrior: { stream in scales.map { $0 * stream.gaussian() } }, logPrior: logPrior,
            logLikelihood: { regression.logDensity(at: $0) - logPrior($0) })
        let draws = try TemperingSampler(particles: 1000).sample(model, seed: 8)
        #expect(abs(draws.logEvidence - (try golden.scalar("exact.laplace_log_evidence") as Double)) < 0.3)
        for k in 0..<4 {
            let (mean, deviation): ([Double], [Double]) = try (golden.values("out.w.mean"), golden.values("out.w.sd"))
            // A thousand draws that depend on one another count as 200 at least.
            #expect(abs(draws.mean[k] - mean[k]) < 5 * deviation[k] / 200.0.squareRoot())
        }
    }

    @Test func threadsChangeNoBit() throws {
        let model = ConjugateNormal(y: [1, 2])
        let runs = try [1, 2, 3].map { threads in
            try Parallelism.withThreads(threads) { try TemperingSampler(particles: 200).sample(model, seed: 9) }
        }
        #expect(runs.allSatisfy { $0.positions == runs[0].positions && $0.logEvidence == runs[0].logEvidence })
    }

    @Test func failuresAreNamed() throws {
        struct Refusal: Error {}
        let model = ConjugateNormal(y: [1])
        func functions(
            _ likelihood: @escaping @Sendable ([Double]) -> Double, draw: [Double] = [0]
        ) -> TemperedFunctions {
            TemperedFunctions(
                dimension: 1, drawFromPrior: { _ in draw }, logPrior: { _ in 0 }, logLikelihood: likelihood)
        }
        #expect(throws: Refusal.self) { try TemperingSampler().sample(model, seed: 1) { _ in throw Refusal() } }
        #expect(throws: TemperingError.impossible(particles: 10)) {
            try TemperingSampler(particles: 10).sample(functions { _ in -.infinity }, seed: 1)
        }
        #expect(throws: TemperingError.self) {
            try TemperingSampler(particles: 10).sample(functions { _ in .nan }, seed: 1)
        }
        #expect(throws: TemperingError.wrongDraw(found: 2, expected: 1)) {
            try TemperingSampler(particles: 10).sample(functions({ _ in 0 }, draw: [0, 0]), seed: 1)
        }
        #expect(throws: TemperingError.self) { try TemperingSampler(maximumStages: 1).sample(model, seed: 1) }
        for sampler in [
            TemperingSampler(particles: 1), TemperingSampler(effectiveShare: 1), TemperingSampler(stayProbability: 0),
            TemperingSampler(maximumSteps: 0), TemperingSampler(maximumStages: 0),
        ] { #expect(throws: TemperingError.self) { try sampler.sample(model, seed: 1) } }
    }
}

/// A random walk seen through noise: state N(0.9·x, 0.5²), first state N(0, 1), observation N(x, 0.7²).
private struct NoisyWalk: StateSpaceModel {
    func firstState(_ stream: inout RandomStream) -> Double { stream.gaussian() }
    func nextState(after state: Double, time: Int, _ stream: inout RandomStream) -> Double {
        0.9 * state + 0.5 * stream.gaussian()
    }
    func logDensity(of observation: Double, given state: Double, time: Int) -> Double {
        -0.5 * pow((observation - state) / 0.7, 2) - log(0.7) - 0.5 * log(2 * Double.pi)
    }
}

@Suite struct ParticleFilterTests {
    /// The Kalman filter's likelihood and means: the log likelihood within 5 standard errors over 10 seeds, the means
    /// within 5 of theirs.
    @Test(arguments: [0.5, 1])
    func agreesWithTheKalmanFilter(share: Double) throws {
        var stream = RandomStream(seed: 91)
        var x = stream.gaussian()
        let observations = (0..<50).map { time -> Double in
            if time > 0 { x = 0.9 * x + 0.5 * stream.gaussian() }
            return x + 0.7 * stream.gaussian()
        }
        var (mean, variance, exact) = (0.0, 1.0, 0.0)
        var means: [Double] = []
        for (time, y) in observations.enumerated() {
            if time > 0 { (mean, variance) = (0.9 * mean, 0.81 * variance + 0.25) }
            let spread = variance + 0.49
            exact -= 0.5 * (y - mean) * (y - mean) / spread + 0.5 * log(2 * Double.pi * spread)
            let gain = variance / spread
            (mean, variance) = (mean + gain * (y - mean), (1 - gain) * variance)
            means.append(mean)
        }
        let filter = ParticleFilter(particles: 2000, effectiveShare: share)
        let runs = try (0..<10).map { seed in
            var stream = RandomStream(seed: 92).split(seed)
            return try filter.filter(NoisyWalk(), observations, &stream) { _, states, weights in
                weights.expectation(of: states).mean
            }
        }
        func expectMean(_ values: [Double], _ exact: Double) {
            let mean = values.reduce(0, +) / 10
            let error = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 90).squareRoot()
            #expect(abs(mean - exact) < 5 * error)
        }
        expectMean(runs.map(\.logLikelihood), exact)
        for time in 0..<50 { expectMean(runs.map { $0.results[time] }, means[time]) }
        #expect(runs[0].effectiveSampleSizes.count == 50 && runs[0].effectiveSampleSizes.allSatisfy { $0 > 100 })
    }

    @Test func failuresAreNamed() {
        var stream = RandomStream(seed: 93)
        func filter(_ filter: ParticleFilter, _ observations: [Double]) throws -> Double {
            try filter.filter(NoisyWalk(), observations, &stream) { _, _, _ in 0 }.logLikelihood
        }
        #expect(throws: ParticleFilterError.self) { try filter(ParticleFilter(particles: 1), [0]) }
        #expect(throws: ParticleFilterError.self) { try filter(ParticleFilter(effectiveShare: 0), [0]) }
        #expect(throws: ParticleFilterError.self) { try filter(ParticleFilter(), [0, .nan]) }
        #expect(throws: ParticleFilterError.lost(time: 1, reason: .noWeight(count: 1000))) {
            try filter(ParticleFilter(), [0, .infinity])
        }
    }
}
