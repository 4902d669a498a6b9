@testable import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

/// Headers that lie and files that are damaged: an error of one line, never a trap.
@Suite struct SafetensorsDamageTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func error(_ bytes: [UInt8]) throws -> String {
        let url = try folder.file("bad.safetensors", bytes)
        let error = #expect(throws: FeatureDataError.self) { try SafetensorsFile(contentsOf: url) }
        #expect(error?.kind == .badData)
        let text = error?.description ?? ""
        #expect(text.contains("bad.safetensors: "))
        #expect(!text.contains("\n"))
        return text
    }

    private func error(_ header: String, data: Int = 0) throws -> String {
        try error(Bytes.safetensors(header: header, data: Array(repeating: 0, count: data)))
    }

    @Test func lengths() throws {
        #expect(try error([UInt8]()).hasSuffix("the file is empty"))
        #expect(try error([1, 2, 3]).contains("it has 3 bytes"))
        #expect(try error(Bytes.safetensors(header: "{}", length: 3)).contains("claims 3 bytes, the file has 2"))
        #expect(try error(Bytes.safetensors(header: "{}", length: .max)).contains("claims 18446744073709551615 bytes"))
        #expect(try error(Bytes.safetensors(header: "{}", length: 1)).contains("not JSON"))
        #expect(try error("{}", data: 5).contains("5 bytes follow the last tensor"))
    }

    @Test func headersThatAreNoHeaders() throws {
        #expect(try error("not json").contains("not JSON"))
        #expect(try error("[]").contains("a list, expected an object"))
        #expect(try error("{\"a\":{}").contains("not JSON"))
        #expect(try error("{} x").contains("text after the end"))
        #expect(try error("{\"a\":1}").contains("tensor 'a': its header is a number"))
        #expect(try error("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}").contains("has no data_offsets"))
        #expect(try error("{\"a\":{\"shape\":[],\"data_offsets\":[0,0]}}").contains("has no dtype"))
        #expect(try error("{\"a\":{\"x\":1}}").contains("unknown entry 'x'"))
        #expect(try error("{\"__metadata__\":[]}").contains("__metadata__ is a list"))
        #expect(try error("{\"__metadata__\":{\"n\":7}}").contains("entry 'n' is a number, expected a text"))
        #expect(try error(Bytes.safetensors(header: "") + [0xff]).contains("not JSON"))
        #expect(try error(String(repeating: "[", count: 100_000)).contains("nested too deeply"))
    }

    @Test func duplicateNames() throws {
        let entry = "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}"
        #expect(try error("{\(entry),\(entry)}", data: 1).contains("the name 'a' stands twice"))
        // The same name by another spelling.
        let escaped = entry.replacingOccurrences(of: "\"a\"", with: "\"\\u0061\"")
        #expect(try error("{\(entry),\(escaped)}", data: 1).contains("the name 'a' stands twice"))
    }

    @Test(arguments: [
        ("F8_E4M3", "[1]", "[0,1]", "unknown dtype 'F8_E4M3'"),
        ("F32", "[2]", "[0,4]", "F32 [2] takes 8 bytes, but data_offsets [0, 4] span 4"),
        ("F32", "[1]", "[4,0]", "a start and an end"),
        ("F32", "[1]", "[0,4,8]", "a start and an end"),
        ("F32", "[1]", "[0]", "a start and an end"),
        ("F32", "[-1]", "[0,4]", "'shape' holds -1"),
        ("F32", "[1.5]", "[0,4]", "'shape' holds 1.5"),
        ("F32", "[1e0]", "[0,4]", "'shape' holds 1e0"),
        ("F32", "[\"1\"]", "[0,4]", "'shape' holds a text"),
        ("F32", "{}", "[0,4]", "'shape' is an object"),
        ("F32", "[99999999999999999999]", "[0,4]", "'shape' holds 99999999999999999999"),
        ("F32", "[4294967296,4294967296]", "[0,0]", "overflows"),
        ("F32", "[0,4294967296,4294967296,4294967296]", "[0,0]", "overflows"),
        ("F32", "[4]", "[0,16]", "reach beyond the file, which has 4 bytes"),
        ("F32", "[0]", "[4,4]", "leave a gap"),
        ("U8", "[2]", "[2,4]", "leave a gap"),
        ("U8", "[3]", "[0,3]", "1 bytes follow"),
        ("U8", "[9223372036854775807]", "[0,9223372036854775807]", "reach beyond"),
    ])
    func tensorsThatLie(type: String, shape: String, offsets: String, expected: String) throws {
        let text = try error("{\"t\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}", data: 4)
        #expect(text.contains(expected), "\(text)")
        if !expected.contains("follow") { #expect(text.contains("tensor 't'")) }
    }

    @Test func overlap() throws {
        let header = """
            {"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}
            """
        #expect(try error(header, data: 4).contains("tensor 'b': data_offsets [2, 4] overlap"))
    }

    @Test func hostileNamesStayOnOneLine() throws {
        let text = try error("{\"a\\n\\u001b[31m\":7}")
        #expect(text.contains("tensor 'a\\u{a}\\u{1b}[31m'"))
    }

    @Test func missingFiles() throws {
        let missing = #expect(throws: FeatureDataError.self) { try SafetensorsFile(contentsOf: folder.path("none")) }
        #expect(missing?.kind == .inputMissing)
        #expect(missing?.description.hasSuffix("none: no such file") == true)
        let isFolder = #expect(throws: FeatureDataError.self) { try SafetensorsFile(contentsOf: folder.url) }
        #expect(isFolder?.description.contains("is a folder") == true)
        let url = try folder.file("a", Bytes.safetensors([.init("x", "F32", [1], [0, 0, 0, 0])]))
        let file = try SafetensorsFile(contentsOf: url)
        let tensor = #expect(throws: FeatureDataError.self) { try file.tensor("y") }
        #expect(tensor?.description.hasSuffix("a: tensor 'y': is missing, the file holds x") == true)
        #expect(throws: FeatureDataError.self) { try file.integers("x") }
        #expect(throws: FeatureDataError.self) { try file.tensor("x").matrix(of: Float.self, rows: 0..<2) }
    }

    /// Every truncation of a real file is refused.
    @Test func truncations() throws {
        let whole = [UInt8](try Data(contentsOf: FeatureDataFolder.example.appending(path: "text.safetensors")))
        let ends = Array(0..<2200) + stride(from: 2200, to: whole.count, by: 4999)
        let url = try folder.file("cut", whole)
        for end in ends.reversed() {
            #expect(truncate(url.path, off_t(end)) == 0)
            #expect(throws: FeatureDataError.self, "cut at \(end)") { try SafetensorsFile(contentsOf: url) }
        }
    }

    /// Flipped bytes in the header are refused or give a file that still reads within its bounds.
    @Test func flippedBytes() throws {
        var generator = SplitMix64(state: 7)
        let whole = Bytes.safetensors(
            [
                .init("a", "F16", [2, 3], Array(repeating: 1, count: 12)), .init("b", "U8", [1], [2]),
                .init("labels", "I64", [2], Array(repeating: 0, count: 16)),
            ], metadata: "{\"class_names\":\"[\\\"x\\\"]\"}")
        var accepted = 0
        for _ in 0..<4000 {
            var bytes = whole
            for _ in 0...generator.next(below: 3) {
                bytes[generator.next(below: bytes.count)] = UInt8(truncatingIfNeeded: generator.next())
            }
            let url = try folder.file("flipped", bytes)
            do {
                let file = try SafetensorsFile(contentsOf: url)
                accepted += 1
                for tensor in file.tensors {
                    #expect(try tensor.matrix(of: Float.self).count == tensor.count)
                    if !tensor.elementType.isFloatingPoint { _ = try? tensor.integers() }
                }
            } catch is FeatureDataError {}
        }
        // Most flips hit names, types, offsets; those in the data and in the metadata's text do no harm.
        #expect(accepted > 200 && accepted < 3000)
    }
}
