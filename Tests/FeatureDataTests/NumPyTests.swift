@testable import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct NumPyTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func header(_ type: String, _ shape: String, fortran: String = "False") -> String {
        "{'descr': '\(type)', 'fortran_order': \(fortran), 'shape': \(shape), }"
    }

    private func error(_ bytes: [UInt8]) throws -> String {
        let url = try folder.file("bad.npy", bytes)
        let error = #expect(throws: FeatureDataError.self) { try NumPyFile(contentsOf: url) }
        #expect(error?.kind == .badData)
        return error?.description ?? ""
    }

    @Test(arguments: [1, 2, 3] as [UInt8])
    func versions(version: UInt8) throws {
        let data = Bytes.of([1, -2, 3, 4, 5, 6] as [Float])
        let url = try folder.file("a.npy", NumPyBytes.npy(header: header("<f4", "(2, 3)"), version: version, data: data))
        let array = try NumPyFile(contentsOf: url).array
        #expect(array.shape == [2, 3] && array.name == "a")
        #expect(try array.matrix(of: Double.self).elements == [1, -2, 3, 4, 5, 6])
    }

    @Test func scalarsVectorsAndBooleans() throws {
        func array(_ type: String, _ shape: String, _ data: [UInt8]) throws -> StoredTensor {
            try NumPyFile(contentsOf: folder.file("a.npy", NumPyBytes.npy(header: header(type, shape), data: data))).array
        }
        #expect(try array("<f8", "()", Bytes.of([2.5])).scalar(of: Double.self) == 2.5)
        #expect(try array("|b1", "(3,)", [1, 0, 1]).integers() == [1, 0, 1])
        #expect(try array("<u2", "(1,)", [0xff, 0xff]).integers() == [65535])
        #expect(try array("|i1", "(2,)", [0xff, 1]).integers() == [-1, 1])
        #expect(try array("<f2", "(0, 5)", []).matrix(of: Float.self).columns == 5)
    }

    @Test func damage() throws {
        let data = Bytes.of([1, 2] as [Float])
        func bad(_ text: String, _ version: UInt8 = 1, _ bytes: [UInt8]? = nil) throws -> String {
            try error(NumPyBytes.npy(header: text, version: version, data: bytes ?? data))
        }
        #expect(try bad(header("<f4", "(3,)")).contains("<f4 [3] takes 12 bytes, but 8 follow the header (is the file"))
        #expect(try bad(header("<f4", "(1,)")).contains("takes 4 bytes, but 8 follow"))
        #expect(try bad(header(">f4", "(2,)")).contains("big-endian ('>f4')"))
        #expect(try bad(header("<f4", "(2, 2)", fortran: "True")).contains("Fortran order"))
        #expect(try bad(header("<c8", "(1,)")).contains("element type '<c8' is not supported"))
        #expect(try bad(header("|O", "(2,)")).contains("element type '|O' is not supported"))
        #expect(try bad(header("<f4", "(-2,)")).contains("not understood"))
        #expect(try bad(header("<f4", "(99999999999999999999,)")).contains("not understood"))
        #expect(try bad(header("<f4", "(9999999999, 9999999999)")).contains("overflows"))
        #expect(try bad("{'descr': '<f4', 'shape': (2,)}").contains("not understood"))
        #expect(try bad("nonsense").contains("not understood"))
        #expect(try bad(header("<f4", "(2,)"), 9).contains("version 9.0 is unknown"))
        #expect(try error(Array("hello, this is text".utf8)).contains("does not start with"))
        #expect(try error([0x93]).contains("does not start with"))
        #expect(try error([0x93] + Array("NUMPY".utf8) + [1, 0, 0xff, 0xff]).contains("claims 65535 bytes"))
    }

    @Test func writerRoundTrip() throws {
        let matrix = Matrix<Float>(rows: 3, columns: 2, elements: [1, 2, 0.5, -4, 1024, -0.25])
        for type in ElementType.allCases where type.isFloatingPoint && type != .bfloat16 {
            let writer = try NumPyWriter(to: folder.path("a.npy"), elementType: type, shape: [3, 2])
            try writer.append(matrix.rows(0..<1))
            try writer.append(matrix.rows(1..<3))
            try writer.finish()
            let array = try NumPyFile(contentsOf: folder.path("a.npy")).array
            #expect(array.elementType == type && array.shape == [3, 2])
            #expect(try array.matrix(of: Float.self).elements == matrix.elements)
        }
        let writer = try NumPyWriter(to: folder.path("l.npy"), elementType: .int32, shape: [2])
        try writer.append([7, -7])
        try writer.finish()
        let bytes = try Data(contentsOf: folder.path("l.npy"))
        #expect(bytes.count == 128 + 8)
        #expect(try NumPyFile(contentsOf: folder.path("l.npy")).array.integers() == [7, -7])
        #expect(throws: FeatureDataError.self) {
            try NumPyWriter(to: folder.path("b.npy"), elementType: .bfloat16, shape: [1])
        }
    }

    @Test func randomDamageNeverTraps() throws {
        var generator = SplitMix64(state: 11)
        let whole = NumPyBytes.npy(header: header("<f4", "(2, 1)"), data: Bytes.of([1, 2] as [Float]))
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0...generator.next(below: 3) {
                bytes[generator.next(below: bytes.count)] = UInt8(truncatingIfNeeded: generator.next())
            }
            let url = try folder.file("flipped.npy", Array(bytes.prefix(generator.next(below: bytes.count * 4) + 1)))
            do {
                let array = try NumPyFile(contentsOf: url).array
                #expect(try array.matrix(of: Float.self).count == array.count)
            } catch is FeatureDataError {}
        }
    }

    @Test func archives() throws {
        let features = NumPyBytes.npy(header: header("<f4", "(2, 2)"), data: Bytes.of([3, 4, 0, 5] as [Float]))
        let labels = NumPyBytes.npy(header: header("<i8", "(2,)"), data: Bytes.of([1, 0]))
        let whole = NumPyBytes.archive([("image_features.npy", features), ("labels.npy", labels)])
        let rows = try FeatureRows(files: [folder.file("a.npz", whole)]).load()
        #expect(rows.labels == [1, 0])
        expectClose(rows.features.elements, [0.6, 0.8, 0, 1], absolute: 1e-7)

        func error(_ bytes: [UInt8]) throws -> String {
            let url = try folder.file("b.npz", bytes)
            return #expect(throws: FeatureDataError.self) { try NumPyArchive(contentsOf: url) }?.description ?? ""
        }
        #expect(try error(NumPyBytes.archive([("x.npy", labels)], method: 8)).contains("tensor 'x': is compressed (deflate)"))
        #expect(try error(NumPyBytes.archive([("x.npy", labels), ("x.npy", labels)])).contains("in the archive twice"))
        var generator = SplitMix64(state: 5)
        for end in 0..<whole.count { #expect(try error(Array(whole.prefix(end))).isEmpty == false) }
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0...generator.next(below: 2) {
                bytes[generator.next(below: bytes.count)] = UInt8(truncatingIfNeeded: generator.next())
            }
            let url = try folder.file("c.npz", bytes)
            do {
                for array in try NumPyArchive(contentsOf: url).arrays { _ = try array.matrix(of: Float.self) }
            } catch is FeatureDataError {}
        }
    }
}
