import FeatureData
import Foundation
import Matrices
import Prediction
import TestSupport
import Testing

/// What every head must do, whatever it learns.
@Suite struct HeadLawTests {
    private let world = ToyWorld()

    @Test(arguments: HeadUnderTest.allCases)
    func answersForAllClassesInTheOrderLearnt(_ kind: HeadUnderTest) throws {
        let head = try world.learn(kind)
        #expect(head.classNames == world.prompts.classNames)
        let posterior = try head.posterior(for: world.test.features)
        #expect(posterior.rows == world.test.count)
        #expect(posterior.classes == world.classes)
        #expect(posterior.mean.elements.allSatisfy { $0.isFinite })
        #expect(posterior.variance.elements.allSatisfy { $0 >= 0 && $0.isFinite })
    }

    @Test(arguments: HeadUnderTest.allCases)
    func learnsMoreThanChance(_ kind: HeadUnderTest) throws {
        #expect(try world.accuracy(world.learn(kind), on: world.test) > 0.8)
    }

    /// A matrix product may round differently for another number of rows, so this is to rounding, not to the bit.
    @Test(arguments: HeadUnderTest.allCases)
    func aRowsAnswerDoesNotDependOnOtherRows(_ kind: HeadUnderTest) throws {
        let head = try world.learn(kind)
        let together = try head.posterior(for: world.test.features)
        for row in 0..<world.test.count {
            let alone = try head.posterior(for: world.test.features.rows(row..<(row + 1)))
            expectClose(alone.mean.row(0), together.mean.row(row), relative: 1e-6)
            expectClose(alone.variance.row(0), together.variance.row(row), relative: 1e-6)
        }
        let reversed = Array((0..<world.test.count).reversed())
        let backwards = try head.posterior(for: world.test.features.selectingRows(reversed))
        expectClose(backwards.mean.selectingRows(reversed), together.mean, relative: 1e-6)
    }

    @Test(arguments: HeadUnderTest.allCases)
    func learningIsDeterministicWhateverTheThreads(_ kind: HeadUnderTest) throws {
        let one = try Parallelism.withThreads(1) { try world.learn(kind).posterior(for: world.test.features) }
        let two = try Parallelism.withThreads(2) { try world.learn(kind).posterior(for: world.test.features) }
        #expect(one.mean.elements == two.mean.elements)
        #expect(one.variance.elements == two.variance.elements)
    }

    @Test(arguments: HeadUnderTest.allCases.filter(\.ignoresClassOrder))
    func permutingTheClassesOfATaskPermutesTheAnswer(_ kind: HeadUnderTest) throws {
        let order = [2, 0, 5, 1, 4, 3]
        var straight = try kind.make(featureDimension: world.dimension)
        try straight.learn(world.task(Array(0..<6)), seed: 1) { _ in }
        var permuted = try kind.make(featureDimension: world.dimension)
        try permuted.learn(world.task(order), seed: 1) { _ in }
        let a = try straight.posterior(for: world.test.features)
        let b = try permuted.posterior(for: world.test.features)
        for (column, original) in order.enumerated() {
            let left = (0..<a.rows).map { b.mean[$0, column] }
            let right = (0..<a.rows).map { a.mean[$0, original] }
            expectClose(left, right, relative: 1e-5)
        }
    }

    @Test(arguments: HeadUnderTest.allCases)
    func savingAndLoadingChangesNoBit(_ kind: HeadUnderTest) throws {
        let folder = try TemporaryFolder()
        let head = try world.learn(kind)
        let file = folder.path("model.safetensors")
        try head.archive().write(to: file)
        let loaded = try type(of: head).init(archive: ModelArchive(contentsOf: file))
        let before = try head.posterior(for: world.test.features)
        let after = try loaded.posterior(for: world.test.features)
        #expect(loaded.classNames == head.classNames)
        #expect(before.mean.elements == after.mean.elements)
        #expect(before.variance.elements == after.variance.elements)
        try loaded.archive().write(to: folder.path("again.safetensors"))
        let bytes = try Data(contentsOf: file)
        #expect(try bytes == Data(contentsOf: folder.path("again.safetensors")))
    }

