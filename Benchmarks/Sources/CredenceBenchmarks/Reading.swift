import Credence
import Foundation

/// Reading half-precision feature rows as `Float`: the bare conversion, and the way of `credence classify`, in blocks,
/// each row checked and scaled to unit length. The file lies in the page cache.
enum Reading {
    private static let rows = 25_000

    static func run(_ harness: Harness) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("credence-benchmarks-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appendingPathComponent("features.safetensors")
        let writer = try SafetensorsWriter(
            to: url, tensors: [TensorDeclaration("image_features", .float16, [rows, Workload.dimension])])
        try writer.append(Workload.rows(rows, classes: 0..<1).features, to: "image_features")
        try writer.finish()

        try measure("F16 to Float", harness) {
            let tensor = try SafetensorsFile(contentsOf: url).tensor("image_features")
            for first in stride(from: 0, to: rows, by: 4096) {
                _ = try tensor.matrix(of: Float.self, rows: first..<min(first + 4096, rows))
            }
        }
        try measure("F16 rows checked, unit length", harness) {
            var stream = try FeatureRows(files: [url]).stream()
            while try stream.next() != nil {}
        }
    }

    private static func measure(_ detail: String, _ harness: Harness, _ read: () throws -> Void) throws {
        let seconds = try harness.median(read)
        try harness.report(
            Measurement(
                name: "reading", threads: harness.threads, seconds: seconds, detail: detail,
                value: Double(2 * rows * Workload.dimension) / seconds / 1e9, unit: "GB/s of the file",
                rowsPerSecond: Double(rows) / seconds))
    }
}
