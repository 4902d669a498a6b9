import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct RowShardTests {
    /// Shards follow each other without a gap, and differ by one row at most.
    @Test(arguments: [0, 1, 5, 97, 4096, 1_000_000_007]) func shardsAreAllRowsOnce(_ rows: Int) {
        for count in [1, 2, 3, 8, 64, 129] {
            for alignment in [1, 7, 2048] {
                var next = 0
                var sizes: [Int] = []
                for shard in RowShard.all(count) {
                    let range = shard.range(of: rows, alignedTo: alignment)
                    #expect(range.lowerBound == next)
                    #expect(range.isEmpty || range.lowerBound % alignment == 0)
                    next = range.upperBound
                    sizes.append(range.count)
                }
                #expect(next == rows)
                // Beside a block more or less, the last block may be short.
                #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 2 * (alignment - 1) + 1)
            }
        }
    }

    @Test func textIsReadBack() throws {
        let shard = try RowShard(parsing: "3/8")
        #expect(shard == RowShard(3, of: 8) && shard.description == "3/8" && RowShard("3/8") == shard)
        #expect(try JSONDecoder().decode(RowShard.self, from: JSONEncoder().encode(shard)) == shard)
        #expect(RowShard.whole.range(of: 12) == 0..<12)
    }

    @Test(arguments: [
        ("", RowShardError.notation("")), ("3", .notation("3")), ("3/8/1", .notation("3/8/1")), ("a/8", .notation("a/8")),
        ("/8", .notation("/8")), ("1/0", .count("1/0")), ("1/-2", .count("1/-2")),
        ("0/8", .index("0/8", index: 0, count: 8)), ("9/8", .index("9/8", index: 9, count: 8)),
        ("99999999999999999999/8", .notation("99999999999999999999/8")),
    ])
    func badTextIsNamed(_ text: String, _ error: RowShardError) {
        #expect(throws: error) { _ = try RowShard(parsing: text) }
        #expect(error.description.contains("'\(text)'"))
    }

    /// A shard's stream reads its rows under their numbers among all, across files.
    @Test(arguments: [1, 2, 3, 7]) func streamsOfShardsAreTheStreamOfAllRows(_ shards: Int) throws {
        let folder = try TemporaryFolder()
        let urls = try (0..<3).map { file in
            let features = Matrix<Float>(rows: 11, columns: 3, elements: (0..<33).map { Float($0 + 50 * file + 1) })
            let writer = try SafetensorsWriter(
                to: folder.path("\(file)"), tensors: [.init("features", .float32, [11, 3]), .init("labels", .int32, [11])])
            try writer.append(features, to: "features")
            try writer.append(Array(0..<11), to: "labels")
            try writer.finish()
            return folder.path("\(file)")
        }
        let rows = try FeatureRows(files: urls, normalizing: false)
        let whole = try rows.load()
        var (elements, labels): ([Float], [Int]) = ([], [])
        for shard in RowShard.all(shards) {
            let range = shard.range(of: rows.count)
            var stream = rows.stream(blockRows: 4, in: range)
            while let block = try stream.next() {
                #expect(block.firstRow * 3 == elements.count)
                elements += block.features.elements
                labels += block.labels ?? []
            }
            #expect(try rows.labels(range) == Array(whole.labels[range]))
        }
        #expect(elements == whole.features.elements && labels == whole.labels)
    }

    @Test func setsOfShardsAreChecked() throws {
        let parts = [3, 1, 2].map { ("part \($0)", RowShard($0, of: 3)) }
        #expect(try ShardSet.order(parts) == [1, 2, 0])
        #expect(throws: ShardSetError.missing([2], of: 3)) { try ShardSet.order([parts[0], parts[1]]) }
        #expect(try ShardSet.order([parts[0], parts[1]], allowingMissing: true) == [1, 0])
        #expect(throws: ShardSetError.repeated(RowShard(1, of: 3), "part 1", "again")) {
            try ShardSet.order(parts + [("again", RowShard(1, of: 3))])
        }
        #expect(throws: ShardSetError.counts("part 3", RowShard(3, of: 3), "other", RowShard(1, of: 2))) {
            try ShardSet.order(parts + [("other", RowShard(1, of: 2))])
        }
        #expect(throws: ShardSetError.noParts) { try ShardSet.order([]) }
    }

    @Test func fingerprintsTellRowsApart() throws {
        let folder = try TemporaryFolder()
        func rows(_ name: String, _ change: Float) throws -> FeatureRows {
            var features = Matrix<Float>(rows: 40, columns: 3, elements: (0..<120).map { Float($0 + 1) })
            features[17, 1] += change
            let writer = try NumPyWriter(to: folder.path(name), elementType: .float32, shape: [40, 3])
            try writer.append(features)
            try writer.finish()
            return try FeatureRows(files: [folder.path(name)])
        }
        let fingerprint = try rows("a.npy", 0).sampleFingerprint()
        #expect(try rows("b.npy", 0).sampleFingerprint() == fingerprint)
        #expect(try rows("c.npy", 1).sampleFingerprint() != fingerprint)
    }
}
