import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// A bent Gaussian: x₀ ~ N(0, 1), x₁ ~ N(0.3·x₀², 1), so that E x₁ = 0.3 and Var x₁ = 1.18.
private struct Bent: DifferentiableLogDensityModel {
    var dimension: Int { 2 }
    var parameterNames: [String] { ["across", "along"] }

    func logDensity(at x: [Double], gradient: inout [Double]) -> Double {
        let residual = x[1] - 0.3 * x[0] * x[0]
        gradient[0] = -x[0] + 0.6 * x[0] * residual
        gradient[1] = -residual
        return -0.5 * x[0] * x[0] - 0.5 * residual * residual
    }
}

/// The laws that every sampler of Markov chains keeps; a new one is added to `Sampler`.
@Suite struct SamplerLawTests {
    enum Sampler: CaseIterable {
        case noUTurn, noUTurnDense, noUTurnUnit, hamiltonian, randomWalk, slice

        func sample(
            _ model: any DifferentiableLogDensityModel, _ plan: SamplingPlan, seed: UInt64,
            progress: SamplingObserver? = nil
        ) throws -> MarkovChainDraws {
            switch self {
            case .noUTurn: try NoUTurnSampler().sample(model, plan: plan, seed: seed, progress: progress)
            case .noUTurnDense:
                try NoUTurnSampler(metric: .dense).sample(model, plan: plan, seed: seed, progress: progress)
            case .noUTurnUnit:
                try NoUTurnSampler(metric: .unit).sample(model, plan: plan, seed: seed, progress: progress)
            case .hamiltonian: try HamiltonianMonteCarlo().sample(model, plan: plan, seed: seed, progress: progress)
            case .randomWalk: try RandomWalkMetropolis().sample(model, plan: plan, seed: seed, progress: progress)
            case .slice: try SliceSampler().sample(model, plan: plan, seed: seed, progress: progress)
            }
        }
    }

    /// Means and standard deviations within 4 Monte-Carlo standard errors, R̂ below 1.01.
    @Test(arguments: Sampler.allCases)
    func drawsHaveTheTargetsMoments(sampler: Sampler) throws {
        let thinning = sampler == .randomWalk ? 10 : 1
        let plan = SamplingPlan(chains: 4, warmup: 2000, draws: 4000, thinning: thinning)
        let draws = try sampler.sample(Bent(), plan, seed: 11)
        try PosteriorTests.expectMoments(draws.parameter(0), mean: 0, deviation: 1, "x0")
        try PosteriorTests.expectMoments(draws.parameter(1), mean: 0.3, deviation: 1.18.squareRoot(), "x1")
        #expect(draws.parameterNames == ["across", "along"] && draws.draws == 4000 && draws.positions.rows == 16_000)
        #expect(draws.evaluations > 0)
    }

    @Test(arguments: Sampler.allCases)
    func threadsChangeNoBit(sampler: Sampler) throws {
        let plan = SamplingPlan(chains: 5, warmup: 150, draws: 40)
        let runs = try [1, 2, 5].map { threads in
            try Parallelism.withThreads(threads) { try sampler.sample(Bent(), plan, seed: 12).positions.elements }
        }
        #expect(runs[0] == runs[1] && runs[0] == runs[2])
        #expect(try sampler.sample(Bent(), plan, seed: 13).positions.elements != runs[0])
        // A chain does not depend on how many there are.
        let fewer = try sampler.sample(Bent(), SamplingPlan(chains: 2, warmup: 150, draws: 40), seed: 12)
        #expect(fewer.positions.elements == Array(runs[0].prefix(2 * 40 * 2)))
    }

