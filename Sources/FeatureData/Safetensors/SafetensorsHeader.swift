import Foundation

/// The header of a safetensors file, parsed and checked against the file's size.
struct SafetensorsHeader {
    struct Entry {
        var name: String
        var elementType: ElementType
        var shape: [Int]
        /// Relative to `dataStart`.
        var offsets: Range<Int>
    }

    /// The format's own limit, in bytes.
    static let maximumByteCount = 100_000_000

    var metadata: [String: String] = [:]
    /// In the order of their bytes.
    var entries: [Entry] = []
    var dataStart = 8

    init(_ file: MappedFile) throws {
        let url = file.url
        func bad(_ reason: String) -> FeatureDataError {
            FeatureDataError(.badData, url, "not a valid safetensors file: \(reason)")
        }
        guard file.byteCount >= 8 else { throw bad("it has \(file.byteCount) bytes, the header's length alone takes 8") }
        let length = file.bytes.loadUnaligned(as: UInt64.self)
        guard length <= Self.maximumByteCount else {
            throw bad("the header claims \(length) bytes, at most \(Self.maximumByteCount) are allowed")
        }
        guard length <= file.byteCount - 8 else {
            throw bad("the header claims \(length) bytes, the file has \(file.byteCount - 8) after the length")
        }
        dataStart = 8 + Int(length)
        let json: StrictJSON
        do throws(StrictJSON.SyntaxError) {
            json = try StrictJSON.parse(UnsafeRawBufferPointer(rebasing: file.bytes[8..<dataStart]), depth: 8)
        } catch {
            throw bad("the header is not JSON: \(error.reason)")
        }
        guard case .object(let members) = json else { throw bad("the header is \(json.kind), expected an object") }
        for (name, value) in members {
            if name == "__metadata__" {
                metadata = try Self.metadata(value, bad)
            } else {
                entries.append(try Self.entry(name, value, url))
            }
        }
        try checkLayout(url, dataCount: file.byteCount - dataStart)
    }

    private static func metadata(
        _ value: StrictJSON, _ bad: (String) -> FeatureDataError
    ) throws -> [String: String] {
        guard case .object(let members) = value else { throw bad("__metadata__ is \(value.kind), expected an object") }
        var result: [String: String] = [:]
        for (key, text) in members {
            guard case .string(let text) = text else {
                throw bad("__metadata__ entry '\(key)' is \(text.kind), expected a text")
            }
            result[key] = text
        }
        return result
    }

    private static func entry(_ name: String, _ value: StrictJSON, _ url: URL) throws -> Entry {
        func bad(_ reason: String) -> FeatureDataError { FeatureDataError(.badData, url, tensor: name, reason) }
        guard case .object(let members) = value else { throw bad("its header is \(value.kind), expected an object") }
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        for (key, value) in members {
            switch (key, value) {
            case ("dtype", .string(let text)): typeName = text
            case ("shape", .array(let values)): shape = try integers(values, key, bad)
            case ("data_offsets", .array(let values)): offsets = try integers(values, key, bad)
            case ("dtype", _), ("shape", _), ("data_offsets", _): throw bad("'\(key)' is \(value.kind)")
            default: throw bad("its header has an unknown entry '\(key)'")
            }
        }
        guard let typeName else { throw bad("has no dtype") }
        guard let shape else { throw bad("has no shape") }
        guard let offsets else { throw bad("has no data_offsets") }
        guard let elementType = ElementType(rawValue: typeName) else {
            let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
            throw bad("has the unknown dtype '\(typeName)', expected one of \(known)")
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw bad("has the data_offsets \(offsets), expected a start and an end that is not before it")
        }
        guard let byteCount = byteCount(shape, elementType) else {
            throw bad("has the shape \(shape), whose size overflows")
        }
        guard byteCount == offsets[1] - offsets[0] else {
            throw bad(
                "\(typeName) \(shape) takes \(byteCount) bytes, but data_offsets \(offsets) span "
                    + "\(offsets[1] - offsets[0])")
        }
        return Entry(name: name, elementType: elementType, shape: shape, offsets: offsets[0]..<offsets[1])
    }

    /// Sizes and offsets: integers that are not negative.
    private static func integers(
        _ values: [StrictJSON], _ key: String, _ bad: (String) -> FeatureDataError
    ) throws -> [Int] {
        try values.map { value in
            guard let integer = value.integer, integer >= 0 else {
                if case .number(let text) = value { throw bad("'\(key)' holds \(text), expected integers from 0") }
                throw bad("'\(key)' holds \(value.kind), expected integers")
            }
            return integer
        }
    }

    /// nil on overflow, of the product of the dimensions other than zero too.
    static func byteCount(_ shape: [Int], _ elementType: ElementType) -> Int? {
        var bytes = elementType.byteCount
        for size in shape where size != 0 {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
            guard !overflow else { return nil }
            bytes = product
        }
        return shape.contains(0) ? 0 : bytes
    }

    /// Tensors follow each other without gap or overlap and fill the rest of the file.
    private mutating func checkLayout(_ url: URL, dataCount: Int) throws {
        entries.sort {
            ($0.offsets.lowerBound, $0.offsets.upperBound, $0.name) < ($1.offsets.lowerBound, $1.offsets.upperBound, $1.name)
        }
        var end = 0
        for entry in entries {
            func bad(_ reason: String) -> FeatureDataError {
                FeatureDataError(.badData, url, tensor: entry.name, reason)
            }
            let offsets = "data_offsets [\(entry.offsets.lowerBound), \(entry.offsets.upperBound)]"
            guard entry.offsets.upperBound <= dataCount else {
                throw bad("\(offsets) reach beyond the file, which has \(dataCount) bytes of data (is it truncated?)")
            }
            guard entry.offsets.lowerBound == end else {
                throw bad(
                    "\(offsets) \(entry.offsets.lowerBound < end ? "overlap the tensor before" : "leave a gap"), "
                        + "expected the start \(end)")
            }
            end = entry.offsets.upperBound
        }
        guard end == dataCount else {
            throw FeatureDataError(
                .badData, url,
                "not a valid safetensors file: \(dataCount - end) bytes follow the last tensor, expected none")
        }
    }
}
