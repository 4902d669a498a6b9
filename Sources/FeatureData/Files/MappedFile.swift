import Foundation

/// A file mapped into memory for reading, unmapped with its last owner; or bytes in memory that are read like one.
///
/// The size is taken when the file is opened: a file that another program cuts short while it is mapped stops the
/// program at the next access, as with any mapping; files replaced by rename (as everything here is written) are safe.
///
/// `@unchecked Sendable`: the mapping is read-only and its address and size never change.
final class MappedFile: @unchecked Sendable {
    let url: URL
    let bytes: UnsafeRawBufferPointer
    /// The size when opened.
    let byteCount: Int
    /// Whether the bytes are a file's, which can be read again, or memory of its own.
    private let isMapped: Bool

    /// - Throws: `FeatureDataError` (`inputMissing`, `inputOutput`; `badData` for an empty file or a folder).
    init(_ url: URL) throws {
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FeatureDataError(opening: url, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FeatureDataError(opening: url, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let what = status.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is not a regular file"
            throw FeatureDataError(.badData, url, "\(what), expected a file")
        }
        guard status.st_size > 0 else { throw FeatureDataError(.badData, url, "the file is empty") }
        let size = Int(status.st_size)
        guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw FeatureDataError(opening: url, errno: errno)
        }
        self.url = url
        isMapped = true
        byteCount = size
        bytes = UnsafeRawBufferPointer(start: base, count: size)
    }

    /// A copy of bytes that came from elsewhere, such as a request.
    ///
    /// - Parameter name: for messages, in the place of a file's name.
    /// - Throws: `FeatureDataError.badData` where there is none.
    init(copying source: UnsafeRawBufferPointer, named name: String) throws {
        url = URL(filePath: name)
        guard source.count > 0 else { throw FeatureDataError(.badData, url, "is empty") }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 64)
        copy.copyMemory(from: source)
        bytes = UnsafeRawBufferPointer(copy)
        byteCount = source.count
        isMapped = false
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }

    /// Lets the system drop the pages that lie wholly inside `range` from this process; they are read again on demand.
    func dropPages(in range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard isMapped, end > start, let base = bytes.baseAddress else { return }
        // A read-only mapping of a file: dropping loses nothing, so a failure needs no handling.
        _ = madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, Int32(MADV_DONTNEED))
    }

    /// Tells the system that the file will be read from front to back.
    func willReadInOrder() {
        guard isMapped else { return }
        _ = madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, Int32(MADV_SEQUENTIAL))
    }
}
