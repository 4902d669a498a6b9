@testable import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct DatasetSummaryTests {
    @Test func theExample() throws {
        let summary = try DatasetSummary(of: FeatureDataFolder.example)
        #expect(summary.isSound && summary.isZeroShotReady)
        #expect(summary.classNames.count == 10 && summary.promptsPerClass == 8 && summary.featureDimension == 512)
        #expect(summary.files.map { URL(filePath: $0.path).lastPathComponent } == ["test.safetensors", "text.safetensors", "train.safetensors"])
        let train = try #require(summary.files[2].rows)
        #expect(train.count == 600 && train.dimension == 512 && train.classes == 10)
        #expect(train.fewestRowsOfClass == 60 && train.mostRowsOfClass == 60)
        #expect(train.zeroRows == 0 && train.nonFiniteRows == 0 && train.duplicateRows == 0)
        #expect(train.smallestNorm > 0.999 && train.largestNorm < 1.001)
        #expect(summary.files[2].tensors.contains(.init(name: "image_features", elementType: .float16, shape: [600, 512])))
        #expect(summary.files[1].rows == nil)
        let back = try JSONDecoder().decode(DatasetSummary.self, from: JSONEncoder().encode(summary))
        #expect(back == summary)
    }

    @Test func damagedFiles() throws {
        let folder = try TemporaryFolder()
        let features: [Float] = [3, 4, 0, 0, .nan, 1, 3, 4]
        let bytes = Bytes.safetensors([
            .init("image_features", "F32", [4, 2], Bytes.of(features)), .init("labels", "I32", [4], Bytes.of([0, 0, 0, 1] as [Int32])),
        ])
        _ = try folder.file("train.safetensors", bytes)
        _ = try folder.file("test.safetensors", Array(bytes.dropLast()))
        let summary = try DatasetSummary(of: folder.url)
        #expect(!summary.isSound && !summary.isZeroShotReady)
        #expect(summary.files[0].problem?.contains("reach beyond the file") == true)
        #expect(summary.files[1].problem?.contains("row 1 is zero") == true)
        let rows = try #require(summary.files[1].rows)
        #expect(rows.zeroRows == 1 && rows.nonFiniteRows == 1 && rows.duplicateRows == 1)
        #expect(rows.smallestNorm == 5 && rows.largestNorm == 5 && rows.fewestRowsOfClass == 1 && rows.mostRowsOfClass == 3)
        #expect(summary.problems.count == 1 && summary.problems[0].contains("has no text features"))
        #expect(throws: FeatureDataError.self) { try DatasetSummary(of: folder.path("none")) }
    }
}