    /// Draws that are independent enough (thinned) from a standard normal have its distribution: Kolmogorov–Smirnov at
    /// 1e-4, also without any warm-up.
    @Test(arguments: Sampler.allCases)
    func drawsHaveTheTargetsDistribution(sampler: Sampler) throws {
        let normal = DifferentiableLogDensityFunction(dimension: 1) { x, gradient in
            gradient[0] = -x[0]
            return -0.5 * x[0] * x[0]
        }
        for warmup in [0, 500] {
            let plan = SamplingPlan(
                chains: 4, warmup: warmup, draws: 1000, thinning: 20, start: .positions([[0.1], [-0.5], [1], [-1]]))
            let draws = try sampler.sample(normal, plan, seed: 14)
            let sorted = draws.positions.elements.sorted()
            let n = Double(sorted.count)
            let distance = sorted.enumerated().map { abs(Normal.standard.cdf($1) - (Double($0) + 0.5) / n) }.max() ?? 1
            #expect(n.squareRoot() * distance < 2.2253, "warm-up \(warmup)")
        }
    }

    @Test(arguments: Sampler.allCases)
    func observersSeeEveryIterationAndMayStop(sampler: Sampler) throws {
        let plan = SamplingPlan(chains: 2, warmup: 30, draws: 20, thinning: 2)
        let counts = Counter()
        _ = try sampler.sample(Bent(), plan, seed: 15) { progress in
            counts.add()
            guard progress.iterations == 70, progress.isWarmup == (progress.iteration <= 30) else { throw Refusal() }
        }
        #expect(counts.value == 140)
        #expect(throws: Refusal.self) {
            try sampler.sample(Bent(), plan, seed: 15) { if $0.iteration == 25 { throw Refusal() } }
        }
    }

    @Test(arguments: Sampler.allCases)
    func badPlansAndStartsAreRefused(sampler: Sampler) {
        func expect(_ error: SamplingError, _ plan: SamplingPlan, _ model: any DifferentiableLogDensityModel = Bent()) {
            #expect(throws: error) { try sampler.sample(model, plan, seed: 16) }
        }
        for (name, plan) in [
            ("chains", SamplingPlan(chains: 0)), ("draws", SamplingPlan(draws: 0)),
            ("thinning", SamplingPlan(thinning: 0)),
        ] { expect(.badOption(name: name, value: "0", expected: "1 or more"), plan) }
        expect(.badOption(name: "warmup", value: "-1", expected: "0 or more"), SamplingPlan(warmup: -1))
        expect(.wrongStarts(found: 1, expected: 4), SamplingPlan(start: .positions([[0, 0]])))
        expect(
            .wrongStart(chain: 1, found: 1, expected: 2), SamplingPlan(chains: 2, start: .positions([[0, 0], [0]])))
        let nowhere = DifferentiableLogDensityFunction(dimension: 1) { _, gradient in
            gradient[0] = 0
            return -.infinity
        }
        expect(
            .nonFiniteStart(chain: 0, logDensity: -.infinity), SamplingPlan(chains: 1, start: .positions([[0]])),
            nowhere)
        expect(.noStart(chain: 0, attempts: 100, logDensity: -.infinity), SamplingPlan(), nowhere)
        expect(
            .badOption(name: "radius", value: "-1.0", expected: "a finite number of at least 0"),
            SamplingPlan(start: .uniform(radius: -1)))
    }

    private struct Refusal: Error {}
}

