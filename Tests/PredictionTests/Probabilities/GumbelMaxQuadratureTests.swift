import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@testable import Prediction

/// Against quadrature on a far finer grid, in Double.
@Suite(
    .enabled(
        if: !Golden.cases("predictive", prefix: "softmax_gaussian").isEmpty, "golden predictive cases are not there"))
struct GumbelMaxGoldenTests {
    @Test(arguments: Golden.cases("predictive", prefix: "softmax_gaussian"))
    func equalsTheFineGrid(name: String) throws {
        let golden = try Golden.load("predictive", name)
        let mean: Matrix<Double> = try golden.matrix("in.mean")
        let variance: Matrix<Double> = try golden.matrix("in.variance")
        let exact: Matrix<Double> = try golden.matrix("out.probabilities")
        for (quadrature, tolerance, entropyTolerance) in [
            (GumbelMaxQuadrature.single, 1e-5, 4e-5), (.double, 1e-8, 1e-8),
        ] {
            let found = quadrature.predict(mean: mean, variance: variance)
            for row in 0..<mean.rows {
                let distance = zip(found.probabilities.row(row), exact.row(row)).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
                #expect(distance < tolerance, "row \(row)")
            }
            expectClose(found.expectedEntropy, try golden.values("out.expected_entropy", of: Double.self), absolute: entropyTolerance)
            expectClose(found.totalEntropy, try golden.values("out.predictive_entropy", of: Double.self), absolute: entropyTolerance)
            expectClose(found.mutualInformation, try golden.values("out.mutual_information", of: Double.self), absolute: 2 * entropyTolerance)
        }
    }

    @Test(arguments: Golden.cases("predictive", prefix: "softmax_common_factor"))
    func aCommonFactor(name: String) throws {
        let golden = try Golden.load("predictive", name)
        let found = GumbelMaxQuadrature.double.predict(
            mean: try golden.matrix("in.mean"), variance: try golden.matrix("in.variance"),
            loading: try golden.matrix("in.loading"))
        expectClose(found.probabilities, try golden.matrix("out.probabilities", of: Double.self), absolute: 1e-8)
        expectClose(found.expectedEntropy, try golden.values("out.expected_entropy", of: Double.self), absolute: 1e-8)
        expectClose(found.mutualInformation, try golden.values("out.mutual_information", of: Double.self), absolute: 2e-8)
    }

    /// The Float pipeline with the same rows: the means' rounding, by up to 2⁻¹⁶ at 300, comes on top.
    @Test(arguments: Golden.cases("predictive", prefix: "softmax_gaussian"))
    func theExactMethod(name: String) throws {
        let golden = try Golden.load("predictive", name)
        let posterior = LogitPosterior(mean: try golden.matrix("in.mean"), variance: try golden.matrix("in.variance"))
        let exact: Matrix<Double> = try golden.matrix("out.probabilities")
        let found = posterior.probabilities(.exact)
        for row in 0..<posterior.rows {
            let distance = zip(found.row(row), exact.row(row)).reduce(0) { $0 + abs(Double($1.0) - $1.1) } / 2
            #expect(distance < 1e-4, "row \(row)")
        }
    }
}

@Suite struct GumbelMaxQuadratureTests {
    private func random(_ rows: Int, _ classes: Int, seed: UInt64, scale: Double = 1) -> Matrix<Double> {
        var noise = NormalNoise(seed: seed)
        var matrix: Matrix<Double> = noise.matrix(rows: rows, columns: classes)
        matrix.withUnsafeMutableElements { for i in $0.indices { $0[i] *= scale } }
        return matrix
    }

    private func squared(_ matrix: Matrix<Double>) -> Matrix<Double> {
        var result = matrix
        result.withUnsafeMutableElements { for i in $0.indices { $0[i] *= $0[i] } }
        return result
    }

    /// The two rules have different grids, Gaussian rules and cuts, so that agreement over six decades of deviations
    /// tells on both.
    @Test(arguments: [0.001, 0.01, 0.1, 0.2, 0.4, 0.7, 1.5, 5, 15, 50, 80])
    func bothAccuraciesAgree(deviation: Double) {
        for classes in [2, 7, 40, 300] {
            let mean = random(12, classes, seed: 21, scale: 3)
            let variance = squared(random(12, classes, seed: 22, scale: deviation))
            let (single, double) = (
                GumbelMaxQuadrature.single.predict(mean: mean, variance: variance),
                GumbelMaxQuadrature.double.predict(mean: mean, variance: variance)
            )
            for row in 0..<12 {
                let distance = zip(single.probabilities.row(row), double.probabilities.row(row))
                    .reduce(0) { $0 + abs($1.0 - $1.1) } / 2
                #expect(distance < 3e-5, "row \(row) of \(classes) classes")
            }
            expectClose(single.expectedEntropy, double.expectedEntropy, absolute: 1e-4)
        }
    }

