import Foundation

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
        if let common = fraction() { return common }
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

    /// A number as features have them: one digit, a point, 1 to 15 digits and no exponent; `nil` and nothing taken for any
    /// other, which `number` reads. Without branches that depend on the digits: mispredicted ones would cost more than all
    /// the rest.
    private mutating func fraction() -> Float? {
        // As many bytes as are looked at.
        guard position + 24 <= text.count, let base = text.baseAddress else { return nil }
        let start = base + position
        let isNegative = start.load(as: UInt8.self) == UInt8(ascii: "-")
        let first = start + (isNegative ? 1 : 0)
        let whole = UInt64(first.load(as: UInt8.self) &- 0x30)
        guard whole < 10, (first + 1).load(as: UInt8.self) == UInt8(ascii: ".") else { return nil }
        let (leading, count) = Self.digits(first + 2, atMost: 8)
        let (trailing, more) = Self.digits(first + 10, atMost: count & 8)
        let digits = count + more
        let end = first + 2 + digits
        let mantissa = (whole &* Self.tens[count] &+ leading) &* Self.tens[more] &+ trailing
        guard digits > 0, digits < 16, end.load(as: UInt8.self) | 0x20 != UInt8(ascii: "e"),
            let size = Self.nearest(mantissa, -digits, exact: true)
        else { return nil }
        position = end - base
        return Float(bitPattern: size.bitPattern | (isNegative ? 0x8000_0000 : 0))
    }

    /// The number that the digits among the next eight bytes make, up to the first that is no digit: all bytes of a word at
    /// once, pairs of digits, then pairs of pairs.
    @inline(__always)
    private static func digits(_ place: UnsafeRawPointer, atMost most: Int) -> (value: UInt64, count: Int) {
        var word = UInt64(littleEndian: place.loadUnaligned(as: UInt64.self)) ^ 0x3030_3030_3030_3030
        // The top bit of every byte above 9; a carry reaches only what comes after the first of them.
        let others = (word &+ 0x7676_7676_7676_7676 | word) & 0x8080_8080_8080_8080
        let count = min(most, others.trailingZeroBitCount / 8)
        // The digits move to the end, zeros come before them.
        word = word << (64 - 8 * count)
        word = (word &* 10 &+ word >> 8) & 0x00ff_00ff_00ff_00ff
        word = (word &* 100 &+ word >> 16) & 0x0000_ffff_0000_ffff
        return ((word &* 10_000 &+ word >> 32) & 0xffff_ffff, count)
    }

    private static let tens: [UInt64] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]

    /// mantissa · 10^exponent as the nearest Float, or `nil` where that needs more care: the product must be one rounding
    /// of numbers that Double holds exactly (Clinger 1990, doi:10.1145/93542.93557), and must not fall on the middle between
    /// two Floats, where rounding twice could differ from rounding once.
    @inline(__always)
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
