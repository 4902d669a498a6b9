import ArgumentParser
import Credence
import Foundation
import TestSupport
import Testing

@testable import CredenceCommand

/// `mpirun credence learn --method rail-primal`, its ranks being threads: each reads its share of the rows alone.
@Suite struct RankedLearningTests {
    /// More rows than `sampleFingerprint` looks at.
    private let subject: ExemplarStoreSubject
    private static let new = ["--method", "rail-primal", "--hidden", "40", "--precision", "double"]
    /// A task of some of the classes; one of the others that also updates some.
    private static let tasks = [["--classes", "class 0,class 3,class 4"] + new, ["--update"]]

    init() throws { subject = try ExemplarStoreSubject(rowsEach: 400, dimension: 8) }

    private func path(_ name: String) -> String { subject.folder.path(name).path }

    private func arguments(_ model: String, _ options: [String]) -> [String] {
        ["--model", path(model), "--data", subject.data, "--quiet"] + options
    }

    /// What one rank does between joining the others and leaving them.
    private func learnShare(_ model: String, _ options: [String]) throws {
        let command = try LearnCommand.parse(arguments(model, options))
        let dataset = try Dataset.open(URL(filePath: subject.data), splits: [.train])
        var file = try command.openModel(URL(filePath: command.model), dataset)
        #expect(RankedLearning.readsShares(file))
        _ = try command.learnShare(&file, dataset, Terminal(quiet: true))
    }

    private func archive(_ model: String) throws -> ModelArchive { try ModelArchive(contentsOf: subject.folder.path(model)) }

    @Test(arguments: [2, 3, 7]) func ranksLearnTheModelOfOneProcess(_ count: Int) throws {
        for options in Self.tasks {
            let result = try CommandLineTool.run(["learn"] + arguments("one", options))
            #expect(result.status == 0, "\(result.errors)")
            _ = try ThreadRanks.run(count) { _ in try learnShare("ranks", options) }
        }
        let (one, ranks) = (try archive("one"), try archive("ranks"))
        #expect(ranks.classNames == one.classNames)
        #expect(try ranks.integers("class_rows") == one.integers("class_rows"))
        expectClose(try ranks.doubleMatrix("weights"), try one.doubleMatrix("weights"), relative: 1e-8)
        expectClose(try ranks.doubleMatrix("noise_variances"), try one.doubleMatrix("noise_variances"), relative: 1e-8)
    }

    @Test func ranksLearnTheBytesOfShards() throws {
        for options in Self.tasks {
            _ = try ThreadRanks.run(3) { _ in try learnShare("ranks", options) }
            let parts = try RowShard.all(3).map { shard in
                let part = path("part-\(shard.index)")
                let result = try CommandLineTool.run(
                    ["learn"] + arguments("shards", options) + ["--shard", "\(shard)", "--output", part])
                #expect(result.status == 0, "\(result.errors)")
                return part
            }
            let merged = try CommandLineTool.run(["merge", "--quiet", "--model", path("shards")] + parts)
            #expect(merged.status == 0, "\(merged.errors)")
        }
        #expect(try Data(contentsOf: subject.folder.path("ranks")) == Data(contentsOf: subject.folder.path("shards")))
    }

    /// The first of two ranks, whose other has nothing to add.
    private struct FirstOfTwo: RankGroup {
        var rank: Int { 0 }
        var count: Int { 2 }
        func sum(_ values: UnsafeMutableBufferPointer<Float>) {}
        func sum(_ values: UnsafeMutableBufferPointer<Double>) {}
        func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {}
        func gather(_ bytes: [UInt8], at root: Int) -> [[UInt8]] { [bytes, bytes] }
    }

    @Test func aRankReadsItsOwnShareAlone() throws {
        // The last row, which is none of those that data are told apart by, becomes NaN: features come last in the file.
        let train = subject.folder.path("data/train.safetensors")
        var bytes = try Data(contentsOf: train)
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [255, 255, 255, 255])
        try bytes.write(to: train)
        try Parallelism.withRanks(FirstOfTwo()) { try learnShare("half", Self.new) }
        #expect(try archive("half").integers("class_rows").reduce(0, +) == 1200)
        let error = #expect(throws: FeatureDataError.self) {
            _ = try ThreadRanks.run(2) { _ in try learnShare("whole", Self.new) }
        }
        #expect("\(try #require(error))".contains("row 2399 is NaN"))
        #expect(!FileManager.default.fileExists(atPath: path("whole")))
    }

    @Test func aClassWithoutRowsIsRefusedByItsName() throws {
        let text = subject.folder.path("data/text.safetensors")
        let writer = try SafetensorsWriter(
            to: text, tensors: [TensorDeclaration("text_features", .float32, [7, 8])],
            metadata: ["class_names": "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"rare\"]"])
        var noise = NormalNoise(seed: 2)
        let features: Matrix<Float> = noise.matrix(rows: 7, columns: 8)
        try writer.append(features, to: "text_features")
        try writer.finish()
        let error = #expect(throws: CommandFailure.self) {
            _ = try ThreadRanks.run(2) { _ in try learnShare("m", Self.new) }
        }
        #expect(error?.status == .badData && error?.description.hasSuffix("class 'rare' has no training rows") == true)
        #expect(!FileManager.default.fileExists(atPath: path("m")))
    }
}
