import FeatureData
import Foundation
import Matrices
import Prediction
import TestSupport
import Testing

@testable import RAIL

/// Sums of shards are the sums of all rows.
@Suite struct RAILPartTests {
    private let world = RandomRows(classes: 6, rowsPerClass: 500, dimension: 12)

    private func head(
        _ precision: RidgePrecision?, _ regulariser: RidgeParameter = .fixed(0.05), hidden: Int = 60,
        fusionWeight: Float? = nil
    ) throws -> RAILPrimalHead {
        var recipe = RAILRecipe()
        recipe.hidden = hidden
        recipe.regulariser = regulariser
        recipe.precision = precision
        recipe.fusionWeight = fusionWeight
        return try RAILPrimalHead(recipe: recipe, featureDimension: world.dimension)
    }

    private func agreed(_ head: RAILPrimalHead, _ task: LearningTask, data: String = "data") throws -> RAILPrimalTask {
        let sample = task.rows.features.rows(0..<min(RAILPrimalHead.taskSample, task.rows.count))
        return try head.task(task.classes, rows: task.rows.count, sample: sample, seed: 7, data: data)
    }

    /// The parts of a task's shards, stored and read back.
    private func parts(
        _ head: RAILPrimalHead, _ task: LearningTask, shards: Int, blockRows: Int = 300, data: String = "data",
        in folder: TemporaryFolder
    ) throws -> [URL] {
        let agreed = try agreed(head, task, data: data)
        return try RowShard.all(shards).map { shard in
            let range = shard.range(of: task.rows.count)
            var learning = try RAILPrimalLearning(head, task: agreed, from: range.lowerBound)
            for start in stride(from: range.lowerBound, to: range.upperBound, by: blockRows) {
                let block = Array(start..<min(start + blockRows, range.upperBound))
                try learning.add(task.rows.selecting(block))
            }
            let url = folder.path("\(data)-\(shards)-\(shard.index)")
            try learning.part(shard).archive().write(to: url)
            return url
        }
    }

    private func merged(_ head: RAILPrimalHead, _ files: [URL], allowingMissing: Bool = false) throws -> RAILPrimalHead {
        let headers = try RAILPrimalPartHeader.ordered(
            try files.map { try RAILPrimalPartHeader(contentsOf: $0) }, allowingMissing: allowingMissing)
        var learning: RAILPrimalLearning?
        for header in headers {
            let part = try RAILPrimalPart(archive: ModelArchive(contentsOf: header.url))
            if learning == nil { learning = try RAILPrimalLearning(head, task: part.task, name: part.name) }
            try learning?.add(part)
        }
        return try #require(learning).finished()
    }

