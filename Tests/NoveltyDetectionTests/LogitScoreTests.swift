import FeatureData
import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import NoveltyDetection

/// Rows of four Gaussian classes in five dimensions, a head whose logits are linear in them, and rows of a fifth class.
struct ToyRows {
    static let classes = 4
    let known: KnownRows
    let knownFeatures: Matrix<Float>
    let novel: Matrix<Float>
    let head: LinearLogits

    init(rowsPerClass: Int = 60, seed: UInt64 = 3, classes: Int = ToyRows.classes, words: Matrix<Float>? = nil) {
        var noise = NormalNoise(seed: seed)
        var centres: Matrix<Float> = Matrix(rows: classes + 1, columns: 6)
        for k in 0...classes { centres[k, k % 6] = 3 }
        let labels = (0..<classes * rowsPerClass).map { $0 % classes }
        var features: Matrix<Float> = noise.matrix(rows: labels.count, columns: 6)
        features.scale(by: 0.5)
        features.add(centres.selectingRows(labels))
        var other: Matrix<Float> = noise.matrix(rows: 100, columns: 6)
        other.scale(by: 0.5)
        other.add(centres.selectingRows(Array(repeating: classes, count: 100)))
        let text = centres.rows(0..<classes)
        head = LinearLogits(weight: 2 * text, bias: (0..<classes).map { Float($0) * 0.3 })
        let prompts = ClassPrompts(
            classNames: head.classNames, features: (0..<classes).map { text.rows($0..<($0 + 1)) }, logitScale: 10)
        knownFeatures = features.normalizedRows()
        novel = other.normalizedRows()
        var known = KnownRows(
            LabelledFeatures(features: knownFeatures, labels: labels), classNames: head.classNames, text: prompts,
            head: head, seed: 5, blockRows: 37)
        known.otherWords = words ?? centres.rows(classes..<(classes + 1)).appendingRows(text)
        self.known = known
    }

    func input(_ features: Matrix<Float>) -> NoveltyInput {
        NoveltyInput(posterior: head.posterior(for: features), features: features)
    }

    /// Fitted where it has to be.
    func ready(_ score: any NoveltyScore) throws -> any NoveltyScore {
        func fit(_ score: some FittableNoveltyScore) throws -> any NoveltyScore { try score.fitted(to: known) }
        return try (score as? any FittableNoveltyScore).map { try fit($0) } ?? score
    }
}

@Suite struct LogitSampleGoldenTests {
    static let cases = Golden.cases("ood", prefix: "logits_")

    /// Everything of the golden cases that looks at the samples themselves, and what the other suite leaves out.
    @Test(.enabled(if: !cases.isEmpty, "golden novelty scores are not there"), arguments: cases)
    func scoresOfSamples(name: String) throws {
        let golden = try Golden.load("ood", name)
        let shape = try golden.shape("in.logits")
        let (count, rows, classes) = (shape[0], shape[1], shape[2])
        let all: [Float] = try golden.values("in.logits")
        let parts = (0..<count).map { sample in
            Matrix<Float>(
                rows: rows, columns: classes,
                elements: Array(all[(sample * rows * classes)..<((sample + 1) * rows * classes)]))
        }
        let samples = LogitSamples(parts)
        func check(
            _ found: [Float], _ tensor: String, sign: Double = 1, relative: Double = 2e-6, absolute: Double = 0
        ) throws {
            let expected: [Double] = try golden.values(tensor)
            expectClose(found, expected.map { sign * $0 }, elementwise: relative, absolute: absolute, "\(name) \(tensor)")
        }
        // Logits of some hundreds are rounded to 3e-5 in Float, and probabilities follow.
        let slack = name == "logits_large_scale" ? 1e-4 : 1e-6
        try check(samples.scores(ProbabilityVariance()), "out.variance_softmax", sign: -1, absolute: slack)
        try check(samples.scores(MaximumProbabilityVariance()), "out.variance_max_prob", sign: -1, absolute: slack)
        try check(samples.expectedEntropy, "own.expected_entropy", absolute: slack)
        try check(samples.mutualInformation, "own.mutual_information", absolute: slack)
        try check(samples.entropyOfMean, "own.predictive_entropy_of_mean_probability", absolute: slack)
        let mean = samples.meanProbabilities
        let meanExpected: [Double] = try golden.values("own.mean_probability")
        expectClose(mean.elements, meanExpected, absolute: slack)
        try check(samples.logitVariance, "out.variance", sign: -1)

        var means = Matrix<Double>(rows: rows, columns: classes)
        for part in parts { means.add(Matrix<Double>(part), scaledBy: 1 / Double(count)) }
        let posterior = LogitPosterior(mean: Matrix<Float>(means))
        let probabilities: [Double] = try golden.values("own.probability_of_mean_logits")
        expectClose(posterior.probabilities(.softmaxOfMean).elements, probabilities, absolute: slack)
        let confidence = try MaximumSoftmaxProbability().scores(for: posterior)
        let published: [Double] = try golden.values("ood.max_softmax")
        expectClose(confidence.map { Double($0) - 1 }, published, absolute: slack)
        let flat: [Double] = try golden.values("out.softmax_2d")
        expectClose(confidence.map { 1 - Double($0) }, flat, absolute: slack)
        try check(try Energy().scores(for: posterior), "out.energy_2d", sign: -1)
    }
}

