@testable import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct SafetensorsRoundTripTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// Every 16-bit pattern survives reading and writing, as Float and as Double.
    @Test(arguments: [ElementType.float16, .bfloat16])
    func everyHalf(type: ElementType) throws {
        let patterns = (0...UInt16.max).map { $0 }
        let bytes = patterns.withUnsafeBytes { Array($0) }
        let url = try folder.file("a", Bytes.safetensors([.init("h", type.rawValue, [256, 256], bytes)]))
        let tensor = try SafetensorsFile(contentsOf: url).tensor("h")
        try check(tensor.matrix(of: Float.self))
        try check(tensor.matrix(of: Double.self))

        func check<Scalar: MatrixScalar>(_ matrix: Matrix<Scalar>) throws {
            let copy = folder.path("copy")
            let writer = try SafetensorsWriter(to: copy, tensors: [.init("h", type, [256, 256])])
            try writer.append(matrix, to: "h")
            try writer.finish()
            let back = try SafetensorsFile(contentsOf: copy).tensor("h").withUnsafeBytes {
                Array($0.bindMemory(to: UInt16.self))
            }
            let exponent: UInt16 = type == .float16 ? 0x7c00 : 0x7f80
            for (pattern, read) in zip(patterns, back) {
                let isNaN = pattern & exponent == exponent && pattern & ~(exponent | 0x8000) != 0
                // The payload of a NaN may change, that it is one may not.
                let same = isNaN ? read & exponent == exponent && read & ~(exponent | 0x8000) != 0 : read == pattern
                if !same { Issue.record("\(pattern) became \(read)") }
            }
        }
    }

    @Test func floatsAndDoublesKeepTheirBits() throws {
        let floats: [Float] = [0, -0, 1, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.leastNormalMagnitude]
        let doubles: [Double] = [0, -0, 1, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.leastNormalMagnitude]
        let writer = try SafetensorsWriter(
            to: folder.path("a"), tensors: [.init("f", .float32, [2, 2, 2]), .init("d", .float64, [8])],
            metadata: ["key \"q\"": "line\nbreak \u{1} ü 😀"])
        try writer.append(Matrix(rows: 2, columns: 4, elements: floats), to: "f")
        // Element by element: appending in pieces changes nothing.
        for value in doubles { try writer.append(Matrix(rows: 1, columns: 1, elements: [value]), to: "d") }
        try writer.finish()
        let file = try SafetensorsFile(contentsOf: folder.path("a"))
        #expect(file.metadata == ["key \"q\"": "line\nbreak \u{1} ü 😀"])
        #expect(try file.tensor("f").shape == [2, 2, 2])
        #expect(try file.matrix("f", of: Float.self).elements.map(\.bitPattern) == floats.map(\.bitPattern))
        #expect(try file.tensor("d").values(of: Double.self).map(\.bitPattern) == doubles.map(\.bitPattern))
        #expect(file.tensors.map(\.name) == ["d", "f"])
        #expect(folder.names == ["a"])
    }

    @Test(arguments: ElementType.allCases.filter { !$0.isFloatingPoint })
    func integersKeepTheirValues(type: ElementType) throws {
        let values: [Int] =
            switch type {
            case .bool: [0, 1, 1, 0]
            case .int8: [-128, 127, 0, 5]
            case .uint8: [0, 255, 7, 1]
            case .int16: [-32768, 32767, 0, 9]
            case .uint16: [0, 65535, 3, 2]
            case .int32: [-2_147_483_648, 2_147_483_647, 0, 1]
            case .uint32: [0, 4_294_967_295, 1, 2]
            default: [0, Int.max, 1, 2]
            }
        let writer = try SafetensorsWriter(to: folder.path("a"), tensors: [.init("i", type, [4])])
        try writer.append(values, to: "i")
        try writer.finish()
        let tensor = try SafetensorsFile(contentsOf: folder.path("a")).tensor("i")
        #expect(try tensor.integers() == values)
        #expect(try tensor.integers(in: 1..<3) == Array(values[1..<3]))
        #expect(try tensor.values(of: Double.self) == values.map(Double.init))
    }

    @Test func numbersThatDoNotFitAreRefused() throws {
        func refusal(_ type: ElementType, _ value: Double) -> FeatureDataError? {
            #expect(throws: FeatureDataError.self) {
                let writer = try SafetensorsWriter(to: folder.path("a"), tensors: [.init("x", type, [2])])
                try writer.append(Matrix<Double>(rows: 1, columns: 2, elements: [0, value]), to: "x")
            }
        }
        #expect(refusal(.float16, 65520)?.description.hasSuffix("a: tensor 'x': element 1 is 65520.0, which F16 cannot hold") == true)
        #expect(refusal(.bfloat16, 3.4e38)?.kind == .badData)
        #expect(refusal(.float32, 1e39)?.kind == .badData)
        #expect(refusal(.int32, 0.5)?.kind == .badData)
        #expect(refusal(.uint8, 256)?.kind == .badData)
        #expect(folder.names.isEmpty)
    }

    @Test func sameContentSameBytes() throws {
        func write(_ name: String, _ order: [Int]) throws -> Data {
            let all: [TensorDeclaration] = [.init("b", .float16, [3]), .init("a", .float16, [1]), .init("c", .int64, [1])]
            let writer = try SafetensorsWriter(
                to: folder.path(name), tensors: order.map { all[$0] }, metadata: ["y": "1", "x": "2"])
            for index in order {
                let count = all[index].count
                try writer.append([Int](repeating: index, count: count), to: all[index].name)
            }
            try writer.finish()
            return try Data(contentsOf: folder.path(name))
        }
        let first = try write("1", [0, 1, 2])
        #expect(try write("2", [2, 0, 1]) == first)
        // 8-byte elements first, then names; every tensor starts at a multiple of its element size.
        #expect(try SafetensorsFile(contentsOf: folder.path("1")).tensors.map(\.name) == ["c", "a", "b"])
    }

    /// Tensors of odd length leave the next one at an odd address.
    @Test func unalignedTensors() throws {
        let half: [UInt16] = [0x3c00, 0xc000, 0x3555]
        let float: [Float] = [1.5, -2]
        let url = try folder.file(
            "a",
            Bytes.safetensors([
                .init("one", "U8", [1], [7]), .init("half", "F16", [3], half.withUnsafeBytes { Array($0) }),
                .init("float", "F32", [2], float.withUnsafeBytes { Array($0) }),
                .init("empty", "F32", [0, 4], []),
                .init("long", "I64", [1], Array(repeating: 0xff, count: 8)),
            ]))
        let file = try SafetensorsFile(contentsOf: url)
        #expect(try file.matrix("half", of: Float.self).elements == [1, -2, 0.33325195])
        #expect(try file.matrix("half", of: Double.self).elements == [1, -2, 0.333251953125])
        #expect(try file.matrix("float", of: Float.self).elements == float)
        #expect(try file.integers("long") == [-1])
        #expect(try file.matrix("empty", of: Float.self).columns == 4)
        #expect(try file.tensor("one").scalar(of: Float.self) == 7)
    }
}
