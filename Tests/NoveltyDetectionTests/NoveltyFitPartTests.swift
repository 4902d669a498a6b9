import FeatureData
import Foundation
import Matrices
import Prediction
import TestSupport
import Testing

@testable import NoveltyDetection

/// Fitting from shards is fitting to all rows.
@Suite struct NoveltyFitPartTests {
    private let sample = KnownSample(rowsPerClass: 200)

    /// A shard's rows, as they would be read from files.
    private func share(_ rows: LabelledFeatures, _ shard: RowShard, hasHead: Bool = true) -> KnownShare {
        let range = shard.range(of: rows.count)
        var known = KnownRows(
            rows.selecting(Array(range)), classNames: KnownSample.classNames, text: sample.text,
            head: hasHead ? sample.head : nil, seed: 1, blockRows: 37)
        known.otherWords = sample.words
        return KnownShare(rows: known, first: range.lowerBound, total: rows.count)
    }

    private func parts(
        _ scores: [any NoveltyScore & Codable], shards: Int, comparedLimit: Int = 1000, rate: Double = 0.95,
        rows: LabelledFeatures? = nil
    ) throws -> [(name: String, part: NoveltyFitPart)] {
        let rows = rows ?? sample.rows
        return try RowShard.all(shards).map { shard in
            let part = try NoveltyFitPart(
                scores, shard: shard, fitting: share(rows, shard),
                comparing: share(rows.selecting(Array(0..<150)), shard), classes: 4, modelFingerprint: "model",
                dataFingerprint: "data", truePositiveRate: rate, isHeldOut: false, comparedLimit: comparedLimit)
            return ("part \(shard.index)", try NoveltyFitPart(archive: part.archive()))
        }
    }

    private func joined(_ parts: [(name: String, part: NoveltyFitPart)], model: String? = "model") throws -> Detector {
        try NoveltyFitPart.detector(joining: parts, head: sample.head, modelFingerprint: model)
    }

    /// Joined statistics are those of all rows; the fourth moment about class means nearly so, and exactly where each class
    /// lies in one shard.
    @Test(arguments: [1, 2, 5, 800], [false, true]) func statisticsAddUp(_ shards: Int, _ unitLength: Bool) throws {
        let sorted = sample.rows.labels.indices.sorted { sample.rows.labels[$0] < sample.rows.labels[$1] }
        for isSorted in [false, true] {
            var rows = isSorted ? sample.rows.selecting(sorted) : sample.rows
            rows.features.scale(by: 1.7)
            let whole = try KnownRows(rows, classNames: KnownSample.classNames).statistics(unitLength: unitLength)
            let all = RowStatistics(
                joining: try RowShard.all(shards).map { try ShardStatistics(share(rows, $0).rows, unitLength: unitLength) })
            #expect(all.count == whole.count && all.counts == whole.counts)
            expectClose(all.means, whole.means, relative: 1e-12)
            expectClose(all.mean, whole.mean, relative: 1e-12)
            expectClose(all.withinScatter, whole.withinScatter, relative: 1e-11)
            expectClose(all.totalFourthMoment, whole.totalFourthMoment, relative: 1e-11)
            // Two shards cut no class where rows are sorted by class.
            let isExact = isSorted && shards == 2 || shards == 1 || shards == 800
            expectClose(all.withinFourthMoment, whole.withinFourthMoment, relative: isExact ? 1e-11 : 1e-2)
        }
    }

    @Test(arguments: NoveltyScores.shardable) func shardsGiveTheDetectorOfAllRows(_ name: String) throws {
        let score = try #require(NoveltyScores.named(name))
        let compared = KnownRows(sample.rows.selecting(Array(0..<150)), classNames: KnownSample.classNames, head: sample.head)
        let whole = try Detector.fitting(
            [score], to: sample.known(), comparing: compared, modelFingerprint: "model", dataFingerprint: "data")
        let expected = try whole.scores(for: sample.input(sample.queries))[0]
        for shards in [1, 2, 5] {
            let detector = try joined(parts([score], shards: shards))
            // The rest is the amount of shrinkage, which rests on the fourth moment.
            expectClose(
                try detector.scores(for: sample.input(sample.queries))[0], expected, relative: shards == 1 ? 1e-5 : 2e-3)
            expectClose(detector.parts[0].knownScores, whole.parts[0].knownScores, relative: shards == 1 ? 1e-5 : 2e-3)
            #expect(detector.parts[0].notes.count == whole.parts[0].notes.count)
        }
    }