@Suite struct SamplerOptionTests {
    @Test func optionsOutOfRangeAreRefused() {
        let attempts: [() throws -> MarkovChainDraws] = [
            { try NoUTurnSampler(targetAcceptance: 1).sample(Bent(), seed: 1) },
            { try NoUTurnSampler(maximumTreeDepth: 0).sample(Bent(), seed: 1) },
            { try NoUTurnSampler(stepSize: 0).sample(Bent(), seed: 1) },
            { try NoUTurnSampler(divergenceThreshold: .nan).sample(Bent(), seed: 1) },
            { try HamiltonianMonteCarlo(integrationTime: 0).sample(Bent(), seed: 1) },
            { try HamiltonianMonteCarlo(jitter: 1).sample(Bent(), seed: 1) },
            { try HamiltonianMonteCarlo(maximumSteps: 0).sample(Bent(), seed: 1) },
            { try HamiltonianMonteCarlo(stepSize: .infinity).sample(Bent(), seed: 1) },
            { try HamiltonianMonteCarlo(divergenceThreshold: 0).sample(Bent(), seed: 1) },
            { try RandomWalkMetropolis(targetAcceptance: 0).sample(Bent(), seed: 1) },
            { try RandomWalkMetropolis(scale: -1).sample(Bent(), seed: 1) },
            { try SliceSampler(width: 0).sample(Bent(), seed: 1) },
            { try SliceSampler(maximumSteps: 0).sample(Bent(), seed: 1) },
        ]
        for attempt in attempts { #expect(throws: SamplingError.self) { try attempt() } }
    }

    /// Gradients that are not finite at the start, and densities that no step size suits.
    @Test func brokenModelsAreNamed() {
        let steep = DifferentiableLogDensityFunction(dimension: 2, parameterNames: ["a", "b"]) { x, gradient in
            (gradient[0], gradient[1]) = (0, .nan)
            return 0
        }
        #expect(throws: SamplingError.self) { try NoUTurnSampler().sample(steep, seed: 1) }
        do {
            _ = try NoUTurnSampler().sample(
                steep, plan: SamplingPlan(chains: 1, start: .positions([[0, 0]])), seed: 1)
        } catch {
            guard case .nonFiniteGradient(chain: 0, parameter: "b", let value)? = error as? SamplingError else {
                Issue.record("\(error)")
                return
            }
            #expect(value.isNaN)
        }
        let flat = DifferentiableLogDensityFunction(dimension: 1) { _, gradient in
            gradient[0] = 0
            return 0
        }
        #expect(throws: SamplingError.self) { try NoUTurnSampler().sample(flat, seed: 1) }
    }

    /// A step size of one's own is kept; where it is far too long every transition diverges and the chain stays.
    @Test func stepSizesMayBeFixed() throws {
        let draws = try NoUTurnSampler(metric: .unit, stepSize: 0.25).sample(
            Bent(), plan: SamplingPlan(chains: 2, warmup: 100, draws: 100), seed: 2)
        #expect(draws.chains.allSatisfy { $0.stepSize == 0.25 && $0.adaptedVariances == nil })
        let wild = try NoUTurnSampler(metric: .unit, stepSize: 1e4).sample(
            Bent(), plan: SamplingPlan(chains: 1, warmup: 0, draws: 50, start: .positions([[0.5, 1]])), seed: 3)
        #expect(wild.divergences == 50 && wild.chains[0].isDivergent.allSatisfy { $0 })
        #expect(wild.positions.elements == (0..<50).flatMap { _ in [0.5, 1] })
    }

    @Test func depthsAreBounded() throws {
        let draws = try NoUTurnSampler(maximumTreeDepth: 3).sample(
            CorrelatedGaussian(mean: [0, 0], scales: [1, 1], rho: 0.999),
            plan: SamplingPlan(chains: 1, warmup: 200, draws: 200), seed: 4)
        #expect(draws.chains[0].treeDepths.max() == 3)
        #expect(draws.evaluations <= 200 * 7)
    }

    @Test func summariesAreTables() throws {
        let draws = try NoUTurnSampler().sample(
            Bent(), plan: SamplingPlan(chains: 2, warmup: 200, draws: 100), seed: 5)
        let summary = try draws.summary()
        let lines = summary.table.split(separator: "\n")
        #expect(lines.count == 3 && lines[1].hasPrefix("across") && Set(lines.map(\.count)).count == 1)
        let mean = try draws.diagnostics(1).mean
        #expect(summary[1].name == "along" && summary[1].mean == mean)
        let few = try NoUTurnSampler().sample(Bent(), plan: SamplingPlan(chains: 1, warmup: 20, draws: 3), seed: 5)
        #expect(throws: ChainDiagnosticsError.tooFewDraws(found: 3, expected: 4)) { try few.summary() }
    }
}
