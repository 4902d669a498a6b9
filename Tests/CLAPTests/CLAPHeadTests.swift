import FeatureData
import Foundation
import Matrices
import Prediction
import Probability
import Testing

@testable import CLAP

/// A small problem: unit rows around random class directions, and prompts near them.
struct SmallProblem {
    static let width = 24

    static func unit(_ rows: Int, seed: UInt64, around center: [Float] = [], spread: Float = 1) -> Matrix<Float> {
        var noise = NormalNoise(seed: seed)
        var matrix: Matrix<Float> = .standardNormal(rows: rows, columns: width, noise: &noise)
        for row in 0..<rows {
            for column in 0..<width {
                matrix[row, column] = matrix[row, column] * spread + (center.isEmpty ? 0 : center[column])
            }
        }
        return matrix.normalizedForTest()
    }

    static let centers = unit(6, seed: 1)

    static func prompts(_ classes: Range<Int>) -> ClassPrompts {
        ClassPrompts(
            classNames: classes.map { "class \($0)" },
            features: classes.map { unit(3, seed: 100 + UInt64($0), around: centers.row($0), spread: 0.15) },
            logitScale: 20)
    }

    static func rows(_ classes: Range<Int>, perClass: Int, seed: UInt64) -> LabelledFeatures {
        let parts = classes.map { unit(perClass, seed: seed * 1000 + UInt64($0), around: centers.row($0), spread: 0.2) }
        return LabelledFeatures(
            features: Matrix(stacking: parts),
            labels: classes.flatMap { Array(repeating: $0, count: perClass) })
    }

    static func recipe(_ change: (inout CLAPRecipe) -> Void = { _ in }) -> CLAPRecipe {
        var recipe = CLAPRecipe.reference(featureDimension: width)
        recipe.configuration.feedForwardWidth = 32
        recipe.samples = 5
        recipe.epochs = 3
        recipe.prediction = CLAPPrediction()
        change(&recipe)
        return recipe
    }

    /// A head after two tasks of three classes.
    static func trained(_ recipe: CLAPRecipe = recipe(), seed: UInt64 = 1) throws -> CLAPHead {
        var head = try CLAPHead(recipe: recipe)
        let empty = LabelledFeatures(features: Matrix(rows: 0, columns: width), labels: [])
        let memory = rows(0..<3, perClass: 4, seed: 5)
        try head.learn(
            LearningTask(classes: prompts(0..<3), rows: rows(0..<3, perClass: 20, seed: 5), exemplars: empty),
            seed: seed
        ) { _ in }
        try head.consolidate(on: memory, seed: seed) { _ in }
        try head.learn(
            LearningTask(classes: prompts(3..<6), rows: rows(3..<6, perClass: 20, seed: 6), exemplars: memory),
            seed: seed
        ) { _ in }
        try head.consolidate(on: rows(0..<6, perClass: 4, seed: 5), seed: seed) { _ in }
        return head
    }
}

@Suite struct CLAPHeadTests {
    static let variants: [(name: String, change: @Sendable (inout CLAPRecipe) -> Void)] = [
        ("reference", { _ in }),
        ("default", { recipe in
            let own = CLAPRecipe.default(featureDimension: SmallProblem.width)
            recipe = own
            recipe.configuration.feedForwardWidth = 32
        }),
        ("no attention", { $0.configuration.usesAttention = false }),
        ("shared adapter", { $0.configuration.adapterPerTask = false }),
        ("tokens", { $0.configuration.usesTaskTokens = true }),
        ("hierarchical", {
            $0.configuration.globalSamples = 3
            $0.configuration.distillationWeight = 0.3
        }),
        ("frozen prior", { $0.configuration.prior = .frozen }),
        ("data-driven prior", { $0.configuration.prior = .dataDriven }),
        ("two heads", { $0.configuration.attentionHeads = 2 }),
    ]

