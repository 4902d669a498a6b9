import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import NoveltyDetection

@Suite struct NoveltyScoreGoldenTests {
    static let cases = Golden.cases("ood", prefix: "logits_")

    /// Scores of the mean logits against pytorch-ood and the reference (whose scores are confidences: the sign turns).
    @Test(.enabled(if: !cases.isEmpty, "golden novelty scores are not there"), arguments: cases)
    func scoresOfMeanLogits(name: String) throws {
        let golden = try Golden.load("ood", name)
        let shape = try golden.shape("in.logits")
        let (samples, rows, classes) = (shape[0], shape[1], shape[2])
        let logits: [Double] = try golden.values("in.logits")
        var mean = Array(repeating: 0.0, count: rows * classes)
        var variance = mean
        for index in mean.indices {
            let values = (0..<samples).map { logits[$0 * rows * classes + index] }
            mean[index] = values.reduce(0, +) / Double(samples)
            variance[index] = values.reduce(0) { $0 + pow($1 - mean[index], 2) } / Double(samples - 1)
        }
        let posterior = LogitPosterior(
            mean: Matrix(rows: rows, columns: classes, elements: mean.map { Float($0) }),
            variance: Matrix(rows: rows, columns: classes, elements: variance.map { Float($0) }))
        func check(_ score: any NoveltyScore, _ tensor: String, sign: Double = 1, absolute: Double = 1e-6) throws {
            let expected: [Double] = try golden.values(tensor)
            expectClose(
                try score.scores(for: posterior), expected.map { sign * $0 }, elementwise: 2e-6, absolute: absolute,
                "\(score.name) against \(tensor)")
        }
        try check(Energy(), "ood.energy")
        try check(Energy(), "out.energy", sign: -1)
        try check(Energy(temperature: 2), "ood.energy_t2")
        try check(MaximumLogit(), "ood.max_logit")
        // Logits of some hundreds are rounded to 3e-5 in Float, and probabilities follow.
        let slack = name == "logits_large_scale" ? 1e-4 : 1e-6
        try check(Entropy(), "ood.entropy", absolute: slack)
        try check(LogitVariance(), "out.variance", sign: -1)
        let confidence: [Double] = try golden.values("out.softmax")
        expectClose(
            try MaximumSoftmaxProbability().scores(for: NoveltyInput(posterior: posterior)), confidence.map { 1 - $0 },
            absolute: slack)
    }
}

/// The laws of every score.
@Suite struct NoveltyScoreLaws {
    private static let posterior: LogitPosterior = {
        var noise = NormalNoise(seed: 17)
        let mean: Matrix<Float> = noise.matrix(rows: 40, columns: 7)
        var variance: Matrix<Float> = noise.matrix(rows: 40, columns: 7)
        variance.withUnsafeMutableElements { for i in $0.indices { $0[i] *= $0[i] } }
        return LogitPosterior(mean: mean, variance: variance)
    }()

