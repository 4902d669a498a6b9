import Foundation

/// An `.npz` file as `numpy.savez` writes it: a zip archive of uncompressed `.npy` files, mapped for reading.
///
/// Format: PKWARE's APPNOTE 6.3. What `numpy.savez_compressed` writes is refused: it cannot be mapped.
public struct NumPyArchive: Sendable {
    public let url: URL
    /// In the order of the archive's directory, named without `.npy`.
    public let arrays: [StoredTensor]

    /// - Throws: `FeatureDataError`.
    public init(contentsOf url: URL) throws {
        try self.init(MappedFile(url))
    }

    init(_ file: MappedFile) throws {
        url = file.url
        var names: Set<String> = []
        arrays = try ZipDirectory(file).members.map { member in
            let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
            func bad(_ reason: String) -> FeatureDataError {
                FeatureDataError(.badData, file.url, tensor: name, reason)
            }
            guard names.insert(name).inserted else { throw bad("is in the archive twice") }
            guard member.method == 0 else {
                let method = member.method == 8 ? "deflate" : "method \(member.method)"
                throw bad("is compressed (\(method)), expected stored: write it with numpy.savez")
            }
            let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[member.range])
            let header = try NumPyHeader(bytes, bad: bad)
            return StoredTensor(
                name: name, elementType: header.elementType, shape: header.shape, file: file,
                offset: member.range.lowerBound + header.dataOffset)
        }
    }
}

/// The central directory of a zip archive, with every member's bytes checked to lie inside the file.
private struct ZipDirectory {
    struct Member {
        var name: String
        /// 0 stored, 8 deflated.
        var method: Int
        var range: Range<Int>
    }

    var members: [Member] = []
    private let file: MappedFile

    init(_ file: MappedFile) throws {
        self.file = file
        let end = try endRecord()
        var position = end.start
        for _ in 0..<end.count {
            guard let member = try nextMember(&position) else { throw bad("its directory is damaged") }
            members.append(member)
        }
    }

    private func bad(_ reason: String) -> FeatureDataError {
        FeatureDataError(.badData, file.url, "not a valid .npz file: \(reason)")
    }

    /// A little-endian number of `size` bytes, or nil outside the file.
    private func number(_ offset: Int, _ size: Int) -> Int? {
        guard offset >= 0, offset <= file.byteCount - size else { return nil }
        var value: UInt64 = 0
        for byte in file.bytes[offset..<offset + size].reversed() { value = value << 8 | UInt64(byte) }
        return Int(exactly: value)
    }

    /// Where the directory starts and how many members it has.
    private func endRecord() throws -> (start: Int, count: Int) {
        // The record is at the very end, before a comment of at most 65535 bytes.
        var position = file.byteCount - 22
        while position >= max(0, file.byteCount - 22 - 65535) {
            if number(position, 4) == 0x0605_4b50, number(position + 20, 2) == file.byteCount - position - 22 { break }
            position -= 1
        }
        guard position >= 0, let count = number(position + 10, 2), let start = number(position + 16, 4),
            number(position, 4) == 0x0605_4b50
        else { throw bad("the zip directory's end is missing (is the file truncated?)") }
        guard count == 0xffff || start == 0xffff_ffff else { return (start, count) }
        guard number(position - 20, 4) == 0x0706_4b50, let record = number(position - 12, 8),
            number(record, 4) == 0x0606_4b50, let count = number(record + 32, 8), let start = number(record + 48, 8)
        else { throw bad("its 64-bit directory is damaged") }
        // Each entry takes 46 bytes at least.
        guard count <= file.byteCount / 46 else { throw bad("its directory claims \(count) members") }
        return (start, count)
    }

    private func nextMember(_ position: inout Int) throws -> Member? {
        guard number(position, 4) == 0x0201_4b50, let flags = number(position + 8, 2),
            let method = number(position + 10, 2), var size = number(position + 20, 4),
            let fullSize = number(position + 24, 4), let nameLength = number(position + 28, 2),
            let extraLength = number(position + 30, 2), let commentLength = number(position + 32, 2),
            var local = number(position + 42, 4)
        else { return nil }
        let nameStart = position + 46
        let extraStart = nameStart + nameLength
        guard extraStart <= file.byteCount - extraLength - commentLength,
            let name = String(validating: file.bytes[nameStart..<extraStart], as: UTF8.self)
        else { return nil }
        guard flags & 1 == 0 else { throw bad("'\(name)' is encrypted") }
        // Sizes beyond 32 bits are in the extra field 1, in the order: full size, stored size, place.
        var field = extraStart
        while field + 4 <= extraStart + extraLength, let tag = number(field, 2), let length = number(field + 2, 2) {
            if tag == 1 {
                var value = field + 4
                if fullSize == 0xffff_ffff { value += 8 }
                if size == 0xffff_ffff, let wide = number(value, 8) { (size, value) = (wide, value + 8) }
                if local == 0xffff_ffff, let wide = number(value, 8) { local = wide }
            }
            field += 4 + length
        }
        position = extraStart + extraLength + commentLength
        guard number(local, 4) == 0x0403_4b50, let localName = number(local + 26, 2),
            let localExtra = number(local + 28, 2)
        else { throw bad("the member '\(name)' is not where the directory says") }
        let start = local + 30 + localName + localExtra
        guard start <= file.byteCount, size <= file.byteCount - start else {
            throw bad("the member '\(name)' reaches beyond the file")
        }
        return Member(name: name, method: method, range: start..<start + size)
    }
}
