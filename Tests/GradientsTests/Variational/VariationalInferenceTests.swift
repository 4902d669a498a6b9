import Foundation
import Gradients
import Matrices
import Probability
import TestSupport
import Testing

/// Linear regression with known noise: prior N(0, 1) in 3 coordinates, y = x·w + N(0, 0.5²). The posterior is normal
/// and the evidence known.
private struct LinearGaussian {
    let x = normalMatrix(12, 3, seed: 11)
    let y = normalMatrix(12, 1, seed: 12)

    var model: VariationalModel<Double> {
        let (x, y) = (x, y)
        return VariationalModel(
            dimension: 3, prior: .normal(mean: [0, 0, 0], standardDeviation: [1, 1, 1])
        ) { w in
            let tape = w.tape
            let shift = tape.constant(-1 * y.transposed())
            let residual = w.multiplied(by: tape.constant(x), .transposed).adding(row: shift)
            let constant = -12 * (log(0.5) + 0.5 * log(2 * Double.pi))
            return residual.squared().rowSums().affine(factor: -2, constant: constant)
        }
    }

    /// (I + 4·xᵀx)⁻¹ and 4 times it times xᵀy.
    func posterior() throws -> (mean: [Double], covariance: Matrix<Double>) {
        var precision = 4 * x.multiplied(.transposed, by: x)
        for k in 0..<3 { precision[k, k] += 1 }
        let cholesky = try CholeskyFactorization(precision)
        return (cholesky.solve(4 * x.multiplied(.transposed, by: y)).elements, cholesky.inverse())
    }

    /// ln N(y; 0, 0.25·I + x·xᵀ).
    func logEvidence() throws -> Double {
        var covariance = x.multiplied(by: x, .transposed)
        for k in 0..<12 { covariance[k, k] += 0.25 }
        let cholesky = try CholeskyFactorization(covariance)
        let z = cholesky.solveFactor(y)
        return -0.5 * (z.dot(z) + cholesky.logDeterminant + 12 * log(2 * Double.pi))
    }

    /// The full-rank guide that is the posterior.
    func exactGuide() throws -> FullRankGuide<Double> {
        let (mean, covariance) = try posterior()
        let guide = FullRankGuide<Double>(dimension: 3, mean: mean)
        let factor = try covariance.choleskyFactor()
        guide.lower.value = factor
        for k in 0..<3 { guide.logScale.value[0, k] = log(factor[k, k]) }
        return guide
    }
}

@Suite struct EvidenceBoundTests {
    static let bounds: [EvidenceBound] = [
        .closedFormDivergence(samples: 8), .closedFormEntropy(samples: 8), .monteCarlo(samples: 8),
        .monteCarlo(samples: 8, stickingTheLanding: false), .importanceWeighted(samples: 2, weights: 4),
    ]

    /// Gradients of the estimates against central differences (all but the one that leaves a part out on purpose).
    @Test(arguments: bounds.filter { $0 != .monteCarlo(samples: 8) })
    func gradientsAreExact(bound: EvidenceBound) throws {
        let model = LinearGaussian().model
        let guide = FullRankGuide<Double>(dimension: 3, standardDeviation: 0.3)
        guide.lower.value = normalMatrix(3, 3, seed: 13, scale: 0.2)
        let noise = normalMatrix(8, 3, seed: 14)
        // The estimate does not throw for this prior; a failure would show as NaN.
        let error = gradientError(of: guide.parameters) {
            (try? bound.estimate(model, guide, noise: noise, on: $0)) ?? $0.constant(Matrix([[.nan]]))
        }
        #expect(error < 1e-7)
    }

    /// Where the guide is the posterior, ln p − ln q is the log evidence at every draw, and the gradient that sticks
    /// the landing vanishes.
    @Test func theExactGuideIsFound() throws {
        let problem = LinearGaussian()
        let (guide, evidence) = try (problem.exactGuide(), problem.logEvidence())
        let noise = normalMatrix(8, 3, seed: 15)
        for bound in [EvidenceBound.monteCarlo(samples: 8), .importanceWeighted(samples: 2, weights: 4)] {
            expectClose(
                try bound.estimate(problem.model, guide, noise: noise, on: Tape()).scalar, evidence, absolute: 1e-9)
        }
        let tape = Tape<Double>()
        let bound = EvidenceBound.monteCarlo(samples: 8)
        tape.backward(from: try bound.estimate(problem.model, guide, noise: noise, on: tape))
        for parameter in guide.parameters {
            let gradient = try #require(parameter.gradient)
            #expect(gradient.elements.allSatisfy { abs($0) < 1e-9 })
        }
    }