    @Test(
        arguments: [RidgePrecision.single, .mixed, .double],
        [RidgeParameter.fixed(0.05), .marginalLikelihood, .leaveOneOut])
    func shardsGiveTheModelOfAllRows(_ precision: RidgePrecision, _ regulariser: RidgeParameter) throws {
        let folder = try TemporaryFolder()
        let task = world.task(Array(0..<6), known: [])
        var whole = try head(precision, regulariser)
        try whole.learn(task, seed: 7) { _ in }
        // The marginal likelihood is flat about its maximum: rounding of sums in single precision moves λ by a percent.
        let isFlat = precision == .single && regulariser == .marginalLikelihood
        let tolerance = precision == .double ? 1e-8 : precision == .mixed ? 1e-5 : isFlat ? 2e-2 : 2e-3
        for shards in [1, 2, 5] {
            let files = try parts(head(precision, regulariser), task, shards: shards, in: folder)
            let joined = try merged(head(precision, regulariser), files)
            #expect(joined.classNames == whole.classNames && joined.classesPerTask == whole.classesPerTask)
            #expect(joined.rowCounts == whole.rowCounts && joined.precision == whole.precision)
            expectClose(joined.weights, whole.weights, relative: tolerance)
            expectClose(joined.noiseVariances, whole.noiseVariances, relative: tolerance)
            expectClose(joined.link.slope, whole.link.slope, relative: tolerance)
            expectClose(joined.link.width, whole.link.width, relative: tolerance)
            expectClose(try #require(joined.regulariser), try #require(whole.regulariser), relative: tolerance)
            // And it predicts as read back.
            let read = try RAILPrimalHead(archive: joined.archive())
            let rows = world.rows.features.rows(0..<50)
            expectClose(
                try read.posterior(for: rows).mean, try whole.posterior(for: rows).mean, relative: 10 * tolerance)
        }
    }

    @Test(arguments: [RidgePrecision.single, .double]) func theOrderOfPartsChangesNoBit(_ precision: RidgePrecision) throws {
        let folder = try TemporaryFolder()
        let files = try parts(head(precision), world.task(Array(0..<6), known: []), shards: 5, in: folder)
        let first = try merged(head(precision), files).archive().fingerprint()
        for order in [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
            #expect(try merged(head(precision), order.map { files[$0] }).archive().fingerprint() == first)
        }
    }

    /// A second task onto a model, with rows of known classes too; and the precision that the head asks for by itself.
    @Test(arguments: [RidgePrecision?.none, .single, .double]) func tasksFollowEachOther(_ precision: RidgePrecision?) throws {
        let folder = try TemporaryFolder()
        let first = world.task([0, 1, 2, 3], known: [])
        var second = world.task([4, 5], known: [0, 1, 2, 3])
        second.rows = world.rows.selecting(Array(1000..<2500))
        var whole = try head(precision, fusionWeight: 0.8)
        try whole.learn(first, seed: 7) { _ in }
        try whole.learn(second, seed: 7) { _ in }
        var joined = try merged(head(precision, fusionWeight: 0.8), parts(head(precision, fusionWeight: 0.8), first, shards: 3, in: folder))
        joined = try merged(joined, parts(joined, second, shards: 4, data: "second", in: folder))
        #expect(joined.classNames == whole.classNames && joined.classesPerTask == [4, 2])
        #expect(joined.precision == whole.precision)
        let tolerance = joined.precision == .double ? 1e-8 : 2e-3
        expectClose(joined.weights, whole.weights, relative: tolerance)
        let rows = world.rows.features.rows(0..<50)
        let (a, b) = (try joined.posterior(for: rows), try whole.posterior(for: rows))
        expectClose(a.mean, b.mean, relative: 10 * tolerance)
        expectClose(a.variance, b.variance, relative: 10 * tolerance)
    }

    /// Sums reduced in memory, as machines that talk to each other do, are those of part files.
    @Test func sumsReducedInMemoryAreThoseOfFiles() throws {
        let folder = try TemporaryFolder()
        let task = world.task(Array(0..<6), known: [])
        let files = try parts(head(.double), task, shards: 2, in: folder)
        let agreed = try agreed(head(.double), task)
        var ranks = try RowShard.all(2).map { shard in
            let range = shard.range(of: task.rows.count)
            var learning = try RAILPrimalLearning(head(.double), task: agreed, from: range.lowerBound)
            for start in stride(from: range.lowerBound, to: range.upperBound, by: 300) {
                try learning.add(task.rows.selecting(Array(start..<min(start + 300, range.upperBound))))
            }
            return learning
        }
        var other: [[Double]] = []
        ranks[1].forEachSum(single: { _ in Issue.record("sums in Double") }, double: { other.append(Array($0)) })
        var call = 0
        ranks[0].forEachSum(single: { _ in }) { sums in
            for index in sums.indices { sums[index] += other[call][index] }
            call += 1
        }
        #expect(call == other.count)
        ranks[0].addCounts(ranks[1].counts)
        ranks[0].addCheckRows(positions: ranks[1].checkRows.positions, rows: ranks[1].checkRows.rows)
        let reduced = try ranks[0].finished()
        #expect(try reduced.archive().fingerprint() == merged(head(.double), files).archive().fingerprint())
    }

    @Test func partsThatDoNotFitAreRefusedAndNamed() throws {
        let folder = try TemporaryFolder()
        let task = world.task(Array(0..<6), known: [])
        let files = try parts(head(.double), task, shards: 3, in: folder)
        func refused(_ files: [URL], onto target: RAILPrimalHead? = nil) throws -> String {
            do {
                _ = try merged(target ?? head(.double), files)
            } catch {
                return "\(error)"
            }
            Issue.record("was not refused")
            return ""
        }
        #expect(try refused([files[0], files[2]]) == "shard 2 of 3 is missing")
        #expect(try refused(files + [files[1]]).contains("both shard 2/3"))
        let two = try parts(head(.double), task, shards: 2, in: folder)
        #expect(try refused([files[0], two[1]]).contains("parts of one division"))
        let others: [(RAILPrimalHead, LearningTask, String, String)] = [
            (try head(.single), task, "a", "the precision asked for is single, there double"),
            (try head(.double, .fixed(1)), task, "b", "the regulariser is 1.0, there 0.05"),
            (try head(.double, hidden: 40), task, "c", "the number of hidden units is 40, there 60"),
            (try head(.double), world.task(Array(0..<5), known: []), "d", "the new classes is"),
            (try head(.double), task, "e", "the data (their fingerprint) is e, there data"),
        ]
        for (head, task, name, reason) in others {
            let other = try parts(head, task, shards: 3, data: name, in: folder)
            let message = try refused([files[0], other[1], files[2]])
            #expect(message.contains(reason) && message.contains("\(name)-3-2"), "\(message)")
        }
        let joined = try merged(head(.double), files)
        #expect(try refused(files, onto: joined).contains("first task of a new model"))
        // A task for a model counts once.
        var update = world.task([], known: [0])
        update.classes.logitScale = task.classes.logitScale
        update.rows = world.rows.selecting(Array(0..<100))
        let more = try parts(joined, update, shards: 2, data: "more", in: folder)
        let updated = try merged(joined, more)
        #expect(updated.rowCounts.reduce(0, +) == joined.rowCounts.reduce(0, +) + 100)
        #expect(try refused(more, onto: updated).contains("merged already"))
        #expect(try refused(more).contains("model that is there already"))
        // Some may be left out on purpose.
        let partial = try merged(head(.double), [files[2], files[0]], allowingMissing: true)
        #expect(partial.rowCounts.reduce(0, +) == 2000)
    }

    @Test func aNewClassWithoutRowsIsRefused() throws {
        let task = world.task(Array(0..<6), known: [])
        var learning = try RAILPrimalLearning(head(.double), task: agreed(head(.double), task))
        try learning.add(task.rows.ofClasses([0, 1, 2, 4, 5]))
        #expect(throws: HeadError.classWithoutRows("class 3")) { _ = try learning.finished() }
    }

    @Test func damagedPartsAreRefused() throws {
        let folder = try TemporaryFolder()
        let file = try parts(head(.single, hidden: 20), world.task([0, 1], known: []), shards: 1, in: folder)[0]
        let bytes = [UInt8](try Data(contentsOf: file))
        for place in stride(from: 9, to: bytes.count, by: 211) {
            var damaged = bytes
            damaged[place] ^= 0x55
            let url = try folder.file("damaged", damaged)
            #expect(throws: (any Error).self) { _ = try RAILPrimalPart(archive: ModelArchive(contentsOf: url)) }
        }
        for length in [0, 7, 100, bytes.count - 1] {
            let url = try folder.file("cut", Array(bytes.prefix(length)))
            #expect(throws: (any Error).self) { _ = try RAILPrimalPartHeader(contentsOf: url) }
        }
        try head(.double).archive().write(to: folder.path("model"))
        #expect(throws: RAILPartError.notAPart(folder.path("model").relativePath)) {
            _ = try RAILPrimalPartHeader(contentsOf: folder.path("model"))
        }
    }
}
