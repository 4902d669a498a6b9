import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@testable import Prediction

private func posterior(rows: Int, classes: Int, seed: UInt64, spread: Float = 2, deviation: Float = 1) -> LogitPosterior {
    var noise = NormalNoise(seed: seed)
    var mean: Matrix<Float> = noise.matrix(rows: rows, columns: classes)
    var variance: Matrix<Float> = noise.matrix(rows: rows, columns: classes)
    mean.withUnsafeMutableElements { for i in $0.indices { $0[i] *= spread } }
    variance.withUnsafeMutableElements { for i in $0.indices { $0[i] = $0[i] * $0[i] * deviation * deviation } }
    return LogitPosterior(mean: mean, variance: variance)
}

private func selecting(_ posterior: LogitPosterior, _ rows: [Int]) -> LogitPosterior {
    LogitPosterior(mean: posterior.mean.selectingRows(rows), variance: posterior.variance.selectingRows(rows))
}

private func softmax(_ z: [Double]) -> [Double] {
    let e = z.map { exp($0 - (z.max() ?? 0)) }
    return e.map { $0 / e.reduce(0, +) }
}

private let methods: [PredictiveMethod] = [
    .softmaxOfMean, .meanField, .pairwiseMeanField, .laplaceBridge, .monteCarlo, .monteCarlo(samples: 7),
    .quasiMonteCarlo(samples: 32), .exact,
]

@Suite struct PredictiveProbabilityLaws {
    @Test(arguments: methods)
    func rowsSumToOneAndLogarithmsFit(method: PredictiveMethod) {
        for classes in [1, 2, 3, 15, 16, 17, 33, 100] {
            let p = posterior(rows: 5, classes: classes, seed: UInt64(classes))
            let (probabilities, logs) = (p.probabilities(method), p.logProbabilities(method))
            for row in 0..<5 {
                expectClose(probabilities.row(row).reduce(0.0) { $0 + Double($1) }, 1, absolute: 2e-6)
                #expect(probabilities.row(row).allSatisfy { $0 >= 0 && $0 <= 1.000001 })
                expectClose(logs.row(row).map { exp($0) }, probabilities.row(row), elementwise: 1e-5, absolute: 1e-30)
            }
        }
    }

    /// A row's answer has the same bits alone, in another order, in blocks, and on any number of threads.
    @Test(arguments: methods)
    func aRowDependsOnItselfAlone(method: PredictiveMethod) {
        let p = posterior(rows: 700, classes: 11, seed: 3)
        let all = Parallelism.withThreads(1) { p.probabilities(method) }
        let threads = Parallelism.withThreads(2) { p.probabilities(method) }
        #expect(all.elements == threads.elements)
        let order = [699, 5, 64, 63, 0, 256, 255]
        #expect(selecting(p, order).probabilities(method).elements == all.selectingRows(order).elements)
        #expect(selecting(p, [300]).probabilities(method).elements == all.row(300))
    }

    @Test(arguments: methods)
    func aShiftOfAllLogitsChangesNothing(method: PredictiveMethod) {
        let p = posterior(rows: 20, classes: 9, seed: 4)
        var mean = p.mean
        mean.withUnsafeMutableElements { for i in $0.indices { $0[i] += 20 } }
        let shifted = LogitPosterior(mean: mean, variance: p.variance)
        expectClose(shifted.probabilities(method), p.probabilities(method), absolute: 1e-5)
    }

    @Test(arguments: methods)
    func withoutVarianceAllAreTheSoftmax(method: PredictiveMethod) {
        let mean = posterior(rows: 20, classes: 21, seed: 5).mean
        let expected = (0..<20).flatMap { softmax(mean.row($0).map { Double($0) }) }
        expectClose(LogitPosterior(mean: mean).probabilities(method).elements, expected, elementwise: 3e-6)
    }

    /// Exact for methods without samples; within 5 standard errors, here of many samples, for the other.
    @Test(arguments: [PredictiveMethod.softmaxOfMean, .meanField, .monteCarlo(samples: 20_000)])
    func permutedClassesPermuteTheAnswer(method: PredictiveMethod) {
        let p = posterior(rows: 4, classes: 6, seed: 6)
        let order = [3, 0, 5, 1, 2, 4]
        func permuted(_ m: Matrix<Float>) -> Matrix<Float> {
            Matrix((0..<m.rows).map { row in order.map { m[row, $0] } })
        }
        let found = LogitPosterior(mean: permuted(p.mean), variance: permuted(p.variance)).probabilities(method)
        var bound = 1e-6
        if case .monteCarlo(let samples) = method { bound = 5 * 0.5 * (2 / Double(samples)).squareRoot() }
        expectClose(found, permuted(p.probabilities(method)), absolute: bound)
    }

    @Test func extremeLogitsStayFinite() {
        let mean = Matrix<Float>([[1e4, -1e4, 0], [-1e30, 0, 1e30], [-.infinity, 0, 1]])
        for variance in [0, 1, 400] as [Float] {
            let p = LogitPosterior(mean: mean, variance: Matrix(rows: 3, columns: 3, repeating: variance))
            for method in [PredictiveMethod.softmaxOfMean, .monteCarlo] {
                #expect(p.probabilities(method).elements.allSatisfy { $0.isFinite })
            }
            let uncertainty = p.uncertainty()
            for part in [uncertainty.total, uncertainty.aleatoric, uncertainty.epistemic] {
                #expect(part.allSatisfy { $0.isFinite && $0 >= 0 })
            }
            #expect(p.probabilities(.monteCarlo)[2, 0] == 0)
        }
        #expect(LogitPosterior(mean: mean).logProbabilities(.softmaxOfMean)[0, 1] == -20_000)
    }

