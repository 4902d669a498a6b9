// Eight schools (Rubin 1981): what does coaching do to test scores, school by school?
//
//   swift run -c release EightSchools
//
// A hierarchical model, θ_j ~ N(μ, τ²), y_j ~ N(θ_j, σ_j²), written once and solved twice: by the No-U-Turn sampler,
// and by fitting a normal guide. It is written "non-centred", θ = μ + τ·t with t ~ N(0, 1), since the density of
// (μ, τ, θ) is a funnel that no step size suits.

import Credence
import Foundation

let effects: [Double] = [28, 8, -3, 7, -1, 1, 18, 12]
let errors: [Double] = [15, 10, 16, 11, 9, 11, 10, 18]

/// θ `[S, 8]` of positions `[S, 10]`: μ, ln τ and the eight t.
@Sendable func schools(_ x: Variable<Double>) -> Variable<Double> {
    x.columns(2..<10).scalingRows(by: x.columns(1..<2).exp()).adding(column: x.columns(0..<1))
}

let model = VariationalModel<Double>(
    dimension: 10, parameterNames: ["mu", "log tau"] + (1...8).map { "t\($0)" },
    prior: .logDensity { x in
        // μ ~ N(0, 5), τ ~ HalfCauchy(5), t ~ N(0, 1). The half-Cauchy density of τ, times τ for the logarithm, is
        // 2τ/(5π) / (1 + τ²/25).
        let (mu, logTau) = (x.columns(0..<1), x.columns(1..<2))
        let cauchy = logTau - logTau.affine(factor: 2, constant: -log(25)).softplus()
        let normals = mu.squared().scaled(by: -1.0 / 50) - x.columns(2..<10).squared().rowSums().scaled(by: 0.5)
        return (cauchy + normals).affine(factor: 1, constant: log(2 / (5 * .pi)) - log(5) - 4.5 * log(2 * .pi))
    },
    logLikelihood: { x in
        let tape = x.tape
        let shift = tape.constant(Matrix([effects.map { -$0 }]))
        let scale = tape.constant(Matrix([errors.map { 1 / $0 }])).tiled(x.rows)
        let residuals = schools(x).adding(row: shift).multipliedElementwise(by: scale)
        let constant = -errors.reduce(0) { $0 + log($1) } - 4 * log(2 * .pi)
        return residuals.squared().rowSums().affine(factor: -0.5, constant: constant)
    })

// Four chains in parallel. A high target acceptance keeps the steps short enough for the narrow part.
let draws = try NoUTurnSampler(targetAcceptance: 0.9).sample(
    model.logDensity, plan: SamplingPlan(chains: 4, warmup: 1000, draws: 1000), seed: 1)
var summaries = try [
    DrawsSummary(name: "mu", draws.parameter(0)), DrawsSummary(name: "tau", draws.quantity { exp($0[1]) }),
]
for j in 0..<8 {
    let theta = draws.quantity { $0[0] + exp($0[1]) * $0[2 + j] }
    summaries.append(try DrawsSummary(name: "school \(j + 1)", theta))
}
print("No-U-Turn sampler, \(draws.chains.count) chains of \(draws.draws) draws, \(draws.divergences) divergent")
print(summaries.table)

// The same model by variational inference: seconds become milliseconds, and the Pareto k̂ says how far to trust it.
let guide = FullRankGuide<Double>(dimension: model.dimension)
let fit = try VariationalInference(steps: 3000).fit(model, guide, seed: 2)
let weighted = try guide.weightedDraws(of: model, count: 10_000, seed: 3)
let shape = weighted.smoothed.shape
print(String(format: "\nFull-rank normal guide: bound %.2f nats, Pareto k %.2f", fit.finalBound, shape))
for (name, function) in [("mu", { $0[0] }), ("tau", { exp($0[1]) })] as [(String, ([Double]) -> Double)] {
    let (mean, error) = weighted.expectation(of: function)
    let title = name.padding(toLength: 4, withPad: " ", startingAt: 0)
    print(title + String(format: "mean %.2f (error %.2f)", mean, error))
}
print(String(format: "log evidence %.2f nats", weighted.raw.logMeanRatio))
