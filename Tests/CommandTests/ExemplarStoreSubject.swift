import Credence
import Foundation
import TestSupport
import Testing

/// A data folder of random unit rows and a store beside it, worked on by the command line.
struct ExemplarStoreSubject {
    let folder: TemporaryFolder
    let classNames: [String]
    var data: String { folder.path("data").path }
    var store: String { folder.path("e.sqlite").path }

    init(classes: Int = 6, rowsEach: Int = 40, dimension: Int = 16) throws {
        folder = try TemporaryFolder()
        classNames = (0..<classes).map { "class \($0)" }
        try FileManager.default.createDirectory(at: folder.path("data"), withIntermediateDirectories: true)
        var noise = NormalNoise(seed: 5)
        let text: Matrix<Float> = noise.matrix(rows: classes, columns: dimension)
        var rows: Matrix<Float> = noise.matrix(rows: classes * rowsEach, columns: dimension)
        let labels = (0..<rows.rows).map { $0 % classes }
        for (row, label) in labels.enumerated() {
            for column in 0..<dimension { rows[row, column] += 2 * text[label, column] }
        }
        try Self.write(rows, labels, to: folder.path("data/train.safetensors"))
        let names = "[" + classNames.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        let writer = try SafetensorsWriter(
            to: folder.path("data/text.safetensors"),
            tensors: [TensorDeclaration("text_features", .float32, [classes, dimension])],
            metadata: ["class_names": names, "logit_scale": "20"])
        try writer.append(text, to: "text_features")
        try writer.finish()
    }

    private static func write(_ rows: Matrix<Float>, _ labels: [Int], to url: URL) throws {
        let writer = try SafetensorsWriter(
            to: url,
            tensors: [
                TensorDeclaration("image_features", .float32, [rows.rows, rows.columns]),
                TensorDeclaration("labels", .int64, [rows.rows]),
            ])
        try writer.append(rows, to: "image_features")
        try writer.append(labels, to: "labels")
        try writer.finish()
    }

    func run(_ arguments: String...) throws -> CommandLineTool.Result { try run(arguments) }

    /// `credence exemplars VERB …` on the store.
    func run(
        _ arguments: [String], signal: (number: Int32, after: Double)? = nil, fileSizeLimit: Int? = nil
    ) throws -> CommandLineTool.Result {
        try CommandLineTool.run(
            ["exemplars"] + arguments + ["--store", store], signal: signal, fileSizeLimit: fileSizeLimit)
    }

    func select(_ classes: String, _ more: String...) throws {
        let result = try run(["select", "--quiet", "--data", data, "--classes", classes] + more)
        try #require(result.status == 0, "\(result.errors)")
    }

    /// Every row of the store with all that must not change by accident.
    func state() throws -> [String] {
        var lines: [String] = []
        try ExemplarStore(contentsOf: URL(filePath: store)).read { reader in
            lines.append("\(String(describing: try reader.budget())), \(try reader.selections().count) selections")
            try reader.forEachRecord { stored, row in
                lines.append(
                    "\(stored.name) \(stored.task) \(row.isPinned) \(row.rank) \(row.source) \(row.sourceRow) "
                        + "\(String(describing: row.score)) \(row.contentHash)")
            }
        }
        return lines
    }

    func verify() throws -> [String] { try ExemplarStore(contentsOf: URL(filePath: store)).verify() }

    /// Copies of the store's file; nothing may have it open.
    func save(as name: String) throws {
        try? FileManager.default.removeItem(at: folder.path(name))
        try FileManager.default.copyItem(at: folder.path("e.sqlite"), to: folder.path(name))
    }

    func restore(_ name: String?) throws {
        for ending in ["", "-wal", "-shm"] { unlink(store + ending) }
        if let name { try FileManager.default.copyItem(at: folder.path(name), to: folder.path("e.sqlite")) }
    }
}