    @Test(arguments: variants.indices) func learnsAndAnswersInClosedForm(_ index: Int) throws {
        let (name, change) = Self.variants[index]
        let head = try SmallProblem.trained(SmallProblem.recipe(change))
        let test = SmallProblem.rows(0..<6, perClass: 30, seed: 7)
        let closed = try head.posterior(for: test.features)
        #expect(closed.mean.elements.allSatisfy { $0.isFinite }, "\(name)")
        #expect(closed.variance.elements.allSatisfy { $0 >= 0 && $0.isFinite }, "\(name)")

        // Chance is 1/6; 180 rows: 0.5 is more than 10 standard deviations above it.
        let correct = test.labels.indices.count { row in
            let logits = closed.mean.row(row)
            return logits.indices.max { logits[$0] < logits[$1] } == test.labels[row]
        }
        #expect(Double(correct) / 180 > 0.5, "\(name)")

        // Monte-Carlo moments with S draws lie within 6 standard errors: σ/√S of the mean, σ²·√(2/(S − 1)) of the
        // variance (the same global draws in both where there is a hierarchy, which is then left out here).
        guard !head.recipe.configuration.isHierarchical else { return }
        var sampled = head
        let draws = 2000
        sampled.recipe.prediction.samples = draws
        let monteCarlo = try sampled.posterior(for: test.features)
        for (index, variance) in closed.variance.elements.enumerated() {
            let error = abs(monteCarlo.mean.elements[index] - closed.mean.elements[index])
            #expect(error <= 6 * (variance / Float(draws)).squareRoot() + 1e-3)
            let spread = abs(monteCarlo.variance.elements[index] - variance)
            #expect(spread <= 6 * variance * (2 / Float(draws - 1)).squareRoot() + 1e-3)
        }
    }

    /// The mixture over the G global draws: its moments against all draws of both levels.
    @Test func hierarchicalMomentsAreThoseOfTheMixture() throws {
        let head = try SmallProblem.trained(SmallProblem.recipe { $0.configuration.globalSamples = 3 })
        let test = SmallProblem.rows(0..<6, perClass: 2, seed: 7)
        let closed = try head.posterior(for: test.features)
        var sampled = head
        sampled.recipe.prediction.samples = 3000
        let monteCarlo = try sampled.posterior(for: test.features)
        for (index, variance) in closed.variance.elements.enumerated() {
            let error = abs(monteCarlo.mean.elements[index] - closed.mean.elements[index])
            #expect(error <= 6 * (variance / 9000).squareRoot() + 1e-3)
            #expect(abs(monteCarlo.variance.elements[index] / variance - 1) < 0.15)
        }
    }