    /// Two classes: p₁ = E[1/(1 + e^{−x})], x ~ N(d, s²), by a fine sum.
    @Test func twoClassesAreALogisticNormal() {
        for (d, s) in [(0.3, 0.5), (-2.0, 3.0), (4.0, 1.0), (1.0, 20.0)] {
            var (sum, total) = (0.0, 0.0)
            for i in -40_000...40_000 {
                let t = Double(i) * 2.5e-4
                let w = exp(-t * t / 2)
                total += w
                sum += w / (1 + exp(-(d + s * t)))
            }
            let p = GumbelMaxQuadrature.double.predict(
                mean: Matrix([[d, 0]]), variance: Matrix([[0.75 * s * s, 0.25 * s * s]]))
            expectClose(p.probabilities[0, 0], sum / total, absolute: 1e-9)
        }
    }

    /// Against 400,000 samples at deviations where no formula is known, unequal ones included.
    @Test func isWithinTheStandardErrorOfSamples() {
        for deviation in [0.3, 2, 12] as [Float] {
            var noise = NormalNoise(seed: 5)
            let mean: Matrix<Float> = noise.matrix(rows: 4, columns: 6)
            let variance = Matrix<Float>(
                rows: 4, columns: 6, elements: (0..<24).map { Float($0 % 6) * deviation * deviation / 3 })
            let posterior = LogitPosterior(mean: mean, variance: variance)
            let sampled = posterior.sampled(samples: 400_000, replicates: 40)
            let exact = posterior.exact(.double)
            for row in 0..<4 {
                for k in 0..<6 {
                    let error = Double(sampled.standardErrors[row, k])
                    #expect(
                        abs(Double(sampled.probabilities[row, k]) - exact.probabilities[row, k]) < 4.5 * error + 1e-6)
                }
                let error = Double(sampled.expectedEntropyError[row])
                #expect(abs(Double(sampled.expectedEntropy[row]) - exact.expectedEntropy[row]) < 4.5 * error + 1e-6)
            }
        }
    }

    @Test func permutingClassesPermutesTheAnswer() {
        let (mean, variance) = (random(5, 30, seed: 1, scale: 4), squared(random(5, 30, seed: 2, scale: 2)))
        let order = (0..<30).map { ($0 * 7) % 30 }
        func permuted(_ matrix: Matrix<Double>) -> Matrix<Double> {
            Matrix((0..<5).map { row in order.map { matrix[row, $0] } })
        }
        let found = GumbelMaxQuadrature.double.predict(mean: permuted(mean), variance: permuted(variance))
        let plain = GumbelMaxQuadrature.double.predict(mean: mean, variance: variance)
        expectClose(found.probabilities, permuted(plain.probabilities), absolute: 1e-13)
        expectClose(found.expectedEntropy, plain.expectedEntropy, absolute: 1e-12)
    }

    /// Classes far behind keep a small probability of the right size: to first order E[e^{z_k}]·E[1/Σe^z].
    @Test func negligibleClassesAreNotZero() {
        var mean = Matrix<Double>(rows: 1, columns: 4)
        var variance = Matrix<Double>(rows: 1, columns: 4, repeating: 0.25)
        (mean[0, 2], mean[0, 3]) = (-60, -.infinity)
        variance[0, 3] = 1
        let p = GumbelMaxQuadrature.double.predict(mean: mean, variance: variance).probabilities
        // E[1/(e^{z₁} + e^{z₂})] = E[e^{−z₁}·sigmoid(z₁ − z₂)] by a fine sum.
        var (sum, total) = (0.0, 0.0)
        for i in -160...160 {
            for j in -160...160 {
                let (a, b) = (Double(i) / 20, Double(j) / 20)
                let w = exp(-(a * a + b * b) / 2)
                total += w
                sum += w / (exp(0.5 * a) + exp(0.5 * b))
            }
        }
        expectClose(p[0, 2] / (exp(-60 + 0.125) * sum / total), 1, absolute: 1e-6)
        #expect(p[0, 3] == 0)
    }

    @Test func oddRows() {
        let known = GumbelMaxQuadrature.single.predict(
            mean: Matrix([[1, 2, 3], [1000, -1000, 999]]), variance: Matrix(rows: 2, columns: 3))
        expectClose(known.probabilities.row(0), [0.09003057317038046, 0.24472847105479764, 0.6652409557748218], absolute: 1e-15)
        #expect(known.mutualInformation == [0, 0])
        let one = GumbelMaxQuadrature.single.predict(mean: Matrix([[7]]), variance: Matrix([[4]]))
        #expect(one.probabilities[0, 0] == 1 && one.totalEntropy == [0] && one.expectedEntropy == [0])
        let bad = GumbelMaxQuadrature.single.predict(mean: Matrix([[.nan, 0], [0, 0]]), variance: Matrix([[1, 1], [1, 1]]))
        #expect(bad.probabilities[0, 0].isNaN && bad.totalEntropy[0].isNaN)
        expectClose(bad.probabilities.row(1), [0.5, 0.5], absolute: 1e-12)
        // Beyond a deviation of 100 the answer is that of the largest logit, nearly: equal means, P = Φ(0) = 1/2.
        let wide = GumbelMaxQuadrature.single.predict(mean: Matrix([[0, 1e5]]), variance: Matrix([[1e10, 1e10]]))
        expectClose(wide.probabilities[0, 1], 0.7602499389065233, absolute: 1e-4)
        #expect(GumbelMaxQuadrature.single.predict(mean: Matrix(rows: 0, columns: 3), variance: Matrix(rows: 0, columns: 3))
            .probabilities.rows == 0)
    }
}
