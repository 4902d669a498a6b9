import Foundation
import Matrices

/// Writes feature rows and their labels to one safetensors file or to several of about equal size, row after row; the files
/// appear when all are finished.
final class ShardedRowsWriter {
    private let writers: [SafetensorsWriter]
    /// The first row of each file, and the number of rows.
    private let bounds: [Int]
    private var written = 0
    let urls: [URL]

    /// Open files, one a shard, are as many as this at most.
    static let maximumShards = 512

    /// - Parameters:
    ///   - urls: the files, at most one a row and `maximumShards`.
    ///   - hasLabels: whether there will be labels.
    /// - Throws: `FeatureDataError`.
    init(
        _ urls: [URL], rows: Int, dimension: Int, elementType: ElementType, hasLabels: Bool, metadata: [String: String]
    ) throws {
        self.urls = urls
        let bounds = (0...urls.count).map { $0 * rows / urls.count }
        self.bounds = bounds
        writers = try urls.enumerated().map { shard, url in
            let count = bounds[shard + 1] - bounds[shard]
            var tensors = [TensorDeclaration("image_features", elementType, [count, dimension])]
            if hasLabels { tensors.append(TensorDeclaration("labels", .int32, [count])) }
            return try SafetensorsWriter(to: url, tensors: tensors, metadata: metadata)
        }
    }

    /// `train.safetensors`, or `train-00000-of-00016.safetensors` and so on where there are several.
    static func urls(_ stem: String, in folder: URL, shards: Int) -> [URL] {
        (0..<shards).map { shard in
            let name = shards == 1 ? stem : "\(stem)-\(padded(shard))-of-\(padded(shards))"
            return folder.appending(path: name + ".safetensors")
        }
    }

    func append(_ features: Matrix<Float>, _ labels: [Int]?) throws {
        var start = 0
        while start < features.rows {
            guard let shard = writers.indices.first(where: { written < bounds[$0 + 1] }) else {
                preconditionFailure("more rows than declared")
            }
            let count = min(features.rows - start, bounds[shard + 1] - written)
            let range = start..<start + count
            try writers[shard].append(count == features.rows ? features : features.rows(range), to: "image_features")
            if let labels { try writers[shard].append(Array(labels[range]), to: "labels") }
            start += count
            written += count
        }
    }

    func finish() throws {
        for writer in writers { try writer.finish() }
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