    @Test func namesAreUniqueAndFindTheScore() {
        let names = NoveltyScores.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names { #expect(NoveltyScores.named(name)?.name == name) }
        #expect(NoveltyScores.named("no such score") == nil)
    }

    @Test(arguments: NoveltyScores.ofPosterior.indices)
    func aRowsScoreDependsOnTheRowAlone(index: Int) throws {
        let (score, posterior) = (NoveltyScores.ofPosterior[index], Self.posterior)
        let all = try score.scores(for: posterior)
        #expect(all.count == 40 && all.allSatisfy { $0.isFinite })
        let order = [39, 0, 17, 17, 3]
        let some = LogitPosterior(
            mean: posterior.mean.selectingRows(order), variance: posterior.variance.selectingRows(order))
        #expect(try score.scores(for: some) == order.map { all[$0] })
        #expect(try score.scores(for: LogitPosterior(mean: Matrix(rows: 0, columns: 2))).isEmpty)
        let oneClass = LogitPosterior(mean: Matrix(rows: 1, columns: 1, repeating: 3))
        #expect(try score.scores(for: oneClass).allSatisfy { $0.isFinite })
    }

    @Test(arguments: NoveltyScores.ofPosterior.indices)
    func permutedClassesHaveTheSameScore(index: Int) throws {
        let (score, posterior) = (NoveltyScores.ofPosterior[index], Self.posterior)
        let order = [6, 2, 0, 5, 1, 4, 3]
        func permuted(_ m: Matrix<Float>) -> Matrix<Float> {
            Matrix((0..<m.rows).map { row in order.map { m[row, $0] } })
        }
        let other = LogitPosterior(mean: permuted(posterior.mean), variance: permuted(posterior.variance))
        // Mutual information: 32 pairs of a quantity that varies by about 0.5 nats.
        let isSampled = score is any SampledScore || score is MutualInformation || score is ExpectedEntropy
        let largest = try score.scores(for: posterior).max() ?? 0
        let bound = isSampled ? 5 * max(0.5, Double(largest)) / 32.0.squareRoot() : 1e-5
        expectClose(try score.scores(for: other), try score.scores(for: posterior), absolute: bound)
    }

    /// A row without evidence for any class is more novel than one with a clear winner; a wider posterior is more novel
    /// to the scores that look at the variance, which see nothing where there is none.
    @Test func novelIsHigher() throws {
        let flatAndPeaked = LogitPosterior(mean: Matrix([[0, 0, 0], [9, -9, -9]]))
        for score in [MaximumSoftmaxProbability(), MaximumLogit(), Energy(), Entropy()] as [any NoveltyScore] {
            let scores = try score.scores(for: flatAndPeaked)
            #expect(scores[0] > scores[1], "\(score.name)")
        }
        let wideAndNarrow = LogitPosterior(
            mean: Matrix([[1, 0, 0], [1, 0, 0]]), variance: Matrix([[4, 4, 4], [0.1, 0.1, 0.1]]))
        for score in [LogitVariance(), ProbabilityVariance(), MutualInformation()] as [any NoveltyScore] {
            let scores = try score.scores(for: wideAndNarrow)
            #expect(scores[0] > scores[1], "\(score.name)")
            #expect(try score.scores(for: flatAndPeaked).allSatisfy { abs($0) < 1e-5 }, "\(score.name)")
        }
    }

    /// At a small spread v of the logits the variance of the probabilities is Σ_i p_i² Σ_k (δ_ik − p_k)² v_k to first order:
    /// 200,000 samples in pairs, 5 standard errors of a variance (√(4/n)) and the next order of the expansion.
    @Test func probabilityVarianceAtASmallSpread() throws {
        let (mean, deviation, samples) = ([0.3, -0.2, 1.0] as [Float], 0.02, 200_000)
        let posterior = LogitPosterior(
            mean: Matrix([mean]), variance: Matrix(rows: 1, columns: 3, repeating: Float(deviation * deviation)))
        let p = posterior.probabilities(.softmaxOfMean).elements.map { Double($0) }
        var expected = 0.0
        for i in 0..<3 {
            for k in 0..<3 {
                let slope = p[i] * ((i == k ? 1 : 0) - p[k])
                expected += slope * slope * deviation * deviation
            }
        }
        expectClose(
            try ProbabilityVariance(samples: samples).scores(for: posterior), [expected],
            elementwise: 5 * (4 / Double(samples)).squareRoot() + 2 * deviation * deviation)
    }

    /// Of logits that share nothing: the energy of one class alone has the logit's own deviation; the largest probability
    /// of two classes far apart does not move, and no sample disagrees.
    @Test func spreadsOfSimpleRows() throws {
        let one = LogitPosterior(mean: Matrix([[3]]), variance: Matrix([[4]]))
        expectClose(try EnergySpread(samples: 20_000).scores(for: one), [2], elementwise: 5 / 20_000.0.squareRoot())
        let apart = LogitPosterior(mean: Matrix([[60, 0]]), variance: Matrix([[1, 1]]))
        #expect(try VariationRatio().scores(for: apart) == [0])
        #expect(try MaximumProbabilityVariance().scores(for: apart)[0] < 1e-12)
        // Alike classes: each wins in half of the samples.
        let alike = LogitPosterior(mean: Matrix([[0, 0]]), variance: Matrix([[1, 1]]))
        expectClose(try VariationRatio(samples: 4096).scores(for: alike), [0.5], absolute: 5 * 0.5 / 64)
    }
}
