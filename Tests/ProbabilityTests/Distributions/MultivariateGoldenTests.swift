import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// The golden files of categorical, multinomial, Dirichlet, multivariate normal and Wishart distributions: within 1e-12,
/// relative to 1 where values are smaller.
@Suite struct MultivariateGoldenTests {
    private func check(_ found: Double, _ expected: Double, _ what: String) {
        expectClose(found, expected, absolute: 1e-12 * max(1, expected.isFinite ? abs(expected) : 1), what)
    }

    @Test(.enabled(if: Golden.has("distributions", "categorical"), "golden distributions are not there"))
    func categorical() throws {
        let golden = try Golden.load("distributions", "categorical")
        let (p, logits): (Matrix<Double>, Matrix<Double>) = try (golden.matrix("in.probs"), golden.matrix("in.logits"))
        let (logMass, entropy): (Matrix<Double>, [Double]) = try (golden.matrix("scipy.log_prob"), golden.values("scipy.entropy"))
        for row in 0..<p.rows {
            let d = try Categorical(probabilities: p.row(row))
            for k in 0..<4 { check(d.logDensity(k), logMass[row, k], "probabilities \(row)") }
            check(d.entropy, entropy[row], "entropy \(row)")
            let oneHot = try OneHotCategorical(probabilities: p.row(row))
            for k in 0..<4 {
                check(oneHot.logDensity((0..<4).map { $0 == k ? 1 : 0 }), logMass[row, k], "one-hot \(row)")
            }
        }
        let (fromLogits, logitEntropy): (Matrix<Double>, [Double]) = try (
            golden.matrix("torch.log_prob_logits"), golden.values("torch.entropy_logits")
        )
        for row in 0..<logits.rows {
            let d = try Categorical(logits: logits.row(row))
            for k in 0..<4 { check(d.logDensity(k), fromLogits[row, k], "logits \(row)") }
            check(d.entropy, logitEntropy[row], "entropy \(row)")
        }
    }

    @Test(.enabled(if: Golden.has("distributions", "multinomial"), "golden distributions are not there"))
    func multinomial() throws {
        let golden = try Golden.load("distributions", "multinomial")
        let (p, counts): (Matrix<Double>, Matrix<Double>) = try (golden.matrix("in.probs"), golden.matrix("in.counts"))
        let (logMass, entropy): (Matrix<Double>, [Double]) = try (golden.matrix("scipy.log_prob"), golden.values("scipy.entropy"))
        for row in 0..<p.rows {
            let d = try Multinomial(totalCount: 9, probabilities: p.row(row))
            for column in 0..<counts.rows {
                check(d.logDensity(counts.row(column)), logMass[row, column], "row \(row), counts \(column)")
            }
            check(d.entropy, entropy[row], "entropy \(row)")
        }
    }

    @Test(.enabled(if: Golden.has("distributions", "dirichlet"), "golden distributions are not there"))
    func dirichlet() throws {
        let golden = try Golden.load("distributions", "dirichlet")
        let (a, x): (Matrix<Double>, Matrix<Double>) = try (golden.matrix("in.concentration"), golden.matrix("in.x"))
        let (logDensity, entropy): (Matrix<Double>, [Double]) = try (golden.matrix("scipy.log_prob"), golden.values("scipy.entropy"))
        let (mean, variance): (Matrix<Double>, Matrix<Double>) = try (golden.matrix("torch.mean"), golden.matrix("torch.variance"))
        for row in 0..<a.rows {
            let d = try Dirichlet(concentration: a.row(row))
            // SciPy's terms are of the size of α₀·ln α₀ and cancel: its own rounding grows with α₀.
            let largest = logDensity.row(row).reduce(1) { max($0, abs($1)) } * max(1, 1e-3 * d.total)
            expectClose(d.logDensities(x), logDensity.row(row), absolute: 1e-12 * largest, "row \(row), bulk")
            for point in 0..<x.rows { expectClose(d.logDensity(x.row(point)), logDensity[row, point], absolute: 1e-12 * largest) }
            expectClose(d.entropy, entropy[row], absolute: 1e-12 * max(1, abs(entropy[row])) * max(1, 1e-3 * d.total), "entropy \(row)")
            expectClose(d.mean, mean.row(row), relative: 1e-14)
            expectClose(d.variance, variance.row(row), relative: 1e-13)
        }
    }

