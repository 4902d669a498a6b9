import CLAP
import FeatureData
import HeadCombination
import Linear
import Matrices
import Prediction
import Probability
import RAIL
import Testing
import ZeroShot

/// Every head, by name, so that each law runs over all of them.
enum HeadUnderTest: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case zeroShot, linear, clap, railPrimal, railDual, combined

    /// A head that knows nothing, quick enough for a test.
    func make(featureDimension: Int) throws -> any ArchivableHead {
        switch self {
        case .zeroShot: return ZeroShotHead(featureDimension: featureDimension)
        case .linear:
            var recipe = LinearRecipe()
            recipe.epochs = 3
            recipe.batchSize = 16
            return LinearHead(recipe: recipe, featureDimension: featureDimension)
        case .clap:
            var recipe = CLAPRecipe.default(featureDimension: featureDimension)
            recipe.epochs = 8
            recipe.batchSize = 16
            recipe.learningRate = 3e-3
            return try CLAPHead(recipe: recipe)
        case .railPrimal:
            var recipe = RAILRecipe()
            recipe.hidden = 200
            return try RAILPrimalHead(recipe: recipe, featureDimension: featureDimension)
        case .railDual: return try RAILDualHead(featureDimension: featureDimension)
        case .combined:
            let parts = try [HeadUnderTest.clap, .railPrimal].map { try $0.make(featureDimension: featureDimension) }
            return try CombinedHead<CataloguedHeads>(parts)
        }
    }

    /// Whether permuting the classes of a task only permutes the answers, to rounding: not where learning draws
    /// batches by class number, nor where a search for two numbers of the link ends within a tolerance (RAIL, whose
    /// weights have this test in JointSolutionTests).
    var ignoresClassOrder: Bool { self == .zeroShot }

    /// Whether rows of known classes in a later task change what it says about them.
    var updatesKnownClasses: Bool { self != .zeroShot }

    var testDescription: String { rawValue }
}

/// The heads that a combination's parts may be.
enum CataloguedHeads: HeadCatalogue {
    static func load(_ archive: ModelArchive) throws -> any ArchivableHead {
        archive.method == CLAPHead.method ? try CLAPHead(archive: archive) : try RAILPrimalHead(archive: archive)
    }
}

/// A small world of unit-length rows around class directions, made from a seed.
struct ToyWorld {
    let dimension: Int
    let classes: Int
    let prompts: ClassPrompts
    let train: LabelledFeatures
    let test: LabelledFeatures

    /// - Parameter shift: how far every class lies from its prompts towards the next class: 0 at its own place, 1 at the
    ///   other's. The prompts do not depend on it.
    init(dimension: Int = 24, classes: Int = 6, rowsPerClass: Int = 12, seed: UInt64 = 5, shift: Double = 0) {
        self.dimension = dimension
        self.classes = classes
        var stream = RandomStream(seed: seed)
        let centres = (0..<classes).map { _ in (0..<dimension).map { _ in stream.gaussian() } }
        func row(around centre: [Double], spread: Double) -> [Float] {
            let values = centre.map { $0 + spread * stream.gaussian() }
            let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return values.map { Float($0 / norm) }
        }
        prompts = ClassPrompts(
            classNames: (0..<classes).map { "class \($0)" },
            features: centres.map { centre in Matrix((0..<3).map { _ in row(around: centre, spread: 1.2) }) },
            logitScale: 20)
        let places = (0..<classes).map { label in
            zip(centres[label], centres[(label + 1) % classes]).map { (1 - shift) * $0 + shift * $1 }
        }
        func rows(_ perClass: Int) -> LabelledFeatures {
            let labels = (0..<(perClass * classes)).map { $0 % classes }
            return LabelledFeatures(
                features: Matrix(labels.map { row(around: places[$0], spread: 0.8) }), labels: labels)
        }
        train = rows(rowsPerClass)
        test = rows(5)
    }

    /// The task of the given classes; labels are their positions in what a head knows after learning `known` others.
    func task(_ members: [Int], known: [Int] = [], exemplars: Bool = false) -> LearningTask {
        let order = known + members
        func selecting(_ classes: [Int]) -> LabelledFeatures {
            let rows = train.labels.indices.filter { classes.contains(train.labels[$0]) }
            return LabelledFeatures(
                features: train.features.selectingRows(rows),
                labels: rows.map { order.firstIndex(of: train.labels[$0]) ?? -1 })
        }
        return LearningTask(
            classes: ClassPrompts(
                classNames: members.map { prompts.classNames[$0] }, features: members.map { prompts.features[$0] },
                logitScale: prompts.logitScale),
            rows: selecting(members), exemplars: selecting(exemplars ? known : []))
    }

    /// A task without new classes: rows of `members`, which the head knows under these numbers.
    func update(_ members: [Int], exemplars: LabelledFeatures? = nil) -> LearningTask {
        let rows = train.labels.indices.filter { members.contains(train.labels[$0]) }
        return LearningTask(classes: prompts.selecting([]), rows: train.selecting(rows), exemplars: exemplars)
    }

    /// The share of `rows` for which `head` puts the class first.
    func accuracy(_ head: any Head, on rows: LabelledFeatures) throws -> Double {
        let mean = try head.posterior(for: rows.features).mean
        let right = zip(mean.rowArgmaxima(), rows.labels).filter { $0 == $1 }.count
        return Double(right) / Double(rows.count)
    }

    /// A head that has learnt two tasks.
    func learn(_ kind: HeadUnderTest, seed: UInt64 = 3) throws -> any ArchivableHead {
        var head = try kind.make(featureDimension: dimension)
        let half = classes / 2
        try head.learn(task(Array(0..<half)), seed: seed) { _ in }
        try head.learn(
            task(Array(half..<classes), known: Array(0..<half), exemplars: true), seed: seed) { _ in }
        try head.consolidate(on: train, seed: seed) { _ in }
        return head
    }
}