/// Each formula against a plain computation in Double.
@Suite struct LogitFormulaTests {
    private static let posterior: LogitPosterior = {
        var noise = NormalNoise(seed: 23)
        var mean: Matrix<Float> = noise.matrix(rows: 1100, columns: 7)
        mean.scale(by: 4)
        return LogitPosterior(mean: mean)
    }()

    /// Soft-max of a row, descending.
    private func probabilities(_ row: Int, temperature: Double = 1) -> [Double] {
        let logits = Self.posterior.mean.row(row).map { Double($0) / temperature }
        let largest = logits.max() ?? 0
        let total = logits.reduce(0) { $0 + exp($1 - largest) }
        return logits.map { exp($0 - largest) / total }.sorted(by: >)
    }

    private func check(
        _ score: any NoveltyScore, relative: Double = 2e-6, absolute: Double = 1e-7, _ formula: (Int) -> Double
    ) throws {
        expectClose(
            try score.scores(for: Self.posterior), (0..<Self.posterior.rows).map(formula), elementwise: relative,
            absolute: absolute, score.name)
    }

    @Test func margin() throws {
        try check(Margin()) { 1 - (self.probabilities($0)[0] - self.probabilities($0)[1]) }
        // A lead of 1 − 3e-9 keeps its digits.
        let sure = LogitPosterior(mean: Matrix([[20, 0, -1]]))
        expectClose(try Margin().scores(for: sure), [2 * exp(-20.0) + exp(-21.0)], elementwise: 1e-5)
    }

    @Test func temperatures() throws {
        try check(MaximumSoftmaxProbability(temperature: 3)) { 1 - self.probabilities($0, temperature: 3)[0] }
        try check(ODIN()) { 1 - self.probabilities($0, temperature: 1000)[0] }
        try check(ODIN(temperature: 1)) { 1 - self.probabilities($0)[0] }
        try check(Entropy(), absolute: 5e-7) { self.probabilities($0).reduce(0) { $0 - $1 * log($1) } }
    }

    @Test func generalizedEntropy() throws {
        func gen(_ p: [Double], _ gamma: Double) -> Double { p.reduce(0) { $0 + pow($1 * (1 - $1), gamma) } }
        try check(GeneralizedEntropy()) { gen(self.probabilities($0), 0.1) }
        try check(GeneralizedEntropy(exponent: 0.5, classes: 3)) { gen(Array(self.probabilities($0)[..<3]), 0.5) }
        try check(GeneralizedEntropy(smallestProbability: 1e-2)) { row in
            gen(self.probabilities(row).map { min(max($0, 1e-2), 0.99) }, 0.1)
        }
        let sure = LogitPosterior(mean: Matrix([[20, 0, -1], [300, 0, 0]]))
        let expected = gen([1 - exp(-20.0) - exp(-21.0), exp(-20.0), exp(-21.0)], 0.1)
        let found = try GeneralizedEntropy().scores(for: sure)
        expectClose(found[0], expected, relative: 1e-5)
        #expect(found[1].isFinite && found[1] >= 0 && found[1] < found[0])
    }