    @Test(.enabled(if: Golden.has("distributions", "multivariate_normal"), "golden distributions are not there"))
    func multivariateNormal() throws {
        let golden = try Golden.load("distributions", "multivariate_normal")
        let (covariance, cholesky): (Matrix<Double>, Matrix<Double>) = try (
            golden.matrix("in.covariance"), golden.matrix("out.cholesky")
        )
        let (mean, x): (Matrix<Double>, Matrix<Double>) = try (golden.matrix("in.loc"), golden.matrix("in.x"))
        let (logDensity, entropy): (Matrix<Double>, [Double]) = try (golden.matrix("scipy.log_prob"), golden.values("scipy.entropy"))
        for row in 0..<mean.rows {
            func block(_ m: Matrix<Double>) -> Matrix<Double> { Matrix((0..<5).map { m.row(row * 5 + $0) }) }
            let d = try MultivariateNormal(mean: mean.row(row), covariance: block(covariance))
            expectClose(d.choleskyFactor.elements, block(cholesky).elements, relative: 1e-12)
            let points = Matrix((0..<6).map { x.row(row * 6 + $0) })
            // An ill-conditioned covariance multiplies rounding by its condition: 1e6 in the last settings.
            let bound = conditionBound(d)
            for point in 0..<6 {
                expectClose(d.logDensity(points.row(point)), logDensity[row, point], relative: bound, "row \(row)")
            }
            expectClose(d.logDensities(points), logDensity.row(row), relative: bound, "row \(row), bulk")
            expectClose(d.entropy, entropy[row], absolute: 1e-12 * max(1, abs(entropy[row])))
            expectClose(d.covariance.elements, block(covariance).elements, relative: 1e-13)
            let precise = try MultivariateNormal(mean: mean.row(row), precision: CholeskyFactorization(block(covariance)).inverse())
            expectClose(precise.choleskyFactor.elements, d.choleskyFactor.elements, relative: 1e3 * bound)
        }
    }

    private func conditionBound(_ d: MultivariateNormal) -> Double {
        let values = (try? d.covariance.symmetricEigenvalues()) ?? []
        let condition = (values.last ?? 1) / (values.first ?? 1)
        return max(1e-12, 4e-16 * condition)
    }

    @Test(.enabled(if: Golden.has("distributions", "low_rank_multivariate_normal"), "golden distributions are not there"))
    func lowRank() throws {
        let golden = try Golden.load("distributions", "low_rank_multivariate_normal")
        let (factor, diagonal): (Matrix<Double>, Matrix<Double>) = try (golden.matrix("in.factor"), golden.matrix("in.diagonal"))
        let (mean, x): (Matrix<Double>, Matrix<Double>) = try (golden.matrix("in.loc"), golden.matrix("in.x"))
        let (logDensity, entropy): (Matrix<Double>, [Double]) = try (golden.matrix("scipy.log_prob"), golden.values("scipy.entropy"))
        for row in 0..<mean.rows {
            let d = try LowRankMultivariateNormal(
                mean: mean.row(row), factor: Matrix((0..<5).map { factor.row(row * 5 + $0) }), diagonal: diagonal.row(row))
            for point in 0..<6 { check(d.logDensity(x.row(row * 6 + point)), logDensity[row, point], "row \(row)") }
            check(d.entropy, entropy[row], "entropy \(row)")
        }
    }

    @Test(.enabled(if: Golden.has("distributions", "wishart"), "golden distributions are not there"))
    func wishart() throws {
        let golden = try Golden.load("distributions", "wishart")
        let df: [Double] = try golden.values("in.df")
        let (scale, x): (Matrix<Double>, Matrix<Double>) = try (golden.matrix("in.scale"), golden.matrix("in.x"))
        let (logDensity, entropy): (Matrix<Double>, [Double]) = try (golden.matrix("scipy.log_prob"), golden.values("scipy.entropy"))
        for row in df.indices {
            let d = try Wishart(degreesOfFreedom: df[row], scale: Matrix((0..<3).map { scale.row(row * 3 + $0) }))
            for point in 0..<4 {
                let value = Matrix((0..<3).map { x.row((row * 4 + point) * 3 + $0) })
                // Terms of the size of ν·ln cancel, in the reference too.
                expectClose(d.logDensity(value), logDensity[row, point], absolute: 1e-12 * max(100, df[row] * 10), "row \(row)")
            }
            expectClose(d.entropy, entropy[row], absolute: 1e-12 * max(100, df[row] * 10), "entropy \(row)")
        }
    }
}
