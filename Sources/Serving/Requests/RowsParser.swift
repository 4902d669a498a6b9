// JSON bodies: {"rows": [[0.1, …], …]}, or the list of rows alone.
//
// Written by hand since JSONDecoder takes some twenty times as long for a row of 512 numbers (Benchmarks/README.md, "The
// service") and could not tell which number of which row is wrong.
import Foundation

/// Reads rows of numbers from JSON text; every number is rounded to the nearest Float.
struct RowsParser {
    /// D: the numbers that each row must have.
    let columns: Int
    let maximumRows: Int

    /// The rows one after the other.
    ///
    /// - Throws: `RequestError` with the place of the first mistake.
    func elements(_ text: UnsafeRawBufferPointer) throws(RequestError) -> [Float] {
        var reader = JSONReader(text: text)
        var result: [Float] = []
        if reader.peek() == UInt8(ascii: "[") {
            try rows(&reader, into: &result)
        } else {
            try object(&reader, into: &result)
        }
        guard reader.peek() == nil else { throw reader.error("text after the end of the value") }
        return result
    }

    private func object(_ reader: inout JSONReader, into result: inout [Float]) throws(RequestError) {
        guard reader.take(UInt8(ascii: "{")) else {
            throw reader.error("expected {\"rows\": [[…], …]}, an object with a list of rows")
        }
        var found = false
        while true {
            let name = try reader.plainString()
            guard name == "rows" else {
                throw .bad("the body has the unknown member '\(name)', expected 'rows' alone; options are given in the query")
            }
            guard !found else { throw .bad("the body has 'rows' twice") }
            found = true
            guard reader.take(UInt8(ascii: ":")) else { throw reader.error("expected ':'") }
            try rows(&reader, into: &result)
            if reader.take(UInt8(ascii: ",")) { continue }
            guard reader.take(UInt8(ascii: "}")) else { throw reader.error("expected ',' or '}'") }
            return
        }
    }

    private func rows(_ reader: inout JSONReader, into result: inout [Float]) throws(RequestError) {
        guard reader.take(UInt8(ascii: "[")) else { throw reader.error("expected a list of rows") }
        if reader.take(UInt8(ascii: "]")) { throw .bad("there are no rows") }
        // A row takes two characters a number at least; what the text cannot hold is not reserved.
        result.reserveCapacity(min(reader.text.count / 2, columns * min(maximumRows, 1 + reader.text.count / (2 * columns))))
        var row = 0
        while true {
            guard row < maximumRows else {
                throw RequestError(.contentTooLarge, "more than \(maximumRows) rows, the most of a request")
            }
            try self.row(row, &reader, into: &result)
            row += 1
            if reader.take(UInt8(ascii: ",")) { continue }
            guard reader.take(UInt8(ascii: "]")) else { throw reader.error("expected ',' or ']' after row \(row - 1)") }
            return
        }
    }

    private func row(_ row: Int, _ reader: inout JSONReader, into result: inout [Float]) throws(RequestError) {
        guard reader.take(UInt8(ascii: "[")) else {
            throw reader.error("row \(row) is not a list of numbers; 'rows' is a list of rows, also for one row")
        }
        var column = 0
        if !reader.take(UInt8(ascii: "]")) {
            while true {
                guard column < columns else {
                    throw .bad("row \(row) has more than \(columns) numbers, the model expects \(columns)")
                }
                guard let value = reader.number() else {
                    throw reader.error("row \(row), column \(column): expected a number")
                }
                guard value.isFinite else {
                    throw reader.error("row \(row), column \(column): the number is more than a Float holds")
                }
                result.append(value)
                column += 1
                if reader.take(UInt8(ascii: ",")) { continue }
                guard reader.take(UInt8(ascii: "]")) else {
                    throw reader.error("expected ',' or ']' in row \(row) after column \(column - 1)")
                }
                break
            }
        }
        guard column == columns else {
            throw .bad("row \(row) has \(column) numbers, the model expects \(columns)")
        }
    }
}

/// The tokens that a list of numbers needs.
struct JSONReader {
    let text: UnsafeRawBufferPointer
    private(set) var position = 0