    /// Soft-max rows are their own class's typical ones where every known row of a class is the same.
    @Test func klMatching() throws {
        let logits: [[Float]] = [[2, 0, -1], [0, 3, 1]]
        let head = LinearLogits(weight: Matrix([[2, 0], [0, 3], [-1, 1]]), bias: [0, 0, 0])
        let known = KnownRows(
            LabelledFeatures(features: Matrix([[1, 0], [0, 1], [1, 0]]), labels: [0, 0, 0]), classNames: head.classNames,
            head: head)
        let fitted = try KLMatching().fitted(to: known)
        #expect(fitted.notes == ["no known row is predicted as 1 of the classes; they are never matched"])
        let found = try fitted.scores(for: LogitPosterior(mean: Matrix(logits + [[1, 1, 1]])))
        func softmax(_ z: [Float]) -> [Double] {
            let e = z.map { exp(Double($0)) }
            return e.map { $0 / e.reduce(0, +) }
        }
        func divergence(_ p: [Double], _ q: [Double]) -> Double { zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) } }
        let flat = softmax([1, 1, 1])
        let expected = min(divergence(flat, softmax(logits[0])), divergence(flat, softmax(logits[1])))
        expectClose(found, [0, 0, expected], absolute: 1e-6)
    }

    @Test func variationRatio() {
        let row: (Float, Float) -> Matrix<Float> = { Matrix([[$0, $1, 0]]) }
        let samples = LogitSamples([row(1, 0), row(2, 0), row(0, 1), row(3, 1)])
        #expect(samples.scores(VariationRatio()) == [0.25])
    }
}

@Suite struct WeibullTailTests {
    /// The tail begins at its offset, so the law is that of 1, 1.3, 1.9, 2 and 3.6: the likelihood's equations solved by
    /// SciPy's brentq to 1e-15 (weibull_min.fit(x, floc=0) agrees to 1e-5).
    @Test func agreesWithTheLikelihoodEquations() throws {
        let distances = [0.1, 0.4, 1.0, 1.1, 2.7]
        let tail = try #require(WeibullTail(largest: 5, of: distances, offset: 1))
        expectClose(tail.shape, 2.339469689123227, relative: 1e-12)
        expectClose(exp(tail.logScale), 2.2233227606041406, relative: 1e-12)
        #expect(tail.cdf(-5) == 0 && tail.cdf(1e9) == 1)
        expectClose(tail.cdf(1.0), 1 - exp(-pow(1.9 / exp(tail.logScale), tail.shape)), relative: 1e-12)
    }

    @Test func onlyTheLargestCount() throws {
        let tail = try #require(WeibullTail(largest: 3, of: [9, 1, 8, 2, 7.5], offset: 10_000))
        #expect(tail == WeibullTail(largest: 3, of: [7.5, 8, 9], offset: 10_000))
        #expect(tail.start == 7.5 && tail.cdf(7) < tail.cdf(8) && tail.cdf(8) < tail.cdf(20))
        #expect(WeibullTail(largest: 3, of: [1], offset: 1) == nil && WeibullTail(largest: 3, of: [2, 2, 2], offset: 1) == nil)
    }
}

@Suite struct FittedLogitScoreTests {
    static let scores: [any NoveltyScore] = [
        WeightedEnergy(), KLMatching(), OpenMax(), OpenMax(shiftsLogits: true), MaximumConceptMatching(), NegativeLabels(groups: 2, share: 0.2),
        Energy(), GeneralizedEntropy(), Margin(), ODIN(),
    ]

    /// An unseen class is told from the known ones, whatever the score.
    @Test(arguments: scores.indices) func anUnseenClassIsFound(index: Int) throws {
        let toy = ToyRows()
        let score = try toy.ready(Self.scores[index])
        let metrics = try DetectionMetrics(
            known: score.scores(for: toy.input(toy.knownFeatures)), novel: score.scores(for: toy.input(toy.novel)))
        // OpenMax takes the known rows' own outskirts for novel.
        #expect(metrics.auroc > (score.name == "openmax" ? 0.75 : 0.9), "\(score.name)")
    }

    @Test(arguments: scores.indices) func savedAndReadBackToTheBit(index: Int) throws {
        let toy = ToyRows()
        let score = try toy.ready(Self.scores[index])
        var archive = ScoreArchive(ModelArchive(method: "test", classNames: toy.head.classNames), prefix: "p.")
        try archive.setScore(score, as: "s")
        let read = try archive.score("s")
        let input = toy.input(toy.novel)
        #expect(try read.scores(for: input) == score.scores(for: input))
    }