    /// A head that was saved between tasks learns on as if it had not been.
    @Test(arguments: HeadUnderTest.allCases)
    func savingBetweenTasksChangesNoBit(_ kind: HeadUnderTest) throws {
        let folder = try TemporaryFolder()
        var head = try kind.make(featureDimension: world.dimension)
        try head.learn(world.task([0, 1, 2]), seed: 1) { _ in }
        let file = folder.path("model.safetensors")
        try head.archive().write(to: file)
        var loaded = try type(of: head).init(archive: ModelArchive(contentsOf: file))
        let task = world.task([3, 4], known: [0, 1, 2], exemplars: true)
        try head.learn(task, seed: 1) { _ in }
        try loaded.learn(task, seed: 1) { _ in }
        let (a, b) = (try head.posterior(for: world.test.features), try loaded.posterior(for: world.test.features))
        #expect(a.mean.elements == b.mean.elements)
        #expect(a.variance.elements == b.variance.elements)
    }

    @Test(arguments: HeadUnderTest.allCases)
    func aModelOfAnotherMethodIsRefused(_ kind: HeadUnderTest) throws {
        let head = try world.learn(kind)
        var archive = try head.archive()
        archive.method = "other"
        #expect(throws: ModelArchiveError.self) { try type(of: head).init(archive: archive) }
    }

    @Test(arguments: HeadUnderTest.allCases)
    func oneClassAndOneRowWork(_ kind: HeadUnderTest) throws {
        var head = try kind.make(featureDimension: world.dimension)
        var task = world.task([0])
        task.rows = LabelledFeatures(features: task.rows.features.rows(0..<1), labels: [0])
        try head.learn(task, seed: 1) { _ in }
        let posterior = try head.posterior(for: world.test.features.rows(0..<1))
        #expect(posterior.classes == 1)
        #expect(posterior.mean.elements.allSatisfy { $0.isFinite })
        let none = try head.posterior(for: Matrix(rows: 0, columns: world.dimension))
        #expect(none.rows == 0)
    }
}

/// What every head must refuse, leaving itself as it was.
@Suite struct HeadRefusalTests {
    private let world = ToyWorld()

    @Test(arguments: HeadUnderTest.allCases)
    func rowsOfAnotherDimension(_ kind: HeadUnderTest) throws {
        let head = try world.learn(kind)
        #expect(throws: HeadError.featureDimension(expected: 24, found: 23)) {
            try head.posterior(for: Matrix(rows: 2, columns: 23))
        }
    }

    @Test(arguments: HeadUnderTest.allCases)
    func aClassItKnows(_ kind: HeadUnderTest) throws {
        var head = try world.learn(kind)
        let before = try head.posterior(for: world.test.features)
        var task = world.task([0])
        task.rows.labels = task.rows.labels.map { _ in 6 }
        #expect(throws: HeadError.classAlreadyKnown("class 0")) {
            try head.learn(task, seed: 1) { _ in }
        }
        #expect(head.classNames.count == 6)
        let after = try head.posterior(for: world.test.features)
        #expect(after.mean.elements == before.mean.elements)
    }

    @Test(arguments: HeadUnderTest.allCases)
    func aTaskWithoutClasses(_ kind: HeadUnderTest) throws {
        var head = try kind.make(featureDimension: world.dimension)
        #expect(throws: HeadError.self) { try head.learn(world.task([]), seed: 1) { _ in } }
    }

    @Test(arguments: HeadUnderTest.allCases.filter { $0 != .zeroShot })
    func aClassWithoutRows(_ kind: HeadUnderTest) throws {
        var head = try kind.make(featureDimension: world.dimension)
        var task = world.task([0, 1])
        task.rows = LabelledFeatures(
            features: task.rows.features.rows(0..<1), labels: [0])
        #expect(throws: HeadError.classWithoutRows("class 1")) { try head.learn(task, seed: 1) { _ in } }
    }

    @Test(arguments: HeadUnderTest.allCases.filter { $0 != .zeroShot })
    func aLabelOutOfRange(_ kind: HeadUnderTest) throws {
        var head = try kind.make(featureDimension: world.dimension)
        var task = world.task([0, 1])
        task.rows.labels[1] = 2
        #expect(throws: HeadError.self) { try head.learn(task, seed: 1) { _ in } }
    }

    @Test(arguments: HeadUnderTest.allCases.filter { $0 != .zeroShot })
    func stoppingLeavesTheHeadAsItWas(_ kind: HeadUnderTest) throws {
        var head = try kind.make(featureDimension: world.dimension)
        try head.learn(world.task([0, 1, 2]), seed: 1) { _ in }
        let before = try head.posterior(for: world.test.features).mean.elements
        #expect(throws: CancellationError.self) {
            try head.learn(world.task([3, 4], known: [0, 1, 2]), seed: 1) { progress in
                if progress.step == 3 { throw CancellationError() }
            }
        }
        #expect(head.classNames.count == 3)
        let after = try head.posterior(for: world.test.features).mean.elements
        #expect(after == before)
    }
}
