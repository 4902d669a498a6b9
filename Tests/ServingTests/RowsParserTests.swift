import Foundation
import Testing

@testable import Serving

@Suite struct RowsParserTests {
    private func parse(_ text: String, columns: Int, maximumRows: Int = 100) throws -> [Float] {
        try Array(text.utf8).withUnsafeBytes { try RowsParser(columns: columns, maximumRows: maximumRows).elements($0) }
    }

    private func refusal(_ text: String, columns: Int = 2, maximumRows: Int = 100) -> RequestError? {
        do {
            _ = try parse(text, columns: columns, maximumRows: maximumRows)
            return nil
        } catch { return error as? RequestError }
    }

    @Test func readsRowsInBothForms() throws {
        #expect(try parse("{\"rows\": [[1, -2.5], [3e2, 0.125]]}", columns: 2) == [1, -2.5, 300, 0.125])
        #expect(try parse(" [ [ 1 ,\t2 ] ,\r\n[3,4] ] ", columns: 2) == [1, 2, 3, 4])
    }

    /// Every number is the Float nearest to the text: as the C library reads it.
    @Test func numbersAreRoundedOnce() throws {
        var generator = Mutator(seed: 20)
        var texts = [
            "0", "-0", "0.0", "1e-45", "1e-46", "3.4028235e38", "16777217", "16777217.0000000001", "16777218.9999",
            // Middles between two Floats, and what lies next to them.
            "1.00000005960464477539", "1.000000059604644775390625", "1.0000000596046447753906250000000001",
            "1.00000005960464477539062499999", "9007199791611905", "0.1000000014901161193847656250",
            "123456789012345678901234567890", "0.000000000000000000000000000000012345", "1e22", "1e23", "1E+5", "1e-22",
            "8.5899346e9", "0.00000000000000000000000000000000000000000000140129846432481707",
        ]
        for _ in 0..<20_000 {
            texts.append("\(Float(bitPattern: UInt32.random(in: 0..<0x7f80_0000, using: &generator)))")
            texts.append("\(Double.random(in: -2...2, using: &generator))")
            // As features are written: a digit, a point and some more.
            let digits = (0..<1 + generator.below(20)).map { _ in "\(generator.below(10))" }.joined()
            texts.append((generator.below(2) == 0 ? "-" : "") + "\(generator.below(10)).\(digits)")
        }
        let values = try parse("[[" + texts.joined(separator: ",") + "]]", columns: texts.count)
        for (text, value) in zip(texts, values) {
            #expect(value.bitPattern == strtof(text, nil).bitPattern, "\(text)")
        }
    }

    @Test(arguments: [
        ("", "expected"), ("{}", "name of a member"), ("{\"rows\": []}", "no rows"), ("[[1, 2], [3]]", "row 1 has 1 numbers"),
        ("[[1, 2, 3]]", "row 0 has more than 2"), ("[[1, NaN]]", "row 0, column 1: expected a number"),
        ("[[1, 1e39]]", "more than a Float"), ("[[01, 2]]", "after column 0"), ("[[1., 2]]", "column 0"), ("[[.5, 2]]", "column 0"),
        ("[[1 2]]", "after column 0"), ("[1, 2]", "row 0 is not a list"), ("[[1, 2]", "after row 0"),
        ("[[1, 2]] x", "text after the end"), ("{\"rows\": [[1, 2]], \"top_k\": 3}", "unknown member 'top_k'"),
        ("{\"rows\": [[1, 2]], \"rows\": [[1, 2]]}", "twice"), ("[[1, 2],]", "row 1 is not a list"),
        ("[[\"a\", 2]]", "column 0"), ("[[null, 2]]", "column 0"), ("[[1, +2]]", "column 1"), ("[[1e, 2]]", "column 0"),
        ("{\"rows", "no end"), ("{\"r\\u006fws\": [[1, 2]]}", "expected the member"),
    ])
    func refusesWithThePlace(_ text: String, _ fragment: String) throws {
        let error = try #require(refusal(text))
        #expect(error.status == .badRequest)
        #expect(error.message.contains(fragment), "\(error.message)")
    }

    @Test func tooManyRowsAreToldApart() throws {
        #expect(refusal("[[1, 2], [3, 4], [5, 6]]", maximumRows: 2)?.status == .contentTooLarge)
        #expect(refusal("[[1, 2], [3, 4]]", maximumRows: 2) == nil)
    }

    /// Cut off anywhere, a body is refused and nothing else happens.
    @Test func everyPrefixIsRefused() throws {
        let text = "{\"rows\": [[1.5e-3, -2], [3, 4.25]]}"
        for length in 0..<text.utf8.count { #expect(refusal(String(text.prefix(length))) != nil) }
        #expect(refusal(text) == nil)
    }
}

@Suite struct BearerTokenTests {
    @Test func onlyTheTokenItselfPasses() {
        let token = BearerToken("secret-1")
        #expect(token.isEqual(to: Array("secret-1".utf8)))
        for wrong in ["", "s", "secret-2", "Secret-1", "secret-1 ", "secret-1secret-1"] {
            #expect(!token.isEqual(to: Array(wrong.utf8)))
        }
        #expect(token.isCarried(by: [.authorization: "Bearer secret-1"]))
        #expect(!token.isCarried(by: [.authorization: "Basic secret-1"]))
        #expect(!token.isCarried(by: [:]))
    }
}
