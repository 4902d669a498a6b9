import FeatureData
import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import CLAP

/// The head with a Gaussian of its own for every class: priors, rehearsal, and the ways in which tasks come.
@Suite struct ClassVectorTests {
    static func recipe(_ name: String = "default", _ change: (inout CLAPRecipe) -> Void = { _ in }) throws -> CLAPRecipe {
        var recipe = try #require(CLAPRecipe.named(name, featureDimension: SmallProblem.width))
        recipe.configuration.feedForwardWidth = 32
        recipe.batchSize = 32
        recipe.minimumSteps = 40
        recipe.learningRate = 3e-3
        recipe.pseudoRehearsal?.rank = 4
        recipe.pseudoRehearsal?.rowsPerClass = 30
        change(&recipe)
        return recipe
    }

    static func task(
        _ classes: Range<Int>, perClass: Int = 20, exemplars: LabelledFeatures? = nil, seed: UInt64 = 5
    ) -> LearningTask {
        LearningTask(
            classes: SmallProblem.prompts(classes), rows: SmallProblem.rows(classes, perClass: perClass, seed: seed),
            exemplars: exemplars)
    }

    /// After tasks of these classes, without exemplars.
    static func learn(_ recipe: CLAPRecipe, _ tasks: [Range<Int>], perClass: Int = 20) throws -> CLAPHead {
        var head = try CLAPHead(recipe: recipe)
        for classes in tasks { try head.learn(task(classes, perClass: perClass), seed: 1) { _ in } }
        return head
    }

    static func accuracy(_ head: CLAPHead, classes: Range<Int> = 0..<6) throws -> Double {
        let test = SmallProblem.rows(classes, perClass: 40, seed: 7)
        let predicted = try head.posterior(for: test.features).mean.rowArgmaxima()
        return Double(zip(predicted, test.labels).count { $0 == $1 }) / Double(test.count)
    }

    static let variants: [(name: String, recipe: String, change: @Sendable (inout CLAPRecipe) -> Void)] = [
        ("default", "default", { _ in }), ("no memory", "no-memory", { _ in }), ("few shot", "few-shot", { _ in }),
        ("text prior", "default", { $0.classPrior.mean = .text }),
        ("previous posterior", "default", { $0.classPrior.known = .previousPosterior }),
        ("text and previous posterior", "default", {
            $0.classPrior.mean = .text
            $0.classPrior.known = .previousPosterior
            $0.classPrior.previousVarianceFactor = 2
        }),
        ("fitted deviation", "default", { $0.classPrior.fitsDeviation = true }),
        ("class vectors drawn", "default", { $0.sampling = .classVectors }),
        ("quasi-random", "default", { $0.noise = .quasiRandom }),
        ("pooled", "default", { $0.pseudoRehearsal?.covariance = .pooled }),
        ("full", "default", { $0.pseudoRehearsal?.covariance = .full }),
        ("single precision", "default", { $0.pseudoRehearsal?.storesHalfPrecision = false }),
        ("shared map", "default", { $0.configuration.usesSharedAdapter = true }),
        ("shared map with prior", "default", {
            $0.configuration.usesSharedAdapter = true
            $0.classPrior.sharedDeviation = 0.01
        }),
        ("text regulariser", "default", { $0.configuration.textRegularization = 0.5 }),
        ("fixed divergence weight", "default", { $0.divergence = .fixed }),
        ("no rehearsal", "default", { $0.pseudoRehearsal = nil }),
        ("fine-tuned", "default", { $0.fineTuneEpochs = 2 }),
    ]

    /// Learns both tasks, keeps its bits when stored and learns on from there, whatever the threads.
    @Test(arguments: variants.indices) func learnsAndStores(_ index: Int) throws {
        let (name, base, change) = Self.variants[index]
        let recipe = try Self.recipe(base, change)
        let memory = recipe.keepsRows ? SmallProblem.rows(0..<3, perClass: 4, seed: 5) : nil
        func learn(_ threads: Int, storing: Bool) throws -> CLAPHead {
            try Parallelism.withThreads(threads) {
                var head = try CLAPHead(recipe: recipe)
                try head.learn(Self.task(0..<3), seed: 1) { _ in }
                if storing { head = try CLAPHead(archive: head.archive()) }
                try head.learn(Self.task(3..<6, exemplars: memory), seed: 1) { _ in }
                if let memory { try head.consolidate(on: memory, seed: 1) { _ in } }
                return head
            }
        }
        let head = try learn(2, storing: false)
        // Chance is 1/6; the classes overlap little.
        #expect(try Self.accuracy(head) > (recipe.pseudoRehearsal == nil ? 0.5 : 0.85), "\(name)")
        let rows = SmallProblem.rows(0..<6, perClass: 3, seed: 8).features
        let answer = try head.posterior(for: rows)
        #expect(answer.mean.isFinite && answer.variance.isFinite && answer.variance.elements.allSatisfy { $0 > 0 })
        let other = try learn(1, storing: true).posterior(for: rows)
        #expect(other.mean == answer.mean && other.variance == answer.variance, "\(name)")
    }

