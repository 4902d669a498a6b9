import FeatureData
import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import NoveltyDetection

/// Known rows of four classes in twelve dimensions, of unit length, with a head and text.
struct KnownSample {
    static let classNames = ["a", "b", "c", "d"]
    static let dimension = 12
    let rows: LabelledFeatures
    let text: ClassPrompts
    let head: LinearLogits
    /// Text of words that are none of the classes.
    let words: Matrix<Float>
    /// Rows to score: 30 near the classes, then 30 near none.
    let queries: Matrix<Float>

    init(rowsPerClass: Int = 60, seed: UInt64 = 5) {
        let classes = Self.classNames.count
        var noise = NormalNoise(seed: seed)
        let centres: Matrix<Float> = .standardNormal(rows: classes, columns: Self.dimension, noise: &noise)
        func near(_ labels: [Int]) -> Matrix<Float> {
            let spread: Matrix<Float> = .standardNormal(rows: labels.count, columns: Self.dimension, noise: &noise)
            return (centres.selectingRows(labels) + 0.4 * spread).normalizedRows()
        }
        let labels = (0..<(classes * rowsPerClass)).map { $0 % classes }
        rows = LabelledFeatures(features: near(labels), labels: labels)
        let known = near((0..<30).map { $0 % classes })
        let far: Matrix<Float> = .standardNormal(rows: 30, columns: Self.dimension, noise: &noise)
        queries = known.appendingRows(far.normalizedRows())
        let others: Matrix<Float> = .standardNormal(rows: 40, columns: Self.dimension, noise: &noise)
        words = others.normalizedRows()
        let unit = centres.normalizedRows()
        text = ClassPrompts(
            classNames: Self.classNames, features: (0..<classes).map { unit.rows($0..<$0 + 1) }, logitScale: 20)
        head = LinearLogits(weight: 20 * unit, bias: [0.1, 0, -0.2, 0.3], classNames: Self.classNames)
    }

    func known(head isThere: Bool = true, seed: UInt64 = 1, blockRows: Int = 4096) -> KnownRows {
        var known = KnownRows(
            rows, classNames: Self.classNames, text: text, head: isThere ? head : nil, seed: seed, blockRows: blockRows)
        known.otherWords = words
        return known
    }

    func input(_ features: Matrix<Float>) -> NoveltyInput {
        NoveltyInput(posterior: head.posterior(for: features), features: features)
    }

    /// The same with classes in another order.
    func permuted(_ order: [Int]) -> KnownSample { KnownSample(self, order) }

    private init(_ other: KnownSample, _ order: [Int]) {
        let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        rows = LabelledFeatures(
            features: other.rows.features, labels: other.rows.labels.map { place[$0] ?? 0 })
        let prompts = other.text.selecting(order)
        text = ClassPrompts(classNames: Self.classNames, features: prompts.features, logitScale: 20)
        head = LinearLogits(
            weight: other.head.weight.selectingRows(order), bias: order.map { other.head.bias[$0] },
            classNames: Self.classNames)
        queries = other.queries
        words = other.words
    }
}

/// The laws of every score that is fitted: adding one to the register puts it under them.
@Suite struct FittedScoreLaws {
    static let scores = NoveltyScores.all.compactMap { $0 as? any FittableNoveltyScore }
    private let sample = KnownSample()

    private func fit(_ score: some FittableNoveltyScore, _ rows: KnownRows) throws -> any AnyFittedNoveltyScore {
        try score.fitted(to: rows)
    }

    private func fit(_ index: Int, _ rows: KnownRows) throws -> any AnyFittedNoveltyScore {
        try fit(Self.scores[index], rows)
    }

