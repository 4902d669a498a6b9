/// JSON as file headers need it: names keep their order, a name given twice is an error, numbers stay text until asked.
///
/// Foundation's decoder keeps one of two equal names in silence, which in a header hides a lie about a tensor.
indirect enum StrictJSON: Equatable {
    case object([(name: String, value: StrictJSON)])
    case array([StrictJSON])
    case string(String)
    case number(String)
    case bool(Bool)
    case null

    struct SyntaxError: Error {
        /// What is wrong and at which byte.
        let reason: String
    }

    /// Parses UTF-8 text that holds one value, with at most `depth` levels.
    static func parse(_ text: UnsafeRawBufferPointer, depth: Int = 32) throws(SyntaxError) -> StrictJSON {
        var parser = Parser(text: text)
        let value = try parser.value(depth: depth)
        parser.skipSpace()
        guard parser.position == text.count else { throw parser.error("text after the end of the value") }
        return value
    }

    var integer: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    /// A word for messages: what kind of value this is.
    var kind: String {
        switch self {
        case .object: "an object"
        case .array: "a list"
        case .string: "a text"
        case .number: "a number"
        case .bool: "a truth value"
        case .null: "null"
        }
    }

    static func == (left: StrictJSON, right: StrictJSON) -> Bool {
        switch (left, right) {
        case (.object(let a), .object(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.name == $1.name && $0.value == $1.value }
        case (.array(let a), .array(let b)): a == b
        case (.string(let a), .string(let b)), (.number(let a), .number(let b)): a == b
        case (.bool(let a), .bool(let b)): a == b
        case (.null, .null): true
        default: false
        }
    }
}

private struct Parser {
    let text: UnsafeRawBufferPointer
    var position = 0

    init(text: UnsafeRawBufferPointer) { self.text = text }

    func error(_ reason: String) -> StrictJSON.SyntaxError {
        .init(reason: "\(reason) at byte \(position)")
    }

    var next: UInt8? { position < text.count ? text[position] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func value(depth: Int) throws(StrictJSON.SyntaxError) -> StrictJSON {
        guard depth > 0 else { throw error("values nested too deeply") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw error("the text ends too early")
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(StrictJSON.SyntaxError) -> StrictJSON {
        position += 1
        var members: [(name: String, value: StrictJSON)] = []
        var names: Set<String> = []
        if take(UInt8(ascii: "}")) { return .object([]) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("expected a name") }
            let name = try string()
            guard names.insert(name).inserted else { throw error("the name '\(name)' stands twice") }
            guard take(UInt8(ascii: ":")) else { throw error("expected ':'") }
            members.append((name, try value(depth: depth - 1)))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error("expected ',' or '}'") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(StrictJSON.SyntaxError) -> StrictJSON {
        position += 1
        var elements: [StrictJSON] = []
        if take(UInt8(ascii: "]")) { return .array([]) }
        repeat { elements.append(try value(depth: depth - 1)) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error("expected ',' or ']'") }
        return .array(elements)
    }

    private mutating func word(_ word: StaticString, _ value: StrictJSON) throws(StrictJSON.SyntaxError) -> StrictJSON {
        let end = position + word.utf8CodeUnitCount
        guard end <= text.count, "\(word)".utf8.elementsEqual(text[position..<end]) else {
            throw error("expected a value")
        }
        position = end
        return value
    }

    /// RFC 8259: an optional minus, digits without leading zeros, fraction, exponent.
    private mutating func number() throws(StrictJSON.SyntaxError) -> String {
        let start = position
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 0x30 && $0 <= 0x39 } ?? false }
        if next == UInt8(ascii: "-") { position += 1 }
        guard isDigit(next) else { throw error("expected a value") }
        if next == UInt8(ascii: "0") {
            position += 1
            if isDigit(next) { throw error("a number starts with zero") }
        }
        while isDigit(next) { position += 1 }
        if next == UInt8(ascii: ".") {
            position += 1
            guard isDigit(next) else { throw error("expected a digit") }
            while isDigit(next) { position += 1 }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            guard isDigit(next) else { throw error("expected a digit") }
            while isDigit(next) { position += 1 }
        }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    private mutating func string() throws(StrictJSON.SyntaxError) -> String {
        position += 1
        var bytes: [UInt8] = []
        while true {
            guard let byte = next else { throw error("a text without its closing quote") }
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: bytes, as: UTF8.self) else { throw error("text that is not UTF-8") }
                return result
            case UInt8(ascii: "\\"): try escape(into: &bytes)
            case 0..<0x20: throw error("a control character inside a text")
            default: bytes.append(byte)
            }
        }
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(StrictJSON.SyntaxError) {
        guard let byte = next else { throw error("a text without its closing quote") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(8)
        case UInt8(ascii: "f"): bytes.append(12)
        case UInt8(ascii: "n"): bytes.append(10)
        case UInt8(ascii: "r"): bytes.append(13)
        case UInt8(ascii: "t"): bytes.append(9)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if code >= 0xd800, code < 0xdc00, next == UInt8(ascii: "\\"), position + 1 < text.count,
                text[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                let low = try hexadecimal()
                guard low >= 0xdc00, low < 0xe000 else { throw error("half of a surrogate pair") }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
            bytes.append(contentsOf: String(scalar).utf8)
        default: throw error("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(StrictJSON.SyntaxError) -> UInt32 {
        guard position + 4 <= text.count else { throw error("an unfinished escape") }
        var code: UInt32 = 0
        for byte in text[position..<position + 4] {
            switch byte {
            case 0x30...0x39: code = code << 4 + UInt32(byte - 0x30)
            case 0x41...0x46: code = code << 4 + UInt32(byte - 0x41 + 10)
            case 0x61...0x66: code = code << 4 + UInt32(byte - 0x61 + 10)
            default: throw error("an escape that is not hexadecimal")
            }
        }
        position += 4
        return code
    }
}