    /// All estimators of the plain bound agree (5 standard errors of 20,000 draws), and it lies below the
    /// importance-weighted one, which lies below the evidence.
    @Test func boundsAreInOrder() throws {
        let problem = LinearGaussian()
        let guide = MeanFieldGuide<Double>(dimension: 3, mean: [0.2, -0.1, 0], standardDeviation: 0.3)
        func means(_ bound: EvidenceBound) throws -> (mean: Double, error: Double) {
            let values = try (0..<200).map { index in
                try bound.estimate(
                    problem.model, guide, noise: normalMatrix(bound.draws, 3, seed: UInt64(1000 + index)), on: Tape()
                ).scalar
            }
            let mean = values.reduce(0, +) / 200
            return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 199 / 200).squareRoot())
        }
        let estimators: [EvidenceBound] = [
            .closedFormDivergence(samples: 100), .closedFormEntropy(samples: 100), .monteCarlo(samples: 100),
        ]
        let plain = try estimators.map(means)
        for a in plain { for b in plain { #expect(abs(a.mean - b.mean) < 5 * (a.error + b.error)) } }
        let (ten, hundred) = try (
            means(.importanceWeighted(samples: 10, weights: 10)), means(.importanceWeighted(samples: 1, weights: 100))
        )
        #expect(plain[0].mean < ten.mean && ten.mean < hundred.mean)
        #expect(hundred.mean < (try problem.logEvidence()) + 5 * hundred.error)
    }

    @Test func otherPriorsHaveNoClosedForm() {
        let model = VariationalModel<Double>(
            dimension: 1, prior: .logDensity { $0.squared().scaled(by: -0.5) }, logLikelihood: { $0.scaled(by: 1) })
        let guide = MeanFieldGuide<Double>(dimension: 1)
        #expect(throws: VariationalError.priorIsNotNormal) {
            try EvidenceBound.closedFormDivergence(samples: 1).estimate(model, guide, noise: Matrix([[0]]), on: Tape())
        }
    }
}

@Suite struct VariationalInferenceTests {
    /// The full-rank guide becomes the posterior; the mean-field one has its mean and the inverse diagonal of its
    /// precision as variances.
    @Test func gaussiansAreFittedExactly() throws {
        let problem = LinearGaussian()
        let (mean, covariance) = try problem.posterior()
        let full = FullRankGuide<Double>(dimension: 3)
        let fit = try VariationalInference(steps: 1500).fit(problem.model, full, seed: 1)
        expectClose(full.mean, mean, absolute: 1e-4)
        expectClose(full.covariance, covariance, relative: 1e-3)
        expectClose(fit.finalBound, try problem.logEvidence(), absolute: 1e-3)
        #expect(fit.bounds.count == 1500 && fit.bounds[0] < fit.finalBound)

        let field = MeanFieldGuide<Double>(dimension: 3)
        _ = try VariationalInference(bound: .closedFormDivergence(samples: 64), steps: 1500).fit(
            problem.model, field, seed: 2)
        let precision = try CholeskyFactorization(covariance).inverse()
        expectClose(field.mean, mean, absolute: 0.02)
        for k in 0..<3 { expectClose(field.covariance[k, k], 1 / precision[k, k], relative: 0.05) }
        let weighted = try full.weightedDraws(of: problem.model, count: 1000, seed: 3)
        expectClose(weighted.raw.logMeanRatio, try problem.logEvidence(), absolute: 1e-3)
        #expect(weighted.raw.effectiveSampleSize > 990)
    }