    @Test func theOrderOfPartsChangesNoBit() throws {
        let parts = try parts([Mahalanobis(), ClassContrastEnergy(), NearestNeighbours()], shards: 3)
        func fingerprint(_ order: [Int]) throws -> String {
            var archive = ModelArchive(method: "m", classNames: KnownSample.classNames)
            try joined(order.map { parts[$0] }).store(in: &archive)
            return try archive.fingerprint()
        }
        let first = try fingerprint([0, 1, 2])
        #expect(try fingerprint([2, 0, 1]) == first && fingerprint([1, 2, 0]) == first)
    }

    /// Rows to compare with are thinned evenly, the same ones whatever the shards.
    @Test func rowsToCompareWithAreBounded() throws {
        let one = try joined(parts([Energy()], shards: 1, comparedLimit: 20)).parts[0].knownScores
        #expect(one.count == 20)
        #expect(try joined(parts([Energy()], shards: 4, comparedLimit: 20)).parts[0].knownScores == one)
        #expect(try joined(parts([Energy()], shards: 4)).parts[0].knownScores.count == 150)
    }

    @Test func scoresThatNeedAllRowsAreRefused() throws {
        for score in NoveltyScores.all where !NoveltyScores.shardable.contains(score.name) {
            let error = #expect(throws: NoveltyError.needsAllRows(score: score.name)) { try parts([score], shards: 2) }
            #expect(error?.description.contains("mahalanobis") == true)
        }
        #expect(throws: NoveltyError.needsAllRows(score: "gaussian-mixture")) {
            try parts([GaussianMixture(ownCovariances: true)], shards: 2)
        }
        #expect(NoveltyScores.defaults(hasModel: true).allSatisfy(NoveltyScores.shardable.contains))
        #expect(NoveltyScores.defaults(hasModel: false).allSatisfy(NoveltyScores.shardable.contains))
    }

    @Test func partsThatDoNotFitAreRefusedAndNamed() throws {
        let good = try parts([Mahalanobis()], shards: 3)
        #expect(throws: ShardSetError.missing([2], of: 3)) { try joined([good[0], good[2]]) }
        #expect(throws: ShardSetError.repeated(RowShard(1, of: 3), "part 1", "again")) {
            try joined(good + [("again", good[0].part)])
        }
        for (others, what) in [
            (try parts([Energy()], shards: 3), "the scores"),
            (try parts([Mahalanobis()], shards: 3, rate: 0.9), "the share of known rows that passes is 0.9, there 0.95"),
            (try parts([Mahalanobis()], shards: 3, rows: sample.rows.selecting(Array(0..<200))), "the number of rows"),
        ] {
            let error = #expect(throws: NoveltyError.self) { try joined([good[0], ("odd", others[1].part), good[2]]) }
            #expect(error?.description.contains(what) == true && error?.description.contains("odd") == true, "\(error as Any)")
        }
        #expect(throws: NoveltyError.self) { try joined(good, model: "another") }
        #expect(throws: NoveltyError.self) { try joined(good, model: nil) }
    }

    @Test func damagedPartsAreRefused() throws {
        let folder = try TemporaryFolder()
        let part = try parts([Mahalanobis()], shards: 1)[0].part
        try part.archive().write(to: folder.path("part"))
        let bytes = [UInt8](try Data(contentsOf: folder.path("part")))
        for place in stride(from: 9, to: bytes.count, by: 997) {
            var damaged = bytes
            damaged[place] ^= 0x55
            let url = try folder.file("damaged", damaged)
            #expect(throws: (any Error).self) { _ = try NoveltyFitPart(archive: ModelArchive(contentsOf: url)) }
        }
    }
}
