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

// What is known before the data, and where each parameter lies; the sampler works on ln τ, and the space sees to it.
let space = try ParameterSpace([
    ModelParameter("mu", prior: Normal(mean: 0, standardDeviation: 5)),
    ModelParameter("tau", prior: HalfCauchy(scale: 5)),
    ModelParameter("t", prior: Normal.standard, count: 8),
])
let model = VariationalModel<Double>(space) { p in
    let tape = p.values.tape
    let schools = p["t"].scalingRows(by: p["tau"]).adding(column: p["mu"])
    let shift = tape.constant(Matrix([effects.map { -$0 }]))
    let scale = tape.constant(Matrix([errors.map { 1 / $0 }])).tiled(schools.rows)
    let residuals = schools.adding(row: shift).multipliedElementwise(by: scale)
    let constant = -errors.reduce(0) { $0 + log($1) } - 4 * log(2 * .pi)
    return residuals.squared().rowSums().affine(factor: -0.5, constant: constant)
}

// Four chains in parallel. A high target acceptance keeps the steps short enough for the narrow part.
let draws = try NoUTurnSampler(targetAcceptance: 0.9).sample(
    model.logDensity, plan: SamplingPlan(chains: 4, warmup: 1000, draws: 1000), seed: 1
).constrained(to: space)
var summaries = try ["mu", "tau"].map { try DrawsSummary(name: $0, draws.parameter($0)) }
for j in 0..<8 {
    summaries.append(try DrawsSummary(name: "school \(j + 1)", draws.quantity { $0[0] + $0[1] * $0[2 + j] }))
}
print("No-U-Turn sampler, \(draws.chains.count) chains of \(draws.draws) draws, \(draws.divergences) divergent")
print(summaries.table)

// The same model by variational inference: seconds become milliseconds, and the Pareto k̂ says how far to trust it.
let guide = FullRankGuide<Double>(dimension: model.dimension)
let fit = try VariationalInference(steps: 3000).fit(model, guide, seed: 2)
let weighted = try guide.weightedDraws(of: model, count: 10_000, seed: 3)
let shape = weighted.smoothed.shape
print(String(format: "\nFull-rank normal guide: bound %.2f nats, Pareto k %.2f", fit.finalBound, shape))
for (index, name) in ["mu", "tau"].enumerated() {
    let (mean, error) = weighted.expectation { space.constrained($0)[index] }
    let title = name.padding(toLength: 4, withPad: " ", startingAt: 0)
    print(title + String(format: "mean %.2f (error %.2f)", mean, error))
}
print(String(format: "log evidence %.2f nats", weighted.raw.logMeanRatio))