    @Test func noRowsAndOneClassWork() {
        for method in methods {
            #expect(LogitPosterior(mean: Matrix(rows: 0, columns: 3)).probabilities(method).rows == 0)
            #expect(posterior(rows: 2, classes: 1, seed: 1).probabilities(method).elements == [1, 1])
        }
        #expect(posterior(rows: 2, classes: 1, seed: 1).uncertainty().total == [0, 0])
    }
}

@Suite struct UncertaintyTests {
    @Test func thePartsAddUpAndAreNotNegative() {
        for deviation in [0, 0.001, 1, 30] as [Float] {
            let u = posterior(rows: 200, classes: 10, seed: 8, deviation: deviation).uncertainty()
            for row in 0..<200 {
                #expect(u.epistemic[row] >= 0 && u.aleatoric[row] >= 0)
                #expect(u.total[row] <= log(Float(10)) * 1.000001)
                expectClose(u.aleatoric[row] + u.epistemic[row], u.total[row], relative: 2e-7)
            }
            if deviation == 0 { #expect(u.epistemic.allSatisfy { $0 < 1e-5 }) }
        }
    }

    /// The kernel against the same samples in Double.
    @Test func theKernelIsTheMeanOverItsSamples() {
        let (rows, classes, pairs) = (12, 21, 5)
        let p = posterior(rows: rows, classes: classes, seed: 9)
        let noise = MonteCarlo.Noise(pairs: pairs, classes: classes).table
        let found = p.prediction(samples: 2 * pairs)
        for row in 0..<rows {
            var (mean, entropy) = (Array(repeating: 0.0, count: classes), 0.0)
            for sample in 0..<(2 * pairs) {
                let sign: Double = sample % 2 == 0 ? 1 : -1
                let q = softmax(
                    (0..<classes).map {
                        let deviation = Double(p.variance[row, $0]).squareRoot()
                        return Double(p.mean[row, $0]) + sign * deviation * Double(noise[sample / 2, $0])
                    })
                for k in 0..<classes { mean[k] += q[k] / Double(2 * pairs) }
                entropy -= q.reduce(0) { $0 + ($1 > 0 ? $1 * log($1) : 0) } / Double(2 * pairs)
            }
            let total = -mean.reduce(0) { $0 + $1 * log($1) }
            expectClose(found.probabilities.row(row), mean, elementwise: 1e-5)
            expectClose(found.uncertainty.aleatoric[row], entropy, relative: 1e-5)
            expectClose(found.uncertainty.total[row], total, relative: 1e-5)
            expectClose(found.uncertainty.epistemic[row], total - entropy, absolute: 3e-6)
        }
    }
}

/// Against exact quadrature.
@Suite(
    .enabled(
        if: !Golden.cases("predictive", prefix: "softmax_gaussian").isEmpty, "golden predictive cases are not there"))
struct PredictiveGoldenTests {
    static let cases = Golden.cases("predictive", prefix: "softmax_gaussian")

    private func load(_ name: String) throws -> (LogitPosterior, GoldenCase) {
        let golden = try Golden.load("predictive", name)
        return (LogitPosterior(mean: try golden.matrix("in.mean"), variance: try golden.matrix("in.variance")), golden)
    }

    /// The means are rounded to Float, by up to 2⁻¹⁶ at 300, which bounds the error.
    @Test(arguments: cases)
    func softmaxOfMean(name: String) throws {
        let (p, golden) = try load(name)
        let expected: Matrix<Double> = try golden.matrix("own.softmax_of_mean")
        expectClose(p.probabilities(.softmaxOfMean), expected, absolute: 1e-4)
    }

    /// 20,000 samples: each probability within 5 of its largest standard error √(p(1 − p)/n), where an antithetic pair
    /// counts as one sample; entropies within 5·ln K/√n, the total also by its bias (K − 1)/2n.
    @Test(arguments: cases)
    func monteCarloIsWithinItsStandardError(name: String) throws {
        let (p, golden) = try load(name)
        let pairs = 10_000.0
        let found = p.prediction(samples: 20_000)
        let exact: Matrix<Double> = try golden.matrix("out.probabilities")
        let (total, expected): ([Double], [Double]) = try (
            golden.values("out.predictive_entropy"), golden.values("out.expected_entropy")
        )
        let error = 5 * log(Double(p.classes)) / pairs.squareRoot()
        for row in 0..<p.rows {
            for k in 0..<p.classes {
                let q = exact[row, k]
                let bound = 5 * (q * (1 - q) / pairs).squareRoot() + 1e-4
                #expect(abs(Double(found.probabilities[row, k]) - q) < bound, "row \(row), class \(k)")
            }
            #expect(abs(Double(found.uncertainty.aleatoric[row]) - expected[row]) < error)
            #expect(abs(Double(found.uncertainty.total[row]) - total[row]) < error + Double(p.classes) / (2 * pairs))
        }
    }

    /// The mean-field answer is nearer to the truth than the softmax of the mean, on the average over all rows.
    @Test(arguments: cases)
    func meanFieldIsCloserThanThePlugIn(name: String) throws {
        let (p, golden) = try load(name)
        let exact: Matrix<Double> = try golden.matrix("out.probabilities")
        func distance(_ method: PredictiveMethod) -> Double {
            zip(p.probabilities(method).elements, exact.elements).reduce(0) { $0 + abs(Double($1.0) - $1.1) }
                / Double(2 * p.rows)
        }
        #expect(distance(.meanField) < 0.6 * distance(.softmaxOfMean))
    }
}
