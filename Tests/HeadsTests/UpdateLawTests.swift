import FeatureData
import Foundation
import Matrices
import Prediction
import TestSupport
import Testing

/// Classes met again in a later task: updated, not restarted.
@Suite struct UpdateLawTests {
    private let world = ToyWorld()
    /// The same classes and prompts; rows lie nearer to the next class than to their own.
    private let shifted = ToyWorld(rowsPerClass: 30, shift: 0.55)

    @Test(arguments: HeadUnderTest.allCases.filter(\.updatesKnownClasses))
    func updatingImprovesOnAShiftedDomain(_ kind: HeadUnderTest) throws {
        var head = try world.learn(kind)
        let before = try shifted.accuracy(head, on: shifted.test)
        try head.learn(shifted.update(Array(0..<6), exemplars: world.train), seed: 3) { _ in }
        let after = try shifted.accuracy(head, on: shifted.test)
        // Heads that remember where rows of the first domain were, whose places overlap, gain less than those that do
        // not; the test rows' standard error is below 0.04.
        #expect(after > before + 0.1)
        #expect(head.classNames == world.prompts.classNames)
    }

    /// Rows of some known classes and of a new one in one task.
    @Test(arguments: HeadUnderTest.allCases.filter(\.updatesKnownClasses))
    func aTaskMayUpdateAndAddClasses(_ kind: HeadUnderTest) throws {
        var head = try kind.make(featureDimension: world.dimension)
        try head.learn(world.task([0, 1, 2, 3]), seed: 3) { _ in }
        let before = try shifted.accuracy(head, on: shifted.update([0, 1]).rows)
        var task = shifted.update([0, 1, 4], exemplars: world.task([0, 1, 2, 3]).rows)
        task.classes = world.prompts.selecting([4])
        try head.learn(task, seed: 3) { _ in }
        #expect(head.classNames == Array(world.prompts.classNames.prefix(5)))
        #expect(try shifted.accuracy(head, on: shifted.update([0, 1]).rows) > before + 0.1)
        let learnt = try shifted.accuracy(head, on: shifted.update([4]).rows)
        #expect(learnt > 0.5)  // chance is 0.2
    }

    @Test(arguments: HeadUnderTest.allCases.filter(\.updatesKnownClasses))
    func anUpdatedHeadIsStoredAndLearnsOn(_ kind: HeadUnderTest) throws {
        let folder = try TemporaryFolder()
        var head = try kind.make(featureDimension: world.dimension)
        try head.learn(world.task([0, 1, 2]), seed: 1) { _ in }
        try head.learn(shifted.update([0, 2]), seed: 1) { _ in }
        let file = folder.path("model.safetensors")
        try head.archive().write(to: file)
        var loaded = try type(of: head).init(archive: ModelArchive(contentsOf: file))
        let task = world.task([3, 4], known: [0, 1, 2], exemplars: true)
        try head.learn(task, seed: 1) { _ in }
        try loaded.learn(task, seed: 1) { _ in }
        let (a, b) = (try head.posterior(for: world.test.features), try loaded.posterior(for: world.test.features))
        #expect(loaded.classNames == head.classNames)
        #expect(a.mean.elements == b.mean.elements)
        #expect(a.variance.elements == b.variance.elements)
    }

    @Test(arguments: HeadUnderTest.allCases.filter(\.updatesKnownClasses))
    func aStoppedUpdateChangesNothing(_ kind: HeadUnderTest) throws {
        var head = try world.learn(kind)
        let before = try head.archive()
        #expect(throws: CancellationError.self) {
            try head.learn(shifted.update([0, 1]), seed: 1) { progress in
                if progress.step == 3 { throw CancellationError() }
            }
        }
        let after = try head.archive()
        #expect(after.configurationJSON == before.configurationJSON)
        #expect(after.classNames == before.classNames)
        let answers = try [before, after].map {
            try type(of: head).init(archive: $0).posterior(for: world.test.features)
        }
        #expect(answers[0].mean.elements == answers[1].mean.elements)
        #expect(answers[0].variance.elements == answers[1].variance.elements)
    }

    /// A head without anything to learn refuses the task; one without new classes takes it only where it has rows.
    @Test(arguments: HeadUnderTest.allCases)
    func aTaskWithoutClassesAndRowsIsRefused(_ kind: HeadUnderTest) throws {
        var head = try world.learn(kind)
        let before = try head.posterior(for: world.test.features)
        #expect(throws: HeadError.self) { try head.learn(world.update([]), seed: 1) { _ in } }
        #expect(try head.posterior(for: world.test.features).mean.elements == before.mean.elements)
    }

    @Test(arguments: HeadUnderTest.allCases.filter(\.updatesKnownClasses))
    func anUpdateFromAnotherEncoderIsRefused(_ kind: HeadUnderTest) throws {
        var head = try world.learn(kind)
        var task = shifted.update([0])
        task.classes.logitScale += 1
        #expect(throws: HeadError.self) { try head.learn(task, seed: 1) { _ in } }
    }

    @Test(arguments: HeadUnderTest.allCases)
    func storedHistoriesStartWithClasses(_ kind: HeadUnderTest) throws {
        let head = try world.learn(kind)
        var archive = try head.archive()
        let configuration = archive.configurationJSON
        for history in ["[0,6]", "[-1,7]", "[3,2]", "[]"] {
            archive.configurationJSON = configuration.replacing("[3,3]", with: history, maxReplacements: 1)
            #expect(archive.configurationJSON != configuration)
            #expect(throws: ModelArchiveError.self) { try type(of: head).init(archive: archive) }
        }
    }

    @Test func zeroShotIsWhatItWas() throws {
        var head = try world.learn(.zeroShot)
        let before = try head.posterior(for: world.test.features)
        try head.learn(shifted.update([0, 1]), seed: 1) { _ in }
        #expect(try head.posterior(for: world.test.features).mean.elements == before.mean.elements)
        let loaded = try type(of: head).init(archive: head.archive())
        #expect(loaded.classNames == world.prompts.classNames)
    }
}