    @Test(arguments: scores.indices) func blocksAndThreadsChangeNoBit(index: Int) throws {
        let toy = ToyRows()
        let score = try toy.ready(Self.scores[index])
        let all = try score.scores(for: toy.input(toy.knownFeatures))
        let one = try Parallelism.withThreads(1) { try score.scores(for: toy.input(toy.knownFeatures)) }
        #expect(one == all)
        expectClose(
            try score.scores(for: toy.input(toy.knownFeatures.rows(17..<80))), Array(all[17..<80]), elementwise: 1e-5,
            absolute: 1e-6)
    }

    /// OpenMax of pytorch-ood 0.4.0 (tail 6, 2 ranks) on logits in Double.
    @Test func openMaxOfThePackage() throws {
        var rows = Matrix<Float>(rows: 45, columns: 3)
        var tests = Matrix<Float>(rows: 5, columns: 3)
        for j in 0..<3 {
            for i in 0..<45 { rows[i, j] = Float(3 * sin(Double(1 + 7 * i + 3 * j))) + (i % 3 == j ? 4 : 0) }
            for i in 0..<5 { tests[i, j] = Float(2 * cos(Double(i + 2 * j))) + 1 }
        }
        let head = LinearLogits(weight: Matrix([[1, 0, 0], [0, 1, 0], [0, 0, 1]]), bias: [0, 0, 0])
        let known = KnownRows(
            LabelledFeatures(features: rows, labels: (0..<45).map { $0 % 3 }), classNames: head.classNames,
            head: head)
        expectClose(
            try OpenMax(tail: 6, ranks: 2).fitted(to: known).scores(for: LogitPosterior(mean: tests)),
            [0.04476449, 0.07061808, 0.04905657, 0.05422892, 0.04598424], elementwise: 1e-6)
    }

    @Test func weightsHoldTogetherAndHelp() throws {
        let toy = ToyRows()
        let fitted = try WeightedEnergy().fitted(to: toy.known)
        let sum = fitted.model.logarithms.reduce(0, +)
        #expect(abs(sum) < 1e-4, "the geometric mean is 1")
        let tight = try WeightedEnergy(penalty: 1e6).fitted(to: toy.known)
        #expect(tight.model.logarithms.allSatisfy { abs($0) < 0.05 })
        expectClose(
            try tight.scores(for: toy.input(toy.novel)), try Energy().scores(for: toy.input(toy.novel)), absolute: 0.05)
        let one = ToyRows(classes: 1)
        #expect(throws: NoveltyError.cannotFit(
            score: "weighted-energy", reason: "outliers are made up from the spread of two classes at least, found 1")
        ) { try WeightedEnergy().fitted(to: one.known) }
    }

    @Test func whatIsMissingIsNamed() throws {
        let toy = ToyRows()
        let bare = KnownRows(
            LabelledFeatures(features: toy.knownFeatures, labels: (0..<240).map { $0 % 4 }),
            classNames: toy.head.classNames)
        #expect(throws: NoveltyError.missing(.posterior, score: "openmax")) { try OpenMax().fitted(to: bare) }
        #expect(throws: NoveltyError.missing(.classText, score: "maximum-concept-matching")) {
            try MaximumConceptMatching().fitted(to: bare)
        }
        var noWords = toy.known
        noWords.otherWords = nil
        #expect(throws: NoveltyError.missing(.extraWords, score: "negative-labels")) {
            try NegativeLabels().fitted(to: noWords)
        }
        #expect(throws: NoveltyError.notFitted(score: "openmax")) { try OpenMax().scores(for: toy.input(toy.novel)) }
        #expect(throws: NoveltyError.setting(
            score: "odin", name: "temperature", found: "-1.0", expected: "a finite number above 0")
        ) { try NoveltyScores.named("odin", settings: #"{"temperature": -1}"#) }
    }

    /// The word that is far from all classes is chosen, not those that are classes.
    @Test func negativeLabelsAreFarFromTheClasses() throws {
        let toy = ToyRows()
        let fitted = try NegativeLabels(groups: 1, share: 0.2, quantile: 0).fitted(to: toy.known)
        #expect(fitted.model.others.rows == 1 && fitted.model.others[0, 4] == 1)
        // By hand for one row.
        let row = toy.novel.rows(0..<1)
        let known = fitted.model.classes.multiplied(by: row, .transposed).elements.map { exp(Double($0) / 0.01) }
        let word = exp(Double(fitted.model.others.multiplied(by: row, .transposed)[0, 0]) / 0.01)
        expectClose(
            try fitted.scores(for: row), [word / (word + known.reduce(0, +))], elementwise: 1e-4, absolute: 1e-7)
    }
}