    init(text: UnsafeRawBufferPointer) { self.text = text }

    func error(_ reason: String) -> RequestError {
        let end = position >= text.count ? ", where the body ends" : ""
        return .bad("the body is not the JSON expected: byte \(position)\(end): \(reason)")
    }

    /// The next byte that is no space, which is not taken; `nil` at the end.
    mutating func peek() -> UInt8? {
        while position < text.count {
            let byte = text[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    /// A text without escapes, for names of members.
    mutating func plainString() throws(RequestError) -> String {
        guard take(UInt8(ascii: "\"")) else { throw error("expected the name of a member") }
        let start = position
        while position < text.count, text[position] != UInt8(ascii: "\"") {
            guard text[position] != UInt8(ascii: "\\"), text[position] >= 0x20, position - start < 64 else {
                throw error("expected the member 'rows'")
            }
            position += 1
        }
        guard position < text.count else { throw error("a text has no end") }
        defer { position += 1 }
        return String(decoding: UnsafeRawBufferPointer(rebasing: text[start..<position]), as: UTF8.self)
    }

    /// The next number, rounded to the nearest Float (infinite beyond its range); `nil` and nothing taken where there is
    /// none.
    mutating func number() -> Float? {
        _ = peek()
        let start = position
        var place = position
        let count = text.count
        func digit(_ place: Int) -> UInt64? {
            guard place < count else { return nil }
            let value = text[place] &- 0x30
            return value < 10 ? UInt64(value) : nil
        }
        let isNegative = place < count && text[place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        // As JSON has it: no leading zeros, digits on both sides of the point.
        guard let first = digit(place) else { return nil }
        var (mantissa, digits, exponent) = (first, first == 0 ? 0 : 1, 0)
        place += 1
        if first != 0 {
            while let next = digit(place) {
                if digits < 18 { mantissa = mantissa * 10 + next } else { exponent += 1 }
                digits += 1
                place += 1
            }
        }
        if place < count, text[place] == UInt8(ascii: ".") {
            place += 1
            guard digit(place) != nil else { return nil }
            while let next = digit(place) {
                if digits < 18 {
                    mantissa = mantissa * 10 + next
                    exponent -= 1
                    if mantissa != 0 { digits += 1 }
                } else {
                    digits += 1
                }
                place += 1
            }
        }
        if place < count, text[place] | 0x20 == UInt8(ascii: "e") {
            place += 1
            var isDown = false
            if place < count, text[place] == UInt8(ascii: "+") || text[place] == UInt8(ascii: "-") {
                isDown = text[place] == UInt8(ascii: "-")
                place += 1
            }
            guard digit(place) != nil else { return nil }
            var power = 0
            while let next = digit(place) {
                if power < 100_000 { power = power * 10 + Int(next) }
                place += 1
            }
            exponent += isDown ? -power : power
        }
        position = place
        let size = Self.nearest(mantissa, exponent, exact: digits <= 18) ?? Self.slow(text, start, place)
        return isNegative ? -size : size
    }

    /// mantissa · 10^exponent as the nearest Float, or `nil` where that needs more care: the product must be one rounding
    /// of numbers that Double holds exactly (Clinger 1990, doi:10.1145/93542.93557), and must not fall on the middle between
    /// two Floats, where rounding twice could differ from rounding once.
    private static func nearest(_ mantissa: UInt64, _ exponent: Int, exact: Bool) -> Float? {
        guard exact, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 else { return nil }
        let value = Double(mantissa)
        let scaled = exponent < 0 ? value / powers[-exponent] : value * powers[exponent]
        guard scaled.bitPattern & 0x1fff_ffff != 0x1000_0000 else { return nil }
        guard scaled == 0 || (scaled > 0x1p-100 && scaled < 0x1p100) else { return nil }
        return Float(scaled)
    }

    /// Without the sign.
    private static func slow(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Float {
        let literal = String(decoding: UnsafeRawBufferPointer(rebasing: text[start..<end]), as: UTF8.self)
        // strtof also reads numbers too large and too small, as infinity and zero or less than the least normal number.
        return abs(strtof(literal, nil))
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
        1e21, 1e22,
    ]
}
