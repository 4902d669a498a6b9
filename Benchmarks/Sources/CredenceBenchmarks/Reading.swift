import Credence
import Foundation

/// Reading half-precision feature rows from a safetensors file, checked on opening, as `Float` rows.
enum Reading {
    private static let rows = 25_000

    static func run(_ harness: Harness) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("credence-benchmarks-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appendingPathComponent("features.safetensors")
        try halfPrecisionFile.write(to: url)
        var read = Matrix<Float>(rows: 0, columns: 0)
        let seconds = try harness.median {
            read = try SafetensorsFile(contentsOf: url).matrix("image_features")
        }
        try harness.report(
            Measurement(
                name: "reading F16 rows", threads: harness.threads, seconds: seconds,
                detail: "\(read.rows)×\(read.columns)", value: Double(2 * read.count) / seconds / 1e9, unit: "GB/s",
                rowsPerSecond: Double(read.rows) / seconds))
    }

    /// The bytes of a file with one tensor, `image_features` [25000, 512], of every finite half-precision pattern in turn.
    private static var halfPrecisionFile: Data {
        let count = rows * Workload.dimension
        let header = """
            {"image_features":{"dtype":"F16","shape":[\(rows),\(Workload.dimension)],"data_offsets":[0,\(2 * count)]}}
            """
        var bytes = Data()
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: header.utf8)
        // 0x7c00 and above is infinite or not a number.
        let values = (0..<count).map { UInt16($0 % 0x7c00).littleEndian }
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        return bytes
    }
}