    /// With the previous posterior as prior, text for new classes, and a temperature so high that rows count for nothing,
    /// learning leaves every class vector at its prior.
    @Test func aPosteriorIsThePriorOfTheNextTask() throws {
        let recipe = try Self.recipe {
            $0.classPrior.mean = .text
            $0.classPrior.known = .previousPosterior
        }
        var head = try Self.learn(recipe, [0..<3])
        let before = head.parameters
        head.recipe.divergence = .evidenceLowerBound(temperature: 1e6)
        try head.learn(Self.task(3..<6), seed: 1) { _ in }
        for name in [ParameterShapes.classMeans, ParameterShapes.classLogDeviations] {
            let (old, new) = (try #require(before[name]), try #require(head.parameters[name]))
            // Adam's steps go to and fro around the prior, by the last learning rates.
            #expect((new.rows(0..<3) - old).elements.allSatisfy { abs($0) < 2e-3 }, "\(name)")
        }
        let new = try #require(head.parameters[ParameterShapes.classMeans]).rows(3..<6)
        #expect(new.elements.allSatisfy { abs($0) < 2e-3 })
    }

    /// The gate is 0 before the first step, so predictions start without attention; a text prior then is zero-shot.
    @Test func attentionStartsAtZeroShot() throws {
        let recipe = try Self.recipe("few-shot") {
            $0.classPrior.mean = .text
            $0.classPrior.fitsPredictiveScale = false
            $0.learningRate = 1e-12
        }
        let head = try Self.learn(recipe, [0..<3])
        let prompts = SmallProblem.prompts(0..<3)
        let rows = SmallProblem.rows(0..<3, perClass: 5, seed: 6).features
        let zeroShot = rows.multiplied(by: prompts.meanFeatures(), .transposed, scaledBy: prompts.logitScale)
        let posterior = try head.posterior(for: rows)
        expectClose(posterior.mean, zeroShot, relative: 1e-4)
        #expect(posterior.variance.elements.allSatisfy { abs($0 - 4) < 1e-2 })  // (20 · 0.1)²
        let trained = try Self.learn(try Self.recipe("few-shot"), [0..<3])
        #expect(trained.parameters[ParameterShapes.gate]?[0, 0] != 0)
    }

    /// A prior around its value before the task holds what classes share.
    @Test func aNarrowSharedPriorHolds() throws {
        func change(_ deviation: Double?) throws -> Float {
            let head = try Self.learn(
                try Self.recipe {
                    $0.configuration.usesSharedAdapter = true
                    $0.classPrior.sharedDeviation = deviation
                }, [0..<3])
            return try #require(head.parameters["mu_adapters.0.weight"]).rowNorms().reduce(0, +)
        }
        let (free, held) = (try change(nil), try change(1e-3))
        #expect(held < 0.2 * free)
    }

    /// What the model holds of a task's rows: with `no-memory` no row, and whatever the recipe no exemplars.
    @Test func nothingButDensitiesIsRemembered() throws {
        let head = try Self.learn(try Self.recipe("no-memory"), [0..<3, 3..<6])
        #expect(!head.keepsRows)
        let archive = try head.archive()
        let rows = SmallProblem.rows(0..<6, perClass: 20, seed: 5).features
        let stored = archive.tensors.values.compactMap { tensor -> Matrix<Float>? in
            if case .single(let matrix) = tensor.values, matrix.columns == SmallProblem.width { matrix } else { nil }
        }
        for matrix in stored {
            let similarity = matrix.normalizedRows().multiplied(by: rows, .transposed)
            #expect(similarity.elements.allSatisfy { $0 < 0.9999 })
        }
        #expect(head.densities?.classes == 6 && head.densities?.elementType == "F16")
    }

    // MARK: - How tasks come

    /// 1, 2, 5 and 16 rows a class: never far below the rows' nearest mean, and the more the better.
    @Test(arguments: ["default", "few-shot", "no-memory"]) func fewRows(_ name: String) throws {
        var last = 0.0
        for perClass in [1, 2, 5, 16] {
            let accuracy = try Self.accuracy(try Self.learn(Self.recipe(name), [0..<3, 3..<6], perClass: perClass))
            #expect(accuracy > 0.6 && accuracy > last - 0.1, "\(perClass) rows")
            last = accuracy
        }
        #expect(last > 0.85)
    }

    /// Tasks of one class each, the first among them.
    @Test(arguments: ["default", "few-shot"]) func oneClassATask(_ name: String) throws {
        let head = try Self.learn(Self.recipe(name), [0..<1, 1..<2, 2..<3, 3..<4, 4..<5, 5..<6])
        #expect(head.classesPerTask == Array(repeating: 1, count: 6))
        #expect(try Self.accuracy(head) > 0.8)
    }

    /// The same row many times: no covariance, so the text decides and nothing overflows.
    @Test(arguments: ["default", "no-memory", "few-shot"]) func identicalRows(_ name: String) throws {
        let one = SmallProblem.rows(0..<3, perClass: 1, seed: 5)
        var head = try CLAPHead(recipe: Self.recipe(name))
        try head.learn(
            LearningTask(classes: SmallProblem.prompts(0..<3), rows: one.selecting([0, 0, 0, 1, 1, 2, 2, 2])), seed: 1
        ) { _ in }
        try head.learn(Self.task(3..<6), seed: 1) { _ in }
        #expect(try Self.accuracy(head) > 0.7)
    }

    /// A class with 60 rows beside classes with 2: all are recognised.
    @Test func unequalClasses() throws {
        let counts = [60, 2, 2, 2, 30, 2]
        let parts = counts.enumerated().map { SmallProblem.rows($0..<$0 + 1, perClass: $1, seed: 5) }
        let rows = LabelledFeatures(
            features: Matrix(stacking: parts.map(\.features)), labels: parts.flatMap(\.labels))
        var head = try CLAPHead(recipe: Self.recipe())
        try head.learn(LearningTask(classes: SmallProblem.prompts(0..<6), rows: rows), seed: 1) { _ in }
        for label in 0..<6 { #expect(try Self.accuracy(head, classes: label..<label + 1) > 0.6, "class \(label)") }
    }

    /// A class met again: its means and counts take in both parts, and its posterior narrows.
    @Test(arguments: ["default", "reference", "no-memory", "few-shot"]) func aClassMetAgain(_ name: String) throws {
        let recipe = try Self.recipe(name)
        var head = try Self.learn(recipe, [0..<3], perClass: 10)
        let names = head.classNames
        let more = SmallProblem.rows(1..<2, perClass: 30, seed: 11)
        try head.learn(
            LearningTask(classes: SmallProblem.prompts(0..<0), rows: more, exemplars: SmallProblem.rows(0..<3, perClass: 2, seed: 5)),
            seed: 1) { _ in }
        #expect(head.classNames == names && head.classesPerTask == [3, 0] && head.rowsPerClass == [10, 40, 10])
        let both = Matrix(stacking: [SmallProblem.rows(1..<2, perClass: 10, seed: 5).features, more.features])
        let mean = Matrix(rows: 1, columns: SmallProblem.width, elements: both.columnMeans()).normalizedRows()
        // The first part counts with its unit-length mean, so the direction is the mean's to a few per cent.
        #expect(head.context.rows(1..<2).dot(mean) > 0.998)
        #expect(try Self.accuracy(head, classes: 0..<3) > 0.8)
        let again = try CLAPHead(archive: head.archive())
        #expect(again.classesPerTask == [3, 0] && again.rowsPerClass == [10, 40, 10])
        try head.learn(Self.task(3..<6), seed: 1) { _ in }
        #expect(head.classesPerTask == [3, 0, 3])
    }

    /// A model of an earlier version, which has fewer settings, is read and answers as before.
    @Test func modelsOfEarlierVersionsAreRead() throws {
        let head = try SmallProblem.trained()
        var archive = try head.archive()
        var stored = try #require(
            try JSONSerialization.jsonObject(with: Data(archive.configurationJSON.utf8)) as? [String: Any])
        for name in ["rowsPerClass", "discriminantWeights"] { stored[name] = nil }
        var recipe = try #require(stored["recipe"] as? [String: Any])
        for name in ["sampling", "noise", "divergence", "classPrior", "minimumSteps", "keepsRows", "deviationLearningRateFraction"] {
            #expect(recipe.removeValue(forKey: name) != nil, "\(name)")
        }
        var configuration = try #require(recipe["configuration"] as? [String: Any])
        for name in ["latents", "gatesAttention", "usesSharedAdapter"] {
            #expect(configuration.removeValue(forKey: name) != nil, "\(name)")
        }
        recipe["configuration"] = configuration
        stored["recipe"] = recipe
        archive.configurationJSON = String(decoding: try JSONSerialization.data(withJSONObject: stored), as: UTF8.self)
        let old = try CLAPHead(archive: archive)
        let rows = SmallProblem.rows(0..<6, perClass: 2, seed: 9).features
        #expect(try old.posterior(for: rows).mean == head.posterior(for: rows).mean)
        #expect(old.recipe == head.recipe)
    }
}
