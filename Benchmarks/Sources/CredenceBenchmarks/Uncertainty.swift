import Credence
import Foundation

/// From a memory-mapped F16 file of rows to probabilities of 100 classes and all measures of uncertainty, block by block as
/// `credence classify` goes; beside it the two matrix products that the logits' means and variances need.
enum UncertaintyOfRows {
    private static let (classes, rows, blockRows) = (100, 50_000, 2048)

    static func run(_ harness: Harness) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "credence-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "rows.npy")
        let features = Workload.rows(rows, classes: 0..<classes).features
        let writer = try NumPyWriter(to: file, elementType: .float16, shape: [rows, Workload.dimension])
        try writer.append(features)
        try writer.finish()
        let stored = try FeatureRows(files: [file])

        try Parallelism.withThreads(harness.threads) {
            var head = try CLAPHead(recipe: .default(featureDimension: Workload.dimension))
            for task in 0..<classes / Workload.classesPerTask {
                try head.learn(Workload.learningTask(task, rows: 200), seed: 1) { _ in }
            }
            let all = try harness.median {
                var stream = stored.stream(blockRows: blockRows)
                while let block = try stream.next() {
                    _ = try head.posterior(for: block.features).rowUncertainty()
                }
            }
            var noise = NormalNoise(seed: 9)
            let weights: Matrix<Float> = noise.matrix(rows: classes, columns: Workload.dimension)
            let blocks = stride(from: 0, to: rows, by: blockRows).map { features.rows($0..<min($0 + blockRows, rows)) }
            let products = harness.median {
                for block in blocks {
                    _ = block.multiplied(by: weights, .transposed)
                    _ = block.multiplied(by: weights, .transposed)
                }
            }
            for (name, seconds) in [("rows to all columns", all), ("the two products of rows", products)] {
                try harness.report(
                    Measurement(
                        name: name, threads: harness.threads, seconds: seconds, classes: classes,
                        value: seconds / products, unit: "times the two products", rowsPerSecond: Double(rows) / seconds))
            }
        }
    }
}
