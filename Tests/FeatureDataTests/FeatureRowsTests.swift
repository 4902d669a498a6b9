@testable import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct FeatureRowsTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// A file of rows, each with its own length and direction.
    private func file(
        _ name: String, rows: Int, columns: Int = 5, as type: ElementType = .float32, labels: [Int]? = nil,
        change: (inout Matrix<Double>) -> Void = { _ in }
    ) throws -> URL {
        var matrix = Matrix<Double>(
            rows: rows, columns: columns,
            elements: (0..<rows * columns).map { Double(($0 * 37 + name.utf8.count * 11) % 23 - 11) / 8 + 0.01 })
        change(&matrix)
        var tensors: [TensorDeclaration] = [.init("image_features", type, [rows, columns])]
        if let labels { tensors.append(.init("labels", .int16, [labels.count])) }
        let writer = try SafetensorsWriter(to: folder.path(name), tensors: tensors)
        try writer.append(matrix, to: "image_features")
        if let labels { try writer.append(labels, to: "labels") }
        try writer.finish()
        return folder.path(name)
    }

    @Test(arguments: [ElementType.float16, .bfloat16, .float32, .float64])
    func rowsHaveUnitLength(type: ElementType) throws {
        let url = try file("a", rows: 70, as: type, labels: Array(repeating: 1, count: 70))
        let stored = try SafetensorsFile(contentsOf: url).matrix("image_features", of: Double.self)
        let rows = try FeatureRows(files: [url]).load()
        for row in 0..<70 {
            let norm = stored.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
            expectClose(rows.features.row(row), stored.row(row).map { $0 / norm }, absolute: 2e-7)
        }
        let raw = try FeatureRows(files: [url], normalizing: false).load()
        #expect(raw.features.elements == stored.elements.map { Float($0) })
    }

    /// How rows are cut into blocks and files changes no bit.
    @Test(arguments: [1, 7, 32, 33, 100, 5000])
    func blocksAndFilesDoNotMatter(blockRows: Int) throws {
        let urls = try [("a", 33), ("bb", 1), ("ccc", 100)].map { name, count in
            try file(name, rows: count, as: .float16, labels: (0..<count).map { $0 % 3 })
        }
        let all = try FeatureRows(files: urls)
        #expect(all.count == 134 && all.dimension == 5)
        let whole = try all.load()
        var stream = all.stream(blockRows: blockRows)
        var seen = 0
        while let block = try stream.next() {
            #expect(block.firstRow == seen && block.count <= blockRows)
            #expect(block.features.elements == whole.features.rows(seen..<seen + block.count).elements)
            #expect(block.labels == Array(whole.labels[seen..<seen + block.count]))
            seen += block.count
        }
        #expect(seen == 134)
        #expect(try all.labels() == whole.labels)
    }

    /// Lengths whose squares Float cannot hold.
    @Test func extremeLengths() throws {
        for scale in [1e-300, 1e-38, 1e-25, 1e25, 1e37, 1e300] {
            let type: ElementType = abs(log10(scale)) > 37.5 ? .float64 : .float32
            let plain = try FeatureRows(files: [file("a", rows: 3, as: .float64)]).block(0..<3).features
            let url = try file("a", rows: 3, as: type) { matrix in
                for row in 0..<3 { for column in 0..<5 { matrix[row, column] *= scale } }
            }
            let scaled = try FeatureRows(files: [url]).block(0..<3).features
            expectClose(scaled, plain, absolute: scale == 1e-38 ? 1e-6 : 2e-7, "\(scale)")
        }
    }

    @Test(arguments: [true, false])
    func badRowsAreNamed(normalizing: Bool) throws {
        func error(_ change: (inout Matrix<Double>) -> Void) throws -> String {
            let url = try file("bad", rows: 50, change: change)
            let rows = try FeatureRows(files: [file("good", rows: 9), url], normalizing: normalizing)
            return #expect(throws: FeatureDataError.self) {
                var stream = rows.stream(blockRows: 20)
                while try stream.next() != nil {}
            }?.description ?? ""
        }
        #expect(try error { $0[40, 3] = .nan }.hasSuffix("bad: tensor 'image_features': row 40 is NaN in column 3, expected finite numbers"))
        #expect(try error { $0[0, 0] = -.infinity }.contains("row 0 is infinite in column 0"))
        #expect(try error { for column in 0..<5 { $0[49, column] = 0 } }.contains("row 49 is zero, expected a feature vector"))
        #expect(try error { $0[12, 0] = .nan; $0[11, 1] = .nan }.contains("row 11 is NaN in column 1"))
    }

    @Test func labelsAreChecked() throws {
        func error(_ labels: [Int], classCount: Int? = 3) throws -> String {
            let url = try file("a", rows: 4, labels: labels)
            return #expect(throws: FeatureDataError.self) {
                try FeatureRows(files: [url], classCount: classCount).load()
            }?.description ?? ""
        }
        #expect(try error([0, 1, 2, 3]).hasSuffix("a: tensor 'labels': row 3 has the label 3, expected 0 to 2, the classes"))
        #expect(try error([0, -1, 2, 2], classCount: nil).contains("row 1 has the label -1, expected 0 or more"))
        #expect(try error([0, 1, 2]).contains("has the shape [3], expected [4]"))
    }

    @Test func filesThatDoNotFit() throws {
        func error(_ files: [URL]) -> String {
            #expect(throws: FeatureDataError.self) { try FeatureRows(files: files) }?.description ?? ""
        }
        let five = try file("five", rows: 2)
        #expect(error([five, try file("six", rows: 2, columns: 6)]).contains("six: tensor 'image_features': has rows of length 6"))
        #expect(error([five, try file("l", rows: 1, labels: [0])]).contains("five: tensor 'labels': is missing"))
        #expect(error([]).contains("need a file"))
        let integers = try folder.file("i", Bytes.safetensors([.init("image_features", "U8", [1, 2], [1, 2])]))
        #expect(error([integers]).contains("has the type U8"))
        let vector = try folder.file("v", Bytes.safetensors([.init("image_features", "F16", [1], [1, 2])]))
        #expect(error([vector]).contains("has the shape [1], expected [rows, D]"))
        let other = try folder.file(
            "o", Bytes.safetensors([.init("x", "F16", [1, 1], [1, 2]), .init("y", "F16", [1, 1], [1, 2])]))
        #expect(error([other]).contains("tensor 'image_features': is missing, the file holds x, y"))
    }

    @Test func emptyFilesOfRows() throws {
        let rows = try FeatureRows(files: [file("a", rows: 0, labels: [])])
        #expect(rows.count == 0)
        #expect(try rows.load().count == 0)
        var stream = rows.stream()
        #expect(try stream.next() == nil)
    }

    @Test func numberedArraysInAFolder() throws {
        let place = folder.path("img_emb")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for number in 0..<11 {
            let writer = try NumPyWriter(
                to: place.appending(path: "img_emb_\(number).npy"), elementType: .float16, shape: [1, 2])
            try writer.append(Matrix<Float>(rows: 1, columns: 2, elements: [Float(number), 1]))
            try writer.finish()
        }
        let rows = try FeatureRows(files: FeatureRows.files(at: folder.url), normalizing: false)
        #expect(try rows.block(0..<11).features.elements == (0..<11).flatMap { [Float($0), 1] })
        #expect(try rows.block(3..<5).labels == nil)
        #expect(try FeatureRows.files(at: place).count == 11)
        try FileManager.default.removeItem(at: place.appending(path: "img_emb_7.npy"))
        let error = #expect(throws: FeatureDataError.self) { try FeatureRows.files(at: folder.url) }
        #expect(error?.description.hasSuffix("img_emb_7.npy is missing") == true)
    }

    /// 64 MiB of rows leave less than 4 MiB of them resident between blocks.
    @Test func streamingTakesLittleMemory() throws {
        let (count, dimension) = (65_536, 512)
        let writer = try SafetensorsWriter(
            to: folder.path("large"), tensors: [.init("image_features", .float16, [count, dimension])])
        let block = Matrix<Float>(rows: 4096, columns: dimension, repeating: 0.5)
        for _ in 0..<count / 4096 { try writer.append(block, to: "image_features") }
        try writer.finish()
        let rows = try FeatureRows(files: [folder.path("large")])
        let mapped = try SafetensorsFile(contentsOf: folder.path("large")).tensor("image_features")
        #expect(mapped.byteCount == 64 << 20)
        var stream = rows.stream(blockRows: 1024)
        var largest = 0
        while try stream.next() != nil { largest = max(largest, residentFileMemory("large")) }
        #expect(largest < 4 << 20)
        // That the measure sees what a plain read leaves behind:
        _ = try rows.block(0..<16_384)
        #expect(residentFileMemory("large") >= 16 << 20)
    }
}

/// Resident bytes of this process's mappings of a file.
private func residentFileMemory(_ name: String) -> Int {
    var isMapped = false
    var bytes = 0
    for line in systemText("/proc/self/smaps").split(separator: "\n") {
        if line.contains("-"), line.contains(" r--p ") || line.contains(" rw-p ") || line.contains(" r-xp ") {
            isMapped = line.hasSuffix("/\(name)")
        } else if isMapped, line.hasPrefix("Rss:") {
            bytes += (Int(line.filter(\.isNumber)) ?? 0) * 1024
        }
    }
    return bytes
}