    @Test(arguments: scores.indices)
    func unfittedScoresRefuse(index: Int) {
        #expect(throws: NoveltyError.notFitted(score: Self.scores[index].name)) {
            try Self.scores[index].scores(for: sample.input(sample.queries))
        }
    }

    /// Above chance on the easy sample; what was made for activations that are not negative only has to be finite.
    @Test(arguments: scores.indices)
    func novelRowsScoreHigher(index: Int) throws {
        let score = Self.scores[index]
        let values = try fit(index, sample.known()).scores(for: sample.input(sample.queries))
        #expect(values.count == 60 && values.allSatisfy { $0.isFinite })
        guard !["react", "ash", "scale", "dice", "vra"].contains(score.name) else { return }
        let auroc = try DetectionMetrics(known: Array(values[..<30]), novel: Array(values[30...])).auroc
        #expect(auroc > (score.name == "gradnorm" ? 0.5 : 0.7), "\(score.name): \(auroc)")
    }

    /// Alone, in another order or among others, up to the rounding of products of other shapes.
    @Test(arguments: scores.indices)
    func aRowsScoreDependsOnTheRowAlone(index: Int) throws {
        let fitted = try fit(index, sample.known())
        let all = try fitted.scores(for: sample.input(sample.queries))
        let order = [59, 0, 17, 17, 3]
        let some = try fitted.scores(for: sample.input(sample.queries.selectingRows(order)))
        expectClose(some, order.map { all[$0] }, relative: 1e-5, fitted.name)
        #expect(try fitted.scores(for: sample.input(Matrix(rows: 0, columns: KnownSample.dimension))).isEmpty)
    }

    @Test(arguments: scores.indices)
    func permutedClassesHaveTheSameScore(index: Int) throws {
        let other = sample.permuted([2, 0, 3, 1])
        let values = try fit(index, sample.known()).scores(for: sample.input(sample.queries))
        let permuted = try fit(index, other.known()).scores(for: other.input(sample.queries))
        expectClose(permuted, values, relative: 1e-4, Self.scores[index].name)
    }

    /// Many rows, so that there is work for several threads; and a fit in other blocks within rounding.
    @Test(arguments: scores.indices)
    func threadsChangeNoBitAndBlocksOnlyTheLast(index: Int) throws {
        let queries = Matrix(stacking: Array(repeating: sample.queries, count: 30))
        func values(threads: Int, blockRows: Int) throws -> [Float] {
            try Parallelism.withThreads(threads) {
                try fit(index, sample.known(blockRows: blockRows)).scores(for: sample.input(queries))
            }
        }
        let one = try values(threads: 1, blockRows: 4096)
        #expect(try values(threads: 4, blockRows: 4096) == one, "\(Self.scores[index].name)")
        expectClose(try values(threads: 2, blockRows: 37), one, relative: 1e-4, Self.scores[index].name)
    }

    @Test(arguments: scores.indices)
    func storingChangesNoBit(index: Int) throws {
        let fitted = try fit(index, sample.known())
        let folder = try TemporaryFolder()
        let detector = try Detector(
            parts: [Detector.Part(score: fitted, knownScores: [3, 1, 2])], classNames: KnownSample.classNames,
            dimension: KnownSample.dimension, modelFingerprint: "m", dataFingerprint: "d")
        try detector.write(to: folder.path("detector.safetensors"))
        let read = try Detector(contentsOf: folder.path("detector.safetensors"))
        #expect(read.parts[0].knownScores == [1, 2, 3] && read.parts[0].notes == fitted.notes)
        let input = sample.input(sample.queries)
        #expect(try read.scores(for: input) == [fitted.scores(for: input)])
        try read.write(to: folder.path("again.safetensors"))
        #expect(
            try Data(contentsOf: folder.path("again.safetensors"))
                == Data(contentsOf: folder.path("detector.safetensors")))
    }

    /// Without a head, with one class, and with as few rows as there can be.
    @Test(arguments: scores.indices)
    func poorDataGiveFiniteScores(index: Int) throws {
        let input = sample.input(sample.queries)
        let score = Self.scores[index]
        if score.needs.contains(.posterior) {
            #expect(throws: NoveltyError.missing(.posterior, score: score.name)) {
                try fit(index, sample.known(head: false))
            }
        } else {
            let without = try fit(index, sample.known(head: false)).scores(for: input)
            #expect(without.allSatisfy { $0.isFinite })
        }

        let names = ["only"]
        let prompts = ClassPrompts(classNames: names, features: [sample.text.features[0]], logitScale: 20)
        for count in [1, 3] {
            let rows = LabelledFeatures(
                features: sample.rows.features.rows(0..<count), labels: Array(repeating: 0, count: count))
            let head = LinearLogits(weight: sample.head.weight.rows(0..<1), bias: [0.1], classNames: names)
            var known = KnownRows(rows, classNames: names, text: prompts, head: score.needs.contains(.posterior) ? head : nil)
            known.otherWords = sample.words
            do {
                let input = NoveltyInput(posterior: head.posterior(for: sample.queries), features: sample.queries)
                let values = try fit(index, known).scores(for: input)
                #expect(values.allSatisfy { $0.isFinite }, "\(score.name), \(count) rows")
            } catch let error as NoveltyError {
                guard case .cannotFit = error else { throw error }
            }
        }
    }

    @Test(arguments: scores.indices)
    func badInputIsNamed(index: Int) throws {
        let score = Self.scores[index]
        let fitted = try fit(index, sample.known())
        let narrow = Matrix<Float>(rows: 2, columns: 5, repeating: 1)
        let posterior = LogitPosterior(mean: Matrix(rows: 2, columns: 4))
        if score.needs.contains(.features) {
            #expect(throws: NoveltyError.dimension(score: score.name, found: 5, expected: 12)) {
                try fitted.scores(for: NoveltyInput(posterior: posterior, features: narrow))
            }
            #expect(throws: NoveltyError.missing(.features, score: score.name)) { try fitted.scores(for: posterior) }
        }
        if score.needs.contains(.posterior) {
            let fewer = LogitPosterior(mean: Matrix(rows: 2, columns: 3))
            let features = Matrix<Float>(rows: 2, columns: 12, repeating: 1)
            #expect(throws: NoveltyError.classCount(score: score.name, found: 3, expected: 4)) {
                try fitted.scores(for: NoveltyInput(posterior: fewer, features: features))
            }
            #expect(throws: NoveltyError.missing(.posterior, score: score.name)) { try fitted.scores(for: features) }
        }
        let none = LabelledFeatures(features: Matrix(rows: 0, columns: 12), labels: [])
        #expect(throws: NoveltyError.noRows(set: "known")) {
            try fit(index, KnownRows(none, classNames: KnownSample.classNames, text: sample.text))
        }
    }
}