    @Test func sameSeedSameBitsWhateverTheThreads() throws {
        let heads = try [1, 2, 3].map { threads in
            try Parallelism.withThreads(threads) { try SmallProblem.trained(SmallProblem.recipe { $0.batchSize = 16 }) }
        }
        let other = try SmallProblem.trained(SmallProblem.recipe { $0.batchSize = 16 }, seed: 2)
        for (name, value) in heads[0].parameters {
            for head in heads.dropFirst() { #expect(head.parameters[name]?.elements == value.elements, "\(name)") }
        }
        #expect(other.parameters["mu_adapters.1.weight"]?.elements != heads[0].parameters["mu_adapters.1.weight"]?.elements)
    }

    @Test func inductiveAnswersDoNotDependOnNeighboursAndTransductiveOnesDo() throws {
        var head = try SmallProblem.trained()
        let test = SmallProblem.rows(0..<6, perClass: 8, seed: 7).features
        func first(_ context: CLAPPrediction.Context, of rows: Matrix<Float>) throws -> [Float] {
            head.recipe.prediction.context = context
            return try head.posterior(for: rows).mean.row(0)
        }
        let (alone, together) = (try first(.inductive, of: test.rows(0..<5)), try first(.inductive, of: test))
        #expect(alone == together)
        let (few, all) = (try first(.transductive, of: test.rows(0..<5)), try first(.transductive, of: test))
        #expect(few != all)
        // Batches of 32: rows beyond the first batch change nothing.
        let batch = try first(.transductive, of: test.rows(0..<32))
        #expect(batch == all)
    }

    @Test func zeroShotInitializationStartsAtZeroShot() throws {
        var head = try CLAPHead(recipe: SmallProblem.recipe {
            $0.initialization = .zeroShot(logitStandardDeviation: 0.5)
            $0.configuration.usesAttention = false
            $0.learningRate = 1e-12
            $0.epochs = 1
        })
        let empty = LabelledFeatures(features: Matrix(rows: 0, columns: SmallProblem.width), labels: [])
        let rows = SmallProblem.rows(0..<3, perClass: 5, seed: 5)
        let prompts = SmallProblem.prompts(0..<3)
        try head.learn(LearningTask(classes: prompts, rows: rows, exemplars: empty), seed: 1) { _ in }
        let posterior = try head.posterior(for: rows.features)
        let text = CLAPText(prompts: prompts.features, dimension: SmallProblem.width).classFeatures
        let zeroShot = rows.features.multiplied(by: text, .transposed, scaledBy: 20)
        for (found, expected) in zip(posterior.mean.elements, zeroShot.elements) { #expect(abs(found - expected) < 1e-4) }
        #expect(posterior.variance.elements.allSatisfy { abs($0 - 0.25) < 1e-3 })
        #expect(abs(head.logitStandardDeviation - 0.5) < 1e-3)
    }

    @Test func archiveKeepsEveryBit() throws {
        for (name, change) in Self.variants {
            let head = try SmallProblem.trained(SmallProblem.recipe(change))
            let again = try CLAPHead(archive: head.archive())
            let rows = SmallProblem.rows(0..<6, perClass: 3, seed: 8).features
            let (a, b) = (try head.posterior(for: rows), try again.posterior(for: rows))
            #expect(a.mean.elements == b.mean.elements && a.variance.elements == b.variance.elements, "\(name)")
            #expect(again.recipe == head.recipe && again.classNames == head.classNames)
        }
    }

    @Test func archivesWithCountsThatDoNotFitAreRefused() throws {
        let archive = try SmallProblem.trained().archive()
        for (found, changed) in [
            (#""classesPerTask":[3,3]"#, #""classesPerTask":[3,2]"#),
            (#""promptsPerClass":[3,3,3,3,3,3]"#, #""promptsPerClass":[3,3,3,3,3]"#),
        ] {
            var damaged = archive
            damaged.configurationJSON = archive.configurationJSON.replacingOccurrences(of: found, with: changed)
            #expect(damaged.configurationJSON != archive.configurationJSON)
            #expect(throws: ModelArchiveError.self) { try CLAPHead(archive: damaged) }
        }
    }

    @Test func aStoppedTaskLeavesTheHeadAsItWas() throws {
        var head = try SmallProblem.trained()
        let before = head
        let task = LearningTask(
            classes: ClassPrompts(
                classNames: ["new"], features: [SmallProblem.unit(2, seed: 9)], logitScale: 20),
            rows: LabelledFeatures(features: SmallProblem.unit(40, seed: 10), labels: Array(repeating: 6, count: 40)),
            exemplars: SmallProblem.rows(0..<6, perClass: 2, seed: 5))
        #expect(throws: CancellationError.self) {
            try head.learn(task, seed: 1) { if $0.step == 2 { throw CancellationError() } }
        }
        #expect(head.classNames == before.classNames)
        #expect(head.parameters.keys.sorted() == before.parameters.keys.sorted())
        #expect(head.parameters["vga.linear1.weight"]?.elements == before.parameters["vga.linear1.weight"]?.elements)
    }

    @Test func badTasksAndOptionsAreNamed() throws {
        var head = try SmallProblem.trained()
        let rows = SmallProblem.rows(0..<3, perClass: 2, seed: 5)
        let known = LearningTask(classes: SmallProblem.prompts(0..<3), rows: rows, exemplars: rows)
        #expect(throws: HeadError.classAlreadyKnown("class 0")) { try head.learn(known, seed: 1) { _ in } }
        #expect(throws: HeadError.featureDimension(expected: 24, found: 5)) {
            try head.posterior(for: Matrix(rows: 2, columns: 5))
        }
        let changes: [(inout CLAPRecipe) -> Void] = [
            { $0.epochs = 0 }, { $0.batchSize = 0 }, { $0.samples = 0 }, { $0.learningRate = -1 },
            { $0.configuration.dropout = 1 }, { $0.configuration.attentionHeads = 5 },
            { $0.configuration.distillationWeight = 1 }, { $0.prediction.samples = 0 },
        ]
        for change in changes {
            #expect(throws: CLAPError.self) { try CLAPHead(recipe: SmallProblem.recipe(change)) }
        }
        var diverging = try CLAPHead(recipe: SmallProblem.recipe { $0.learningRate = 1e30 })
        let task = LearningTask(
            classes: SmallProblem.prompts(0..<3), rows: SmallProblem.rows(0..<3, perClass: 30, seed: 5),
            exemplars: LabelledFeatures(features: Matrix(rows: 0, columns: 24), labels: []))
        #expect(throws: HeadError.self) { try diverging.learn(task, seed: 1) { _ in } }
        #expect(diverging.classNames.isEmpty)
    }
}
