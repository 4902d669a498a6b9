import CGSL
import Foundation

// Saved states: the text "CRNGv1", the generator's name (one byte for its length, then UTF-8), the stream's key (two
// 64-bit words), the size of GSL's state (32 bits), the state as GSL holds it in memory, and a checksum (FNV-1a, 64
// bits) over all before it. Words are little-endian. GSL's states differ between platforms in size; such a state is
// refused.

extension RandomStream {
    private static var magic: [UInt8] { Array("CRNGv1".utf8) }

    /// The stream's whole state: a stream restored from it goes on with the same numbers, and splits into the same
    /// streams. 5 kB with `mt19937`, below 400 bytes with the others.
    public var state: [UInt8] {
        var bytes = Self.magic
        let name = Array(generator.rawValue.utf8)
        bytes.append(UInt8(name.count))
        bytes += name
        bytes.append(littleEndian: key.seed)
        bytes.append(littleEndian: key.stream)
        withState { state in
            bytes.append(littleEndian: UInt32(state.count))
            bytes += state
        }
        bytes.append(littleEndian: checksum(bytes[...]))
        return bytes
    }

    /// The stream that was saved as `state`.
    ///
    /// - Parameter generator: what the saved stream must stand on; `nil` takes any.
    /// - Throws: `RandomStateError` where the bytes are damaged, of another version, platform or generator.
    public init(
        state bytes: some Sequence<UInt8>, generator expected: RandomGenerator? = nil
    ) throws(RandomStateError) {
        let bytes = Array(bytes)
        guard bytes.starts(with: Self.magic) else { throw .notAState }
        guard bytes.count >= Self.magic.count + 9 else { throw .damaged("it ends after \(bytes.count) bytes") }
        let body = bytes.dropLast(8)
        guard checksum(body) == UInt64(littleEndianBytes: bytes.suffix(8)) else {
            throw .damaged("its checksum does not match")
        }
        var rest = body.dropFirst(Self.magic.count)
        let length = Int(rest.removeFirst())
        guard rest.count >= length + 20 else { throw .damaged("it ends after \(bytes.count) bytes") }
        let name = String(decoding: rest.prefix(length), as: UTF8.self)
        guard let generator = RandomGenerator(rawValue: name) else { throw .unknownGenerator(name) }
        if let expected, expected != generator { throw .otherGenerator(expected: expected, found: generator) }
        rest = rest.dropFirst(length)
        let seed = UInt64(littleEndianBytes: rest.prefix(8))
        let stream = UInt64(littleEndianBytes: rest.dropFirst(8).prefix(8))
        let size = Int(UInt32(truncatingIfNeeded: UInt64(littleEndianBytes: rest.dropFirst(16).prefix(4))))
        let saved = Array(rest.dropFirst(20))
        guard saved.count == size else { throw .damaged("it holds \(saved.count) bytes of state, expected \(size)") }

        let storage = GeneratorStorage(generator)
        let expectedSize = gsl_rng_size(storage.pointer)
        guard size == expectedSize else { throw .otherPlatform(expected: expectedSize, found: size) }
        let isValid = saved.withUnsafeBytes { generator.isValidState($0) }
        guard isValid, let target = gsl_rng_state(storage.pointer) else {
            throw .damaged("it is no state of \(generator.rawValue)")
        }
        saved.withUnsafeBytes { target.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(target), byteCount: size) }
        self.init(key: StreamKey(seed: seed, stream: stream), generator: generator, storage: storage)
    }
}

extension RandomStream: Codable {
    /// Decodes `state`, in JSON as Base64.
    ///
    /// - Throws: `RandomStateError`, and what the decoder throws.
    public init(from decoder: any Decoder) throws {
        try self.init(state: decoder.singleValueContainer().decode(Data.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(state))
    }
}

/// Why a saved random stream is refused.
public enum RandomStateError: Error, Equatable, CustomStringConvertible {
    case notAState
    case damaged(String)
    case unknownGenerator(String)
    case otherGenerator(expected: RandomGenerator, found: RandomGenerator)
    case otherPlatform(expected: Int, found: Int)

    public var description: String {
        switch self {
        case .notAState: "random state: the bytes are not a saved state of this version"
        case .damaged(let reason): "random state: damaged, \(reason)"
        case .unknownGenerator(let name): "random state: unknown generator '\(name)'"
        case .otherGenerator(let expected, let found):
            "random state: saved from \(found.rawValue), expected \(expected.rawValue)"
        case .otherPlatform(let expected, let found):
            "random state: \(found) bytes, expected \(expected); it was saved on another platform"
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

extension UInt64 {
    fileprivate init(littleEndianBytes bytes: some BidirectionalCollection<UInt8>) {
        self = bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// FNV-1a.
private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