    /// The golden logistic regression: posterior means of the weighted draws within 5 standard errors of both, the log
    /// evidence near Laplace's.
    @Test(.enabled(if: Golden.has("mcmc", "logistic_regression"), "golden posteriors are not there"))
    func logisticRegression() throws {
        let golden = try Golden.load("mcmc", "logistic_regression")
        let (x, y): (Matrix<Double>, [Double]) = try (golden.matrix("in.x"), golden.values("in.y"))
        let design = Matrix((0..<x.rows).map { x.row($0) + [1] })
        let labels = Matrix(rows: y.count, columns: 1, elements: y)
        let model = VariationalModel<Double>(
            dimension: 5, prior: .normal(mean: [0, 0, 0, 0, 0], standardDeviation: [2.5, 2.5, 2.5, 2.5, 10])
        ) { w in
            let logits = w.multiplied(by: w.tape.constant(design), .transposed)
            return logits.multiplied(by: w.tape.constant(labels)) - logits.softplus().rowSums()
        }
        let mode: [Double] = try golden.values("exact.map")
        let atMode: Double = try golden.scalar("exact.log_joint_at_map")
        expectClose(model.logDensity.logDensity(at: mode), atMode, relative: 1e-11)
        var gradient = [Double](repeating: .nan, count: 5)
        _ = model.logDensity.logDensity(at: mode, gradient: &gradient)
        #expect(gradient.allSatisfy { abs($0) < 1e-9 })

        let guide = FullRankGuide<Double>(dimension: 5)
        _ = try VariationalInference().fit(model, guide, seed: 1)
        let draws = try guide.weightedDraws(of: model, count: 4000, seed: 2)
        #expect(draws.smoothed.isReliable)
        #expect(abs(draws.raw.logMeanRatio - (try golden.scalar("exact.laplace_log_evidence") as Double)) < 0.3)
        let (mean, error): ([Double], [Double]) = try (golden.values("out.w.mean"), golden.values("out.w.mcse_mean"))
        let deviation: [Double] = try golden.values("out.w.sd")
        for k in 0..<4 {
            let (estimate, own) = draws.expectation { $0[k] }
            #expect(abs(estimate - mean[k]) < 5 * (own + error[k]))
            expectClose(guide.standardDeviation[k], deviation[k], relative: 0.1)
        }
        // The same model by NUTS.
        let chains = try NoUTurnSampler().sample(
            model.logDensity, plan: SamplingPlan(chains: 2, warmup: 300, draws: 300), seed: 3)
        for k in 0..<4 {
            let d = try chains.diagnostics(k)
            #expect(abs(d.mean - mean[k]) < 5 * (d.standardErrorOfMean + error[k]))
        }
    }

    /// In single precision: N(1, 0.5²) times N(3, 0.5²) is N(2, 0.125), whatever the prior's constant.
    @Test func singlePrecisionGoesTheSameWay() throws {
        let model = VariationalModel<Float>(
            dimension: 1, prior: .normal(mean: [1], standardDeviation: [0.5])
        ) { $0.affine(factor: 1, constant: -3).squared().scaled(by: -2) }
        let guide = FullRankGuide<Float>(dimension: 1)
        _ = try VariationalInference(steps: 1000).fit(model, guide, seed: 6)
        expectClose(guide.mean, [2], absolute: 1e-3)
        let variance = 0.125
        expectClose(guide.standardDeviation, [variance.squareRoot()], relative: 1e-3)
    }

    @Test func theSameSeedGivesTheSameFit() throws {
        let problem = LinearGaussian()
        let means = try [4, 4, 5 as UInt64].map { seed in
            let guide = MeanFieldGuide<Double>(dimension: 3)
            _ = try VariationalInference(steps: 50).fit(problem.model, guide, seed: seed)
            return guide.mean
        }
        #expect(means[0] == means[1] && means[0] != means[2])
    }

    @Test func failuresAreNamed() throws {
        struct Refusal: Error {}
        let model = LinearGaussian().model
        func fit(_ inference: VariationalInference, _ model: VariationalModel<Double>? = nil) throws {
            let guide = MeanFieldGuide<Double>(dimension: 3)
            _ = try inference.fit(model ?? LinearGaussian().model, guide, seed: 1)
        }
        for inference in [
            VariationalInference(steps: 0), VariationalInference(learningRate: 0),
            VariationalInference(bound: .monteCarlo(samples: 0)),
            VariationalInference(bound: .importanceWeighted(samples: 1, weights: 0)),
        ] { #expect(throws: VariationalError.self) { try fit(inference) } }
        #expect(throws: Refusal.self) {
            try VariationalInference().fit(model, MeanFieldGuide<Double>(dimension: 3), seed: 1) { step, _ in
                if step == 3 { throw Refusal() }
            }
        }
        let broken = VariationalModel<Double>(
            dimension: 3, prior: model.prior, logLikelihood: { $0.rowSums().scaled(by: .nan) })
        #expect(throws: VariationalError.self) { try fit(VariationalInference(), broken) }
        #expect(throws: ImportanceError.noRatios) {
            try MeanFieldGuide<Double>(dimension: 3).weightedDraws(of: model, count: 0, seed: 1)
        }
    }
}
