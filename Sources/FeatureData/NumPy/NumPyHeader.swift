import Foundation

/// The header of a NumPy array file (`.npy`, versions 1 to 3), parsed and checked against the bytes that follow.
///
/// Format: numpy/lib/format.py, "Format Version 1.0": magic, version, header length, a Python dictionary literal.
struct NumPyHeader {
    static let magic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

    var elementType: ElementType
    var shape: [Int]
    /// Bytes before the first element.
    var dataOffset: Int

    /// - Parameters:
    ///   - bytes: the whole array file.
    ///   - bad: makes the error for a reason.
    init(_ bytes: UnsafeRawBufferPointer, bad: (String) -> FeatureDataError) throws {
        guard bytes.count >= 10, bytes.prefix(6).elementsEqual(Self.magic) else {
            throw bad("not a NumPy array file: it does not start with \\x93NUMPY")
        }
        let major = bytes[6]
        guard (1...3).contains(major), bytes[7] == 0 else {
            throw bad("NumPy format version \(major).\(bytes[7]) is unknown, expected 1.0 to 3.0")
        }
        let start = major == 1 ? 10 : 12
        guard bytes.count >= start else { throw bad("the header is cut short") }
        let length =
            major == 1
            ? Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
            : Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        guard length <= bytes.count - start else {
            throw bad("the header claims \(length) bytes, the file has \(bytes.count - start) after its length")
        }
        guard length <= 1 << 20 else { throw bad("the header claims \(length) bytes, at most \(1 << 20) are allowed") }
        guard let text = String(validating: bytes[start..<start + length], as: UTF8.self) else {
            throw bad("the header is not text")
        }
        dataOffset = start + length
        var literal = HeaderLiteral(text)
        guard let header = literal.parse() else {
            throw bad("the header \(text.trimmingCharacters(in: .whitespacesAndNewlines)) is not understood")
        }
        elementType = try Self.elementType(header.description, bad)
        shape = header.shape
        guard !header.isFortranOrder || shape.filter({ $0 != 1 }).count < 2 else {
            throw bad("the array is in Fortran order (columns first), expected C order: save numpy.ascontiguousarray(x)")
        }
        guard let byteCount = SafetensorsHeader.byteCount(shape, elementType) else {
            throw bad("the shape \(shape) overflows")
        }
        guard byteCount == bytes.count - dataOffset else {
            throw bad(
                "\(header.description) \(shape) takes \(byteCount) bytes, but \(bytes.count - dataOffset) follow the header"
                    + (byteCount > bytes.count - dataOffset ? " (is the file truncated?)" : ""))
        }
    }

    /// NumPy's type names: byte order, kind, bytes.
    private static func elementType(_ description: String, _ bad: (String) -> FeatureDataError) throws -> ElementType {
        if description.hasPrefix(">"), !["i1", "u1", "b1"].contains(description.dropFirst()) {
            throw bad("the elements are big-endian ('\(description)'), expected little-endian")
        }
        let known: [String: ElementType] = [
            "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64,
            "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64, "b1": .bool,
        ]
        let name = description.drop { "<=|>".contains($0) }
        guard description.count == name.count + 1, let type = known[String(name)] else {
            let names = known.keys.sorted().joined(separator: ", ")
            throw bad("the element type '\(description)' is not supported, expected one of \(names)")
        }
        return type
    }

    static func name(of type: ElementType) -> String? {
        switch type {
        case .float16: "<f2"
        case .float32: "<f4"
        case .float64: "<f8"
        case .int8: "|i1"
        case .int16: "<i2"
        case .int32: "<i4"
        case .int64: "<i8"
        case .uint8: "|u1"
        case .uint16: "<u2"
        case .uint32: "<u4"
        case .uint64: "<u8"
        case .bool: "|b1"
        case .bfloat16: nil
        }
    }
}

/// The Python dictionary of a header: the keys 'descr', 'fortran_order' and 'shape', each once.
private struct HeaderLiteral {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    mutating func parse() -> (description: String, isFortranOrder: Bool, shape: [Int])? {
        var description: String?
        var isFortranOrder: Bool?
        var shape: [Int]?
        guard take("{") else { return nil }
        while !take("}") {
            guard let key = string(), take(":") else { return nil }
            switch key {
            case "descr" where description == nil: description = string()
            case "fortran_order" where isFortranOrder == nil:
                if take("True") { isFortranOrder = true } else if take("False") { isFortranOrder = false }
            case "shape" where shape == nil: shape = tuple()
            default: return nil
            }
            guard take(",") || peek("}") else { return nil }
        }
        skipSpace()
        guard rest.isEmpty, let description, let isFortranOrder, let shape else { return nil }
        return (description, isFortranOrder, shape)
    }

    private mutating func skipSpace() {
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    }

    private mutating func peek(_ text: String) -> Bool {
        skipSpace()
        return rest.hasPrefix(text)
    }

    private mutating func take(_ text: String) -> Bool {
        guard peek(text) else { return false }
        rest.removeFirst(text.count)
        return true
    }

    private mutating func string() -> String? {
        skipSpace()
        guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
        rest.removeFirst()
        guard let end = rest.firstIndex(of: quote) else { return nil }
        let result = String(rest[..<end])
        rest = rest[rest.index(after: end)...]
        return result.contains("\\") ? nil : result
    }

    private mutating func tuple() -> [Int]? {
        guard take("(") else { return nil }
        var sizes: [Int] = []
        while !take(")") {
            skipSpace()
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let size = Int(digits) else { return nil }
            sizes.append(size)
            rest.removeFirst(digits.count)
            guard take(",") || peek(")") else { return nil }
        }
        return sizes
    }
}
